import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../json.js";
import { opened, planOf, play, sent, start } from "../../testing/builders.js";

/** A start whose trigger has these properties. */
function started(properties: string, payload: JsonObject = {}, change = {}) {
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger, ${properties} }
        next: { type: worker, topic: w }
      transitions: { start: [ { to: next, conditions: { match: [ { expected: 2, actual: '{$job.data.n}' } ] } } ] }
  `);
  return play(plan, [start(plan, payload, change)]);
}

describe("a trigger", () => {
  test("has its payload for input and output, whole", () => {
    const maps = "job: { maps: { i: '{$self.input.data}', o: '{start.output.data}' } }";

    expect(started(maps, { x: { y: [1] } }).job?.record.data).toEqual({ i: { x: { y: [1] } }, o: { x: { y: [1] } } });
  });

  test("its edges see what its maps have just written", () => {
    expect(sent(started("job: { maps: { n: 2 } }")).map(({ topic }) => topic)).toEqual(["w"]);
    expect(sent(started("job: { maps: { n: 1 } }"))).toEqual([]);
  });

  test("its maps see no job data, and its key and id the payload alone", () => {
    const { job } = started("stats: { key: '{$job.data.n}' }, job: { maps: { n: 1, before: '{$job.data.n}' } }");

    expect(job?.record).toMatchObject({ key: null, data: { n: 1 } });
    expect(job?.record.data).not.toHaveProperty("before");
  });

  test("its entity sees the new job data, and the caller's wins over it", () => {
    const entity = "entity: '{$job.data.n}', job: { maps: { n: 2 } }";

    expect(started(entity).job?.record.entity).toBe("2");
    expect(started(entity, {}, { entity: "caller" }).job?.record.entity).toBe("caller");
    expect(started("entity: '{$job.data.none}'").job?.record.entity).toBeNull();
  });

  test("its status is the number of edges it selects, and 0 completes the job at once", () => {
    expect(started("job: { maps: { n: 2 } }").job?.record).toMatchObject({ status: 1, phase: "running" });
    expect(started("job: { maps: { n: 1 } }").job?.record).toMatchObject({ status: 0, phase: "completed" });
  });
});

describe("an await", () => {
  test("may start its own graph, each turn a job of its own", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        deeper: { type: await, topic: '{start.input.data.topic}', input: { maps: { n: 1 } } }
      transitions: { start: [ { to: deeper } ] }
    `);

    const [child] = sent(play(plan, [start(plan, { topic: "t" })]));

    expect(child).toMatchObject({
      kind: "start",
      body: { topic: "t", payload: { n: 1 }, parent: { path: "deeper,0,0" } },
    });
    expect(child?.job).not.toBe("j1");
  });

  test.each([
    ["", true],
    [", await: true", true],
    [", await: 0", true],
    [", await: null", true],
    [", await: '{start.input.data.none}'", true],
    [", await: false", false],
    [", await: '{start.input.data.no}'", false],
  ])("waits unless it is strictly false: {…%s}", (property, awaits) => {
    const plan = planOf(`
    - subscribes: t
      activities: { start: { type: trigger }, call: { type: await, topic: t${property} } }
      transitions: { start: [ { to: call } ] }
    `);

    expect(sent(play(plan, [start(plan, { no: false })]))).toMatchObject([{ body: { parent: { awaits } } }]);
  });
});

test("children of one pass share its address and are told apart by their ids", () => {
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: worker, topic: w }
        b: { type: worker, topic: w }
        c: { type: hook }
      transitions: { start: [ { to: a }, { to: b }, { to: c } ] }
      hooks: { go: [ { to: c, conditions: { match: [ { expected: 1, actual: 1 } ] } } ] }
  `);

  const decision = play(plan, [start(plan)]);

  expect(sent(decision).map(({ path }) => path)).toEqual(["a,0,0", "b,0,0"]);
  expect(opened(decision).map(({ path }) => path)).toEqual(["c,0,0"]);
  expect(decision.job?.record.status).toBe(3);
});
