import { describe, expect, test } from "vitest";
import type { Plan } from "../../plan/plan.js";
import { answer, planOf, play, published, sent, start } from "../../testing/builders.js";

const stopping = (settings: string): Plan =>
  planOf(`
    - subscribes: t
      publishes: t.done
      expire: 60
      activities:
        start: { type: trigger }
        stop: { type: interrupt, ${settings}, job: { maps: { why: late } } }
        next: { type: worker, topic: w }
        beside: { type: worker, topic: w }
      transitions: { start: [ { to: beside }, { to: stop } ], stop: [ { to: next } ] }
  `);
const paths = (plan: Plan, payload = {}) => sent(play(plan, [start(plan, payload)])).map(({ path }) => path);

describe("with a target", () => {
  const other = stopping("target: '{start.output.data.id}', reason: enough, code: 408, throw: false, descend: true");

  test("another job is interrupted, and the own one goes on", () => {
    const decision = play(other, [start(other, { id: "j2" })]);

    expect(sent(decision)).toMatchObject([
      { kind: "work", path: "beside,0,0" },
      {
        kind: "interrupt",
        job: "j2",
        generation: null,
        body: { reason: "enough", code: 408, throws: false, stack: "", expireSeconds: null, descend: true },
      },
      { kind: "work", path: "next,0,0,0" },
    ]);
    expect(decision.job?.record).toMatchObject({ status: 2, data: { why: "late" } });
  });

  test("a target that is undefined, null or empty is nobody", () => {
    for (const id of [undefined, null, ""]) {
      expect(paths(other, id === undefined ? {} : { id })).toEqual(["beside,0,0", "next,0,0,0"]);
    }
  });

  test("the own id kills the own job, and its children never run", () => {
    const decision = play(other, [start(other, { id: "j1" })]);

    expect(decision.job?.record).toMatchObject({
      phase: "interrupted",
      status: 2 - 1_000_000_000,
      failure: null,
      data: { why: "late" },
    });
    expect(sent(decision).map(({ path }) => path)).toEqual(["beside,0,0"]);
    expect(decision.effects).toContainEqual({ kind: "cancel", cancel: { by: "job", job: "j1" } });
    expect(published(decision)).toHaveLength(1);
    expect(play(other, [answer("beside,0,0")], { from: decision.job }).verdict.outcome).toBe("stale");
  });

  test("defaults: 410, thrown, no reason; what is no code is 410", () => {
    const plain = stopping("target: j2");
    const odd = stopping("target: j2, code: soon, stack: at x");

    expect(sent(play(plain, [start(plain)]))[1]?.body).toMatchObject({
      reason: null,
      code: 410,
      throws: true,
      stack: "",
    });
    expect(sent(play(odd, [start(odd)]))[1]?.body).toMatchObject({ code: 410, stack: "at x" });
  });
});

describe("without a target", () => {
  test("the own job ends with its maps, and no edge fires", () => {
    const plan = stopping("reason: '{$job.data.why}'");
    const decision = play(plan, [start(plan)]);

    expect(decision.job?.record).toMatchObject({
      phase: "interrupted",
      status: 1 - 1_000_000_000,
      data: { why: "late" },
      failure: { code: 410, message: "late", stack: "", job_id: "j1" },
    });
    expect(sent(decision).map(({ path }) => path)).toEqual(["beside,0,0"]);
  });
});
