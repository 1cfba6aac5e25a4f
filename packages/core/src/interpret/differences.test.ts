import { describe, expect, test } from "vitest";
import { jobId, messageKey, pathText, after as sinceThen } from "../brand.js";
import { compileText } from "../compile/compile.js";
import { jobOutput } from "../job/output.js";
import type { JsonObject } from "../json.js";
import type { ParentLink } from "../ports/records.js";
import { answer, generation, interrupt, now, planOf, play, resume, sent, start } from "../testing/builders.js";
import { prepareStart } from "./start-event.js";

// Where the language departs from its predecessor, and no law elsewhere says so: `docs/language-laws.md` has them all.

describe("documents", () => {
  test.each(["1", "10", "1.10", "spring 2026", "v2-β", "latest"])("versions: the text '%s' is one", (version) => {
    const { plan } = compileText(`
app:
  id: shop
  version: '${version}'
  graphs:
    - subscribes: go
      activities: { a: { type: trigger } }
`);

    expect(plan.version).toBe(version);
    expect(play(plan, [start(plan)]).job?.record).toMatchObject({ version, phase: "completed" });
  });

  test("fields, activities, graphs: there may be hundreds of each", () => {
    const count = 300;
    const numbers = Array.from({ length: count }, (_, index) => index);
    const chain = `
    - subscribes: first
      activities:
        a: { type: trigger }
${numbers.map((n) => `        h${n}: { type: hook, job: { maps: { f${n}: ${n} } } }`).join("\n")}
      transitions:
        a: [ { to: h0 } ]
${numbers
  .slice(1)
  .map((n) => `        h${n - 1}: [ { to: h${n} } ]`)
  .join("\n")}`;
    const others = numbers.map(
      (n) => `
    - subscribes: other.${n}
      activities: { t${n}: { type: trigger, job: { maps: { n: ${n} } } } }`,
    );
    const plan = planOf(chain + others.join(""));

    const long = play(plan, [start(plan)]).job?.record;
    const last = play(plan, [start(plan, {}, { topic: `other.${count - 1}` })]).job?.record;

    expect(plan.graphs).toHaveLength(count + 1);
    expect(long).toMatchObject({ phase: "completed", status: 0 });
    expect(long?.data).toEqual(Object.fromEntries(numbers.map((n) => [`f${n}`, n])));
    expect(last?.data).toEqual({ n: count - 1 });
  }, 30_000);
});

describe("starting", () => {
  const plan = planOf(`
    - subscribes: go
      activities:
        a: { type: trigger, stats: { id: '{$self.input.data.id}' } }
`);
  const idFor = (payload: JsonObject) =>
    prepareStart(plan, { topic: "go", payload, generatedId: jobId("drawn"), generation, key: messageKey("k"), now })
      .job;

  test("stats.id that is undefined, null or '': an id is generated", () => {
    expect([{}, { id: null }, { id: "" }].map(idFor)).toEqual(["drawn", "drawn", "drawn"]);
    expect([{ id: "own" }, { id: 0 }, { id: false }].map(idFor)).toEqual(["own", "0", "false"]);
  });

  test("metadata.state: it tells how far the job is, and js its obligations", () => {
    const working = planOf(`
    - subscribes: go
      activities: { a: { type: trigger }, b: { type: worker, topic: w } }
      transitions: { a: [ { to: b } ] }
`);
    const pending = play(working, [start(working, {}, { pendingSeconds: 60 })]);
    const running = play(working, [resume()], { from: pending.job });
    const ends = [answer("b,0,0"), answer("b,0,0", { message: "no" }, { status: "error" }), interrupt()];
    const ended = ends.map((event) => play(working, [event], { from: running.job }));

    const shown = [pending, running, ...ended].map(({ job }) => {
      const { state, js } = job === null ? {} : jobOutput(job.record).metadata;
      return [state, js];
    });

    expect(shown.slice(0, 4)).toEqual([
      ["pending", -1],
      ["running", 1],
      ["completed", 0],
      ["failed", 0],
    ]);
    expect(shown[4]).toEqual(["interrupted", expect.any(Number)]);
    expect(shown[4]?.[1]).toBeLessThan(-900_000_000);
  });

  test("ju: it is the time of the job's last step, jc that of its first", () => {
    const working = planOf(`
    - subscribes: go
      activities: { a: { type: trigger }, b: { type: worker, topic: w } }
      transitions: { a: [ { to: b } ] }
`);
    const begun = play(working, [start(working)]);

    const done = play(working, [answer("b,0,0")], { from: begun.job, now: sinceThen(now, 1_500) });

    expect(done.job?.record).toMatchObject({ createdAt: now, updatedAt: sinceThen(now, 1_500) });
  });
});

describe("data", () => {
  test("{trigger.input.data.x}: every activity of the graph reads it", () => {
    const plan = planOf(`
    - subscribes: go
      activities:
        first: { type: trigger, job: { maps: { t: '{first.input.data.x}' } } }
        hook:
          type: hook
          output: { maps: { x: '{first.input.data.x}' } }
          job: { maps: { h: '{hook.output.data.x}' } }
        work:
          type: worker
          topic: w
          input: { maps: { x: '{first.input.data.x}' } }
          job: { maps: { w: '{first.input.data.x}' } }
      transitions:
        first: [ { to: hook } ]
        hook: [ { to: work, conditions: { match: [ { expected: 7, actual: '{first.input.data.x}' } ] } } ]
`);
    const begun = play(plan, [start(plan, { x: 7 })]);

    const done = play(plan, [answer("work,0,0,0")], { from: begun.job });

    expect(sent(begun)).toMatchObject([{ topic: "w", body: { x: 7 } }]);
    expect(done.job?.record).toMatchObject({ phase: "completed", data: { t: 7, h: 7, w: 7 } });
  });

  test("lists in maps: they stay lists, with the values of what they hold", () => {
    const plan = planOf(`
    - subscribes: go
      activities:
        a:
          type: trigger
          job: { maps: { list: [ one, '{$self.input.data.x}', [ 2, { deep: '{$self.input.data.x}' } ] ], empty: [] } }
`);

    const { data } = play(plan, [start(plan, { x: 7 })]).job?.record ?? {};

    expect(data).toEqual({ list: ["one", 7, [2, { deep: 7 }]], empty: [] });
  });
});

describe("loops and children", () => {
  test("cycle input.maps: they are evaluated once, on the job data of that turn", () => {
    const plan = planOf(`
    - subscribes: go
      activities:
        a: { type: trigger, job: { maps: { n: 0 } } }
        pivot: { type: hook, cycle: true, job: { maps: { n: '{$self.output.data.n}' } } }
        work: { type: worker, topic: w, job: { maps: { seen: '{$job.data.n}' } } }
        again:
          type: cycle
          ancestor: pivot
          input: { maps: { n: { '@pipe': [ ['{$job.data.n}', 1], ['{@math.add}'] ] } } }
      transitions:
        a: [ { to: pivot } ]
        pivot: [ { to: work } ]
        work: [ { to: again, conditions: { code: 200 } } ]
`);
    let { job } = play(plan, [start(plan)]);
    const counted: unknown[] = [];

    for (let turn = 0; turn < 3; turn += 1) {
      const path = [...(job?.control.open.keys() ?? [])][0] ?? pathText("");
      ({ job } = play(plan, [answer(path)], { from: job }));
      counted.push(job?.record.data);
    }

    expect(counted).toEqual([
      { n: 1, seen: 0 },
      { n: 2, seen: 1 },
      { n: 3, seen: 2 },
    ]);
  });

  test.each([
    ["text", { message: "no", code: "E_NO" }],
    ["nothing", { message: "no" }],
  ])("child error without numeric code: with %s for a code the parent gets an error of code 500", (_kind, data) => {
    const plan = planOf(`
    - subscribes: child
      activities: { a: { type: trigger }, b: { type: worker, topic: w } }
      transitions: { a: [ { to: b } ] }
`);
    const parent: ParentLink = { job: jobId("p1"), generation, path: pathText("call,0,0"), awaits: true };
    const begun = play(plan, [start(plan, {}, { parent })]);

    const failed = play(plan, [answer("b,0,0", data, { status: "error" })], { from: begun.job });

    expect(sent(failed)).toMatchObject([
      { kind: "complete", job: "p1", path: "call,0,0", body: { status: "error", code: 500, data: { message: "no" } } },
    ]);
  });
});
