import { describe, expect, test } from "vitest";
import { instant } from "../brand.js";
import {
  answer,
  interrupt,
  now,
  opened,
  passesOf,
  planOf,
  play,
  sent,
  signal,
  start,
  wake,
} from "../testing/builders.js";

const openPaths = (decision: ReturnType<typeof play>) => [...(decision.job?.control.open.keys() ?? [])];

describe("every arrival is a pass of its own", () => {
  const twice = (activity: string, more = "") =>
    planOf(`
    - subscribes: t
      activities:
        start: { type: trigger, job: { maps: { begun: true } } }
        turn: { type: hook }
        a: { type: hook }
        b: { type: hook }
        x: ${activity}
      transitions:
        start: [ { to: turn } ]
        turn: [ { to: a }, { to: b } ]
        a: [ { to: x } ]
        b: [ { to: x } ]
      ${more}
    - subscribes: u
      activities: { child: { type: trigger } }
    `);
  const go = "hooks: { go: [ { to: x, conditions: { match: [ { expected: 1, actual: '{$self.hook.data.x}' } ] } } ] }";

  test("a pass-through hook runs twice", () => {
    const count = "{ '@pipe': [ ['{$job.data.n}', 0], ['{@conditional.nullish}', 1], ['{@math.add}'] ] }";
    const plan = twice(`{ type: hook, job: { maps: { n: ${count} } } }`);
    const decision = play(plan, [start(plan)]);

    expect(decision.job?.record).toMatchObject({ phase: "completed", data: { n: 2 } });
    expect(passesOf(decision, "x")).toEqual([",0,0,0,0", ",0,0,0,1"]);
  });

  test("a worker is dispatched twice, and so is an await", () => {
    const worker = twice("{ type: worker, topic: w }");
    const child = twice("{ type: await, topic: u }");

    expect(sent(play(worker, [start(worker)])).map(({ path }) => path)).toEqual(["x,0,0,0,0", "x,0,0,0,1"]);
    const children = sent(play(child, [start(child)]));
    expect(children.map(({ kind }) => kind)).toEqual(["start", "start"]);
    expect(new Set(children.map(({ job }) => job)).size).toBe(2);
  });

  test("a waiting hook waits twice", () => {
    const plan = twice("{ type: hook }", go);

    expect(opened(play(plan, [start(plan)])).map(({ path }) => path)).toEqual(["x,0,0,0,0", "x,0,0,0,1"]);
  });

  test("a remote interruption is sent twice", () => {
    const plan = twice("{ type: interrupt, target: other }");

    const keys = sent(play(plan, [start(plan)])).map(({ key }) => key);

    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(2);
  });

  test("a cycle enters its ancestor twice", () => {
    const plan = twice("{ type: cycle, ancestor: turn }");
    const limits = { cyclesMax: 3 };
    const decision = play(plan, [start(plan)], { limits });

    expect(passesOf(decision, "turn").slice(0, 3)).toEqual([",0,0", ",0,1", ",0,2"]);
  });

  test("the first self-interrupt interrupts the job, and there is no second", () => {
    const plan = twice("{ type: interrupt }");

    const decision = play(plan, [start(plan)]);

    expect(decision.job?.record).toMatchObject({ phase: "interrupted", data: { begun: true } });
    expect(decision.job?.record.status).toBeLessThan(-100_000_000);
  });
});

describe("numbers of passes", () => {
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        outer: { type: hook }
        inner: { type: hook }
        work: { type: worker, topic: w }
        next: { type: hook }
        again: { type: cycle, ancestor: inner }
        over: { type: cycle, ancestor: outer }
      transitions:
        start: [ { to: outer } ]
        outer: [ { to: inner } ]
        inner: [ { to: work } ]
        work:
          - { to: next, conditions: { code: [200, 202] } }
          - { to: again, conditions: { code: 206 } }
          - { to: over, conditions: { code: 207 } }
  `);
  const at = (address: string, code: number) => answer(`work${address}`, {}, { code });

  test("a first answer keeps the index, further ones take the next, children are below their pass", () => {
    const path = "work,0,0,0,0";
    const interim = (key: string) => answer(path, {}, { status: "pending", code: 202, key });
    const decision = play(plan, [start(plan), interim("one"), interim("two"), answer(path)]);

    expect(passesOf(decision, "work")).toEqual([",0,0,0,0", ",0,0,0,1", ",0,0,0,2"]);
    expect(passesOf(decision, "next")).toEqual([",0,0,0,0,0", ",0,0,0,1,0", ",0,0,0,2,0"]);
  });

  test("an inner loop starts at index 0 under each new outer index", () => {
    const turns = [at(",0,0,0,0", 206), at(",0,0,1,0", 207), at(",0,1,0,0", 206)];
    const decision = play(plan, [start(plan), ...turns]);

    expect(passesOf(decision, "outer")).toEqual([",0,0", ",0,1"]);
    expect(passesOf(decision, "inner")).toEqual([",0,0,0", ",0,0,1", ",0,1,0", ",0,1,1"]);
    expect(openPaths(decision)).toEqual(["work,0,1,1,0"]);
  });
});

describe("a pivot", () => {
  test("that waited does not wait again, has the cycle's payload for its output, and maps it", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        wait: { type: hook, output: { maps: { made: first } }, job: { maps: { out: '{wait.output.data}' } } }
        work: { type: worker, topic: w }
        again: { type: cycle, ancestor: wait, input: { maps: { n: 2 } } }
      transitions:
        start: [ { to: wait } ]
        wait: [ { to: work } ]
        work: [ { to: again, conditions: { code: 206 } } ]
      hooks: { go: [ { to: wait, conditions: { match: [ { expected: 1, actual: '{$self.hook.data.x}' } ] } } ] }
    `);
    const signalled = play(plan, [start(plan), signal("wait,0,0")]);
    expect(signalled.job?.record.data).toEqual({ out: { made: "first" } });

    const [work] = openPaths(signalled);
    const decision = play(plan, [answer(String(work), {}, { code: 206 })], { from: signalled.job });

    expect(decision.job?.record.data).toEqual({ out: { n: 2 } });
    expect(opened(decision)).toEqual([]);
    expect(sent(decision).map(({ topic }) => topic)).toEqual(["w"]);
  });

  test("that is a worker or an await is not dispatched again, it only transitions", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        work: { type: worker, topic: w, job: { maps: { n: '{$self.output.data.n}' } } }
        note: { type: worker, topic: v }
        again: { type: cycle, ancestor: work, input: { maps: { n: 2 } } }
      transitions:
        start: [ { to: work } ]
        work: [ { to: note, conditions: { code: 200 } } ]
        note: [ { to: again, conditions: { code: 206 } } ]
    `);
    const first = play(plan, [start(plan), answer("work,0,0", { n: 1 })]);
    const [note] = openPaths(first);

    const decision = play(plan, [answer(String(note), {}, { code: 206 })], { from: first.job });

    expect(decision.job?.record.data).toEqual({ n: 2 });
    expect(sent(decision).map(({ topic }) => topic)).toEqual(["v"]);
  });
});

describe("status and code of a response are independent", () => {
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        work: { type: worker, topic: w, job: { maps: { got: '{$self.output.data.n}' } } }
        ok: { type: hook, job: { maps: { ok: true } } }
        part: { type: hook, job: { maps: { part: true } } }
      transitions:
        start: [ { to: work } ]
        work: [ { to: ok, conditions: { code: '200' } }, { to: part, conditions: { code: [ 202, '206' ] } } ]
  `);

  test.each([
    ["success", 200, 0, { got: 1, ok: true }],
    ["success", 202, 0, { got: 1, part: true }],
    ["success", 206, 0, { got: 1, part: true }],
    ["success", 299, 0, { got: 1 }],
    ["pending", 202, 1, { got: 1, part: true }],
    ["pending", 200, 1, { got: 1, ok: true }],
    ["error", 200, 0, { ok: true }],
  ] as const)("%s with %i leaves %i obligations", (...[status, code, js, data]) => {
    const { job } = play(plan, [start(plan), answer("work,0,0", { n: 1 }, { status, code })]);

    expect(job?.record).toMatchObject({ status: js, data, failure: null });
  });
});

describe("a waiting hook", () => {
  const count = "{ '@pipe': [ ['{$job.data.n}', 0], ['{@conditional.nullish}', 1], ['{@math.add}'] ] }";
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        wait: { type: hook, sleep: 5, output: { maps: { at: '{$job.data.n}' } }, job: { maps: { n: ${count} } } }
        note: { type: hook, job: { maps: { at: '{wait.output.data}', by: '{wait.hook.data}' } } }
      transitions: { start: [ { to: wait } ], wait: [ { to: note } ] }
      hooks: { go: [ { to: wait, conditions: { match: [ { expected: 1, actual: '{$hook.data.x}' } ] } } ] }
  `);

  test("evaluates job.maps on entry and on waking, and output.maps on entry alone", () => {
    expect(play(plan, [start(plan)]).job?.record.data).toEqual({ n: 1 });
    expect(play(plan, [start(plan), signal("wait,0,0", { x: 1 })]).job?.record.data).toEqual({
      ...{ n: 2, at: {} },
      by: { x: 1 },
    });
    expect(play(plan, [start(plan), wake("wait,0,0")]).job?.record.data).toEqual({
      ...{ n: 2, at: {} },
      by: { timestamp: now },
    });
  });

  test("is not resumed by anything once the job was interrupted", () => {
    const stopped = [start(plan), interrupt()];

    const late = play(plan, [...stopped, signal("wait,0,0")], { now: instant(now + 5_000) });

    expect(late.verdict).toEqual({ outcome: "stale", reason: "closed" });
    expect(play(plan, [...stopped, wake("wait,0,0")]).verdict).toEqual({ outcome: "stale", reason: "closed" });
  });
});
