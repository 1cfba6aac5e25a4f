import { describe, expect, test } from "vitest";
import type { Plan } from "../../plan/plan.js";
import { now, planOf, play, signalled, start } from "../../testing/builders.js";
import { signalStatus } from "../signal-dispatch.js";

const calling = (signal: string): Plan =>
  planOf(`
    - subscribes: t
      activities:
        start: { type: trigger, job: { maps: { n: 1 } } }
        call: { type: signal, subtype: one, topic: '{start.output.data.topic}', ${signal} }
        next: { type: hook, job: { maps: { next: true } } }
        wait: { type: hook }
      transitions:
        start: [ { to: call }, { to: wait, conditions: { code: 404 } } ]
        call: [ { to: next, conditions: { code: 200 } } ]
      hooks:
        go: [ { to: wait, conditions: { match: [ { expected: '{start.output.data.k}', actual: '{$hook.data.k}' } ] } } ]
  `);

describe("a signal activity", () => {
  test("sends its mapped payload, success and 200 unless it says otherwise, and goes on", () => {
    const plan = calling("signal: { maps: { k: '{start.output.data.k}' } }");
    const decision = play(plan, [start(plan, { topic: "go", k: 7 })]);

    expect(signalled(decision)).toMatchObject([
      {
        topic: "go",
        keys: ['["wait","7"]'],
        closes: true,
        keepUntil: now + 600_000,
        body: { status: "success", code: 200, data: { k: 7 } },
      },
    ]);
    expect(decision.job?.record).toMatchObject({ phase: "completed", data: { n: 1, next: true } });
  });

  test("its payload sees what its own maps have written", () => {
    const maps = "output: { maps: { o: 5 } }, job: { maps: { n: 2 } }";
    const plan = calling(`${maps}, signal: { maps: { k: '{$job.data.n}', o: '{$self.output.data.o}' } }`);

    expect(signalled(play(plan, [start(plan, { topic: "go" })]))).toMatchObject([{ body: { data: { k: 2, o: 5 } } }]);
  });

  test("carries status and code, and a life of its own", () => {
    const plan = calling("status: pending, code: '{start.output.data.code}', signal: { maps: { k: 1, $expire: 2h } }");
    const sent = (code: number | string) => signalled(play(plan, [start(plan, { topic: "go", code })]));

    expect(sent(206)).toMatchObject([
      { closes: false, keepUntil: now + 7_200_000, body: { status: "pending", code: 206 } },
    ]);
    expect(sent("no code")).toMatchObject([{ body: { code: 200 } }]);
  });

  test("without a payload it has no key, and without an active version its own rules count", () => {
    const plan = calling("title: bare");

    expect(signalled(play(plan, [start(plan, { topic: "go" })], { active: null }))).toMatchObject([
      { keys: [], body: { data: {} } },
    ]);
  });

  test("a topic that nobody knows is error 500, and names those that are", () => {
    const plan = calling("title: bare");

    expect(play(plan, [start(plan, { topic: "gone" })]).job?.record).toMatchObject({
      phase: "failed",
      data: { n: 1 },
      failure: { code: 500, message: "no hook rule for topic gone; known: go" },
    });
  });
});

test("a status is one of three", () => {
  expect(["error", "pending", "success", "other", undefined].map(signalStatus)).toEqual([
    "error",
    "pending",
    "success",
    "success",
    "success",
  ]);
});
