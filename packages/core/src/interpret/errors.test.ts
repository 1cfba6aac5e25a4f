import { describe, expect, test } from "vitest";
import type { Plan } from "../plan/plan.js";
import {
  answer,
  now,
  opened,
  passesOf,
  planOf,
  play,
  resume,
  sent,
  signal,
  signalled,
  start,
} from "../testing/builders.js";

/** An expression that throws. */
const bad = "{ '@pipe': [ ['{start.output.data.no}', '-'], ['{@string.split}'] ] }";
/** What is written only when the leg succeeds: an error leaves no output. */
const early = "output: { maps: { o: 1 } }, job: { maps: { early: '{$self.output.data.o}' } }";
const failure = { message: expect.stringContaining("text was expected"), code: 500, is_stream_error: true };

/** One activity `act`, caught by `caught` when its error is routed. */
const with500 = (act: string, hooks = ""): Plan =>
  planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        act: ${act}
        caught: { type: hook, job: { maps: { err: '{act.output.metadata.err}', out: '{act.output.data.n}' } } }
        more: { type: hook, job: { maps: { more: true } } }
      transitions:
        start: [ { to: act } ]
        act: [ { to: caught, conditions: { code: 500 } }, { to: more, conditions: { code: [200, 202] } } ]
${hooks}
    - subscribes: u
      activities:
        begin: { type: trigger, stats: { id: { '@pipe': [ ['{$self.input.data.no}', '-'], ['{@string.split}'] ] } } }
    - subscribes: v
      input: { validate: true, schema: { type: object } }
      activities: { first: { type: trigger } }
  `);
const waits =
  "      hooks: { go: [ { to: act, conditions: { match: [ { expected: '{start.output.data.k}', actual: 1 } ] } } ] }";

describe("leg 1", () => {
  test.each([
    ["threshold", `{ type: worker, topic: w, statusThreshold: ${bad} }`],
    ["worker topic", `{ type: worker, topic: ${bad} }`],
    ["worker topic that is no text", "{ type: worker, topic: '' }"],
    ["worker input", `{ type: worker, topic: w, input: { maps: { n: ${bad} } } }`],
    ["await input", `{ type: await, topic: t, input: { maps: { n: ${bad} } } }`],
    ["await flag", `{ type: await, topic: t, await: ${bad} }`],
    ["await topic that is no text", "{ type: await, topic: '{start.output.data.no}' }"],
    ["await topic that no graph has", "{ type: await, topic: nowhere }"],
    ["id of the awaited job", "{ type: await, topic: u }"],
    ["validation of the awaited job, for want of a validator", "{ type: await, topic: v }"],
    ["sleep", `{ type: hook, sleep: ${bad} }`],
    ["hook output", `{ type: hook, output: { maps: { n: 1, x: ${bad} } } }`],
    ["hook maps", `{ type: hook, output: { maps: { n: 1 } }, job: { maps: { early: 1, x: ${bad} } } }`],
    ["hook emit", `{ type: hook, emit: ${bad}, ${early} }`],
    ["hook persist", `{ type: hook, persist: ${bad}, ${early} }`],
    ["signal payload", `{ type: signal, subtype: one, topic: go, signal: { maps: { x: ${bad} } } }`],
    ["signal topic nobody knows", `{ type: signal, subtype: one, topic: nowhere, ${early} }`],
    ["signal emit", `{ type: signal, subtype: one, topic: go, emit: ${bad}, ${early} }`],
    ["interrupt target", `{ type: interrupt, target: ${bad} }`],
    ["interrupt reason", `{ type: interrupt, target: other, reason: ${bad}, ${early} }`],
    ["reason of a self-interrupt", `{ type: interrupt, reason: ${bad} }`],
  ])("an exception in the %s is error 500 of the activity, and nothing of it goes out", (_place, act) => {
    const hooks = "      hooks: { go: [ { to: caught, conditions: { match: [ { expected: 1, actual: 1 } ] } } ] }";
    const plan = with500(act, act.includes("signal") ? hooks : "");
    const decision = play(plan, [start(plan)]);

    expect(decision.effects.filter(({ kind }) => kind !== "open-hook")).toEqual([]);
    expect([...(decision.job?.passes.values() ?? [])].find(({ activity }) => activity === "act")).toMatchObject({
      output: null,
      metadata: { err: expect.stringContaining('"code":500') },
    });
    expect(decision.job?.record.data).not.toMatchObject({ early: expect.anything() });
    expect(decision.job?.record.failure).toBeNull();
  });

  test("an exception in the expected value of a hook opens nothing and takes back what its maps wrote", () => {
    const plan = with500(`{ type: hook, sleep: 5, ${early} }`, waits.replace("'{start.output.data.k}'", bad));

    const decision = play(plan, [start(plan)]);

    expect([opened(decision), sent(decision)]).toEqual([[], []]);
    expect(decision.job?.record).toMatchObject({
      phase: "completed",
      data: { err: expect.stringContaining("text was expected") },
    });
    expect(decision.job?.record.data).not.toHaveProperty("early");
  });

  test("a payload that the awaited graph refuses is error 422 of the await, and nothing is started", () => {
    const plan = with500("{ type: await, topic: v }");
    const violations = () => [{ path: "", message: "must have n" }];

    const decision = play(plan, [start(plan)], { violations });

    expect(sent(decision)).toEqual([]);
    expect(decision.job?.record).toMatchObject({
      phase: "failed",
      failure: { code: 422, message: expect.stringContaining("the payload must have n") },
    });
    expect(sent(play(plan, [start(plan)], { violations: () => [] }))).toMatchObject([{ kind: "start" }]);
  });

  test("a cycle whose ancestor is not on the path taken fails", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        pivot: { type: hook }
        around: { type: hook }
        back: { type: cycle, ancestor: pivot }
      transitions:
        start:
          - { to: pivot, conditions: { match: [ { expected: 1, actual: '{start.output.data.n}' } ] } }
          - { to: around, conditions: { match: [ { expected: 2, actual: '{start.output.data.n}' } ] } }
        pivot: [ { to: back, conditions: { code: 404 } } ]
        around: [ { to: back } ]
    `);

    expect(play(plan, [start(plan, { n: 2 })]).job?.record.failure).toMatchObject({
      code: 500,
      message: expect.stringContaining("does not lead through pivot"),
    });
  });

  test("an exception in an edge's condition is an error of its source, and that edge does not fire for it", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        act: { type: hook }
        x: { type: hook }
        y: { type: hook, job: { maps: { y: 1 } } }
      transitions:
        start: [ { to: act } ]
        act:
          - { to: x, conditions: { code: [200, 500], match: [ { expected: 1, actual: ${bad} } ] } }
          - { to: y, conditions: { code: 500 } }
    `);

    const decision = play(plan, [start(plan)]);

    expect(decision.job?.record).toMatchObject({ phase: "completed", data: { y: 1 } });
    expect(passesOf(decision, "x")).toEqual([]);
  });
});

describe("leg 2", () => {
  const done = answer("act,0,0", { n: 1 });

  test.each([
    ["maps", `{ type: worker, topic: w, job: { maps: { n: '{$self.output.data.n}', x: ${bad} } } }`],
    ["emit", `{ type: worker, topic: w, emit: ${bad}, job: { maps: { n: '{$self.output.data.n}' } } }`],
  ])(
    "an exception in the %s closes the pass with error 500 in place of the answer, which is not bound",
    (_place, act) => {
      const plan = with500(act);
      const decision = play(plan, [start(plan), done]);

      expect(decision.job?.record).toMatchObject({ phase: "completed", status: 0, failure: null });
      expect(decision.job?.record.data).toEqual({ err: expect.stringContaining("text was expected") });
    },
  );

  test("a job.maps that throws again while an error is handled writes nothing", () => {
    const plan = with500(`{ type: worker, topic: w, job: { maps: { early: 1, x: ${bad} } } }`);
    const refused = answer("act,0,0", { message: "no", code: 500 }, { status: "error" });

    const decision = play(plan, [start(plan), refused]);

    expect(decision.job?.record.data).toEqual({ err: '{"message":"no","code":500}' });
  });

  test("an error closes a pass that is pending", () => {
    const plan = with500("{ type: worker, topic: w }");
    const interim = answer("act,0,0", { n: 1 }, { status: "pending", code: 202, key: "interim" });

    const decision = play(plan, [start(plan), interim, answer("act,0,0", { message: "no" }, { status: "error" })]);

    expect(decision.job?.record).toMatchObject({ status: 0, data: { more: true, err: '{"message":"no"}' } });
  });

  test("an error signal is routed by its code and is not bound", () => {
    const plan = with500("{ type: hook, job: { maps: { n: '{$self.hook.data.n}' } } }", waits);
    const error = signal("act,0,0", { message: "no", n: 5 }, { status: "error", code: 500 });

    const decision = play(plan, [start(plan, { k: 1 }), error]);

    expect(decision.job?.record.data).toEqual({ err: '{"message":"no","n":5}' });
  });
});

describe("an error that no edge takes", () => {
  const failing = (maps: string): Plan =>
    planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        act: { type: worker, topic: w, job: { maps: ${maps} } }
        o: { type: worker, topic: w }
      transitions: { start: [ { to: act }, { to: o } ] }
  `);
  const failed = (plan: Plan, data: { [key: string]: string | number | boolean }, code = 402) =>
    play(plan, [start(plan), answer("act,0,0", data, { status: "error", code })]).job?.record;

  test("offers done and $error, which are stored where the graph declares them", () => {
    const both = failing("{ done: '{$self.output.data.no}', $error: '{$self.output.data.no}' }");

    expect(failed(both, { message: "no", stack: "at x" })?.data).toEqual({
      done: true,
      $error: { message: "no", code: 597, stack: "at x" },
    });
    expect(failed(failing("{ done: '{$self.output.data.no}' }"), { message: "no" })?.data).toEqual({ done: true });
    expect(failed(failing("{}"), { message: "no" })?.data).toBeNull();
  });

  test("the failure has the error's fields, its code, and the mark at the end", () => {
    const plan = failing("{}");

    expect(JSON.stringify(failed(plan, { message: "no", is_stream_error: true, stack: "at x" })?.failure)).toBe(
      '{"message":"no","stack":"at x","code":402,"is_stream_error":true}',
    );
    expect(failed(plan, { message: "no", code: 409 })?.failure).toEqual({
      message: "no",
      code: 409,
      is_stream_error: true,
    });
  });

  test("its own maps see $error, nobody else does", () => {
    const plan = failing("{ mark: '{$self.output.metadata.$error.is_stream_error}' }");
    const decision = play(plan, [start(plan), answer("act,0,0", { message: "no" }, { status: "error" })]);

    expect(decision.job?.record.data).toEqual({ mark: true });
    expect([...(decision.job?.passes.values() ?? [])].at(-1)?.metadata).not.toHaveProperty("$error");
  });

  test("the first one is the job's", () => {
    const plan = failing("{}");
    const error = { status: "error" } as const;
    const events = [
      start(plan),
      answer("act,0,0", { message: "one" }, error),
      answer("o,0,0", { message: "two" }, error),
    ];

    expect(play(plan, events).job?.record).toMatchObject({ status: 0, failure: { message: "one" } });
  });

  test("what is no map becomes the message", () => {
    const plan = failing("{}");
    const event = { ...answer("act,0,0"), body: { status: "error", code: 500, data: "broken" } } as const;

    expect(play(plan, [start(plan), event]).job?.record.failure).toMatchObject({ message: "broken" });
  });

  test("an exception is the job's failure", () => {
    const plan = failing(`{ x: ${bad} }`);

    expect(play(plan, [start(plan), answer("act,0,0")]).job?.record.failure).toEqual(failure);
  });
});

describe("the trigger", () => {
  const trigger = (settings: string, rest = ""): Plan =>
    planOf(`
    - subscribes: t
      activities: { start: { type: trigger, ${settings} }, next: { type: hook } }
      transitions: { start: [ { to: next, conditions: { match: [ { expected: 1, actual: ${rest || "1"} } ] } } ] }
  `);

  test.each([
    ["key", trigger(`stats: { key: ${bad} }`)],
    ["maps", trigger(`job: { maps: { x: ${bad} } }`)],
    ["conditions", trigger("title: x", bad)],
    ["entity", trigger(`entity: ${bad}`)],
    ["statistics", trigger(`stats: { key: k, measures: [ { measure: count, target: ${bad} } ] }`)],
    ["emit", trigger(`emit: ${bad}`)],
  ])("an exception in its %s refuses the start, and nothing is stored", (_place, plan) => {
    expect(play(plan, [start(plan)])).toMatchObject({
      verdict: { outcome: "rejected", kind: "mapping-failed", failure: { code: 500 } },
      job: null,
      effects: [],
    });
  });

  test("an exception when a pending job is resumed refuses that, and the job stays pending", () => {
    const plan = trigger("title: x", bad);
    const pending = play(plan, [start(plan, {}, { pendingSeconds: 5 })]);

    const resumed = play(plan, [resume()], { from: pending.job });

    expect(resumed).toMatchObject({ verdict: { outcome: "rejected", kind: "mapping-failed" }, effects: [] });
    expect(resumed.job).toBe(pending.job);
  });
});

test("a signal that comes too late, or to a job that is gone, is an early one", () => {
  const plan = with500("{ type: hook }", waits);
  const late = signal("act,0,0", { k: 1 }, { status: "pending", code: 202, keepMs: 5_000 });
  const { job: ended } = play(plan, [start(plan, { k: 1 }), signal("act,0,0")]);

  for (const decision of [play(plan, [late], { from: ended }), play(plan, [late])]) {
    expect(decision.verdict.outcome).toBe("stale");
    expect(signalled(decision)).toMatchObject([
      { topic: "go", closes: false, keepUntil: now + 5_000, kept: { status: "success", code: 200, data: { k: 1 } } },
    ]);
  }
});
