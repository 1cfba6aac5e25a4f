import { describe, expect, test } from "vitest";
import { address } from "../brand.js";
import { answer, job, now, planOf, play, resume, sent, start } from "../testing/builders.js";

const data = (plan: ReturnType<typeof planOf>, ...events: Parameters<typeof play>[1][number][]) =>
  play(plan, events).job?.record.data;

describe("ancestors", () => {
  test("an activity sees the passes on the path that was taken, at any distance", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: worker, topic: w }
        b: { type: hook }
        c:
          type: hook
          job: { maps: { a: '{a.output.data.n}', s: '{start.input.data.x}', t: '{start.output.data.x}' } }
      transitions: { start: [ { to: a } ], a: [ { to: b } ], b: [ { to: c } ] }
    `);

    expect(data(plan, start(plan, { x: 1 }), answer("a,0,0", { n: 2 }))).toEqual({ a: 2, s: 1, t: 1 });
  });

  test("in a loop it is the instance of the current turn", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        turn: { type: hook }
        work: { type: worker, topic: w }
        note: { type: hook, job: { maps: { n: '{work.output.data.n}' } } }
        again: { type: cycle, ancestor: turn }
      transitions:
        start: [ { to: turn } ]
        turn: [ { to: work } ]
        work: [ { to: note }, { to: again, conditions: { code: 206 } } ]
    `);
    const first = [start(plan), answer("work,0,0,0", { n: 1 }, { code: 206 })];

    expect(data(plan, ...first)).toEqual({ n: 1 });
    expect(data(plan, ...first, answer("work,0,1,0", { n: 2 }))).toEqual({ n: 2 });
  });
});

describe("others", () => {
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: worker, topic: w }
        below: { type: hook, output: { maps: { n: 5 } } }
        b: { type: worker, topic: w, job: { maps: { one: '{a.output.data.n}', all: '{a.output.data}' } } }
      transitions: { start: [ { to: a }, { to: b } ], a: [ { to: below, conditions: { code: [200, 202] } } ] }
  `);

  test("what is not there yet is undefined", () => {
    expect(data(plan, start(plan), answer("b,0,0"))).toBeNull();
  });

  test("the only pass with data is visible, and its whole object is the whole object", () => {
    const deep = { n: 1, deep: { list: [1, null] } };

    expect(data(plan, start(plan), answer("a,0,0", deep), answer("b,0,0"))).toEqual({ one: 1, all: deep });
  });

  test("of several none is", () => {
    const interim = answer("a,0,0", { n: 1 }, { status: "pending", code: 202, key: "interim" });

    expect(data(plan, start(plan), interim, answer("a,0,0", { n: 2 }), answer("b,0,0"))).toBeNull();
  });

  test("a pass without data does not count", () => {
    const failed = answer("a,0,0", { message: "no" }, { status: "error", code: 202 });

    expect(data(plan, start(plan), failed, answer("b,0,0"))).toBeNull();
  });

  test("descendants and activities of other graphs are undefined", () => {
    const upwards = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: worker, topic: w, job: { maps: { down: '{below.output.data.n}', else: '{far.output.data.n}' } } }
        below: { type: hook, output: { maps: { n: 5 } } }
      transitions: { start: [ { to: a } ], a: [ { to: below, conditions: { code: 202 } } ] }
    - subscribes: u
      activities: { far: { type: trigger } }
    `);
    const interim = answer("a,0,0", {}, { status: "pending", code: 202, key: "interim" });

    expect(data(upwards, start(upwards), interim, answer("a,0,0"))).toBeNull();
  });

  test("in a loop only the passes of the same turn count", () => {
    const looping = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        turn: { type: hook }
        a: { type: worker, topic: w }
        b: { type: worker, topic: w, job: { maps: { n: '{a.output.data.n}' } } }
        again: { type: cycle, ancestor: turn }
      transitions:
        start: [ { to: turn } ]
        turn: [ { to: a }, { to: b } ]
        b: [ { to: again, conditions: { code: 206 } } ]
    `);
    const first = [start(looping), answer("a,0,0,0", { n: 1 }), answer("b,0,0,0", {}, { code: 206 })];

    expect(data(looping, ...first, answer("a,0,1,0", { n: 2 }), answer("b,0,1,0"))).toEqual({ n: 2 });
  });
});

describe("itself and the job", () => {
  const plan = planOf(`
    - subscribes: t
      expire: '{start.output.data.keep}'
      activities:
        start: { type: trigger, stats: { key: eu } }
        note:
          type: hook
          output: { maps: { o: 1 } }
          job: { maps: { own: '{note.output.metadata}', self: '{$self.output.data.o}', meta: '{$job.metadata}' } }
      transitions: { start: [ { to: note } ] }
  `);

  test("its own metadata is complete in all its maps", () => {
    const time = "20260528202640.000";

    expect(data(plan, start(plan))).toMatchObject({
      own: { aid: "note", atp: "hook", dad: ",0,0", ac: time, au: time },
      self: 1,
    });
  });

  test("job metadata has the job's identity, its semaphore and its expiry, but no state", () => {
    const meta = data(plan, start(plan, { keep: 90 }))?.["meta"];

    expect(meta).toMatchObject({ jid: job, gid: "G1", aid: "start", tpc: "t", vrs: "1", key: "eu", js: 1, expire: 90 });
    expect(meta).not.toHaveProperty("state");
  });

  test("an expire that reads its own result ends, as absent", () => {
    const circular = planOf(`
    - subscribes: t
      expire: '{$job.metadata.expire}'
      activities: { start: { type: trigger } }
    `);

    expect(play(circular, [start(circular)]).job?.record.expireAt).toBe(now + 86_400_000);
  });
});

describe("values", () => {
  test("random numbers are the same when the step is decided again, and others in the next pass", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start:
          type: trigger
          job: { maps: { a: { '@pipe': [ ['{@math.random}'] ] }, b: { '@pipe': [ ['{@math.random}'] ] } } }
        next: { type: hook, job: { maps: { c: { '@pipe': [ ['{@math.random}'] ] } } } }
      transitions: { start: [ { to: next } ] }
    `);
    const drawn = Object.values(data(plan, start(plan)) ?? {});

    expect(new Set(drawn).size).toBe(3);
    expect(drawn.every((value) => typeof value === "number" && value >= 0 && value < 1)).toBe(true);
    expect(Object.values(data(plan, start(plan)) ?? {})).toEqual(drawn);
  });

  test("a date stays a date from map to map", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start:
          type: trigger
          job: { maps: { at: { '@pipe': [ ['2024-05-01T00:00:00.000Z'], ['{@date.fromISOString}'] ] } } }
        next: { type: hook, job: { maps: { year: { '@pipe': [ ['{$job.data.at}'], ['{@date.getFullYear}'] ] } } } }
      transitions: { start: [ { to: next } ] }
    `);

    expect(data(plan, start(plan))).toMatchObject({ year: 2024 });
  });
});

describe("the trigger", () => {
  test("a pending job goes on with the payload that was stored", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        work: { type: worker, topic: w, input: { maps: { n: '{start.input.data.n}' } } }
      transitions:
        start:
          - { to: work, conditions: { match: [ { expected: 7, actual: '{$self.input.data.n}' } ] } }
    `);

    const decision = play(plan, [start(plan, { n: 7 }, { pendingSeconds: 5 }), resume()]);

    expect(sent(decision)).toMatchObject([{ topic: "w", body: { n: 7 } }]);
    expect([...(decision.job?.control.open.values() ?? [])].map((pass) => pass.address)).toEqual([address(",0,0")]);
  });
});
