import { describe, expect, test } from "vitest";
import { after, instant, messageKey } from "../brand.js";
import type { Decision } from "../job/decision.js";
import type { JobEvent } from "../job/event.js";
import type { JobState } from "../job/state.js";
import { timeText } from "../job/time-text.js";
import type { Plan } from "../plan/plan.js";
import { answer, generation, interrupt, job, now, planOf, play, start } from "../testing/builders.js";
import { graphProgram } from "./batch.js";
import { cancelMark } from "./cancel-mark.js";
import { interruptMessage } from "./interrupt-job.js";

function step(on: Plan, from: JobState | null, event: JobEvent): Decision {
  return play(on, [event], { from });
}

const plan = planOf(`
    - subscribes: order.pack
      activities:
        start: { type: trigger }
        pack: { type: worker, topic: store.pack }
      transitions: { start: [ { to: pack } ] }
`);
const cancel: JobEvent = { kind: "cancel", job, generation: null, body: null };

describe("a cancellation", () => {
  test("leaves a mark with its time, and nothing else of the job changes", () => {
    const { job: running } = step(plan, null, start(plan));

    const decision = step(plan, running, cancel);

    expect(decision.effects).toEqual([]);
    expect(decision.job?.record).toEqual({ ...running?.record, fields: { [cancelMark]: timeText(now) } });
  });

  test("counts once", () => {
    const once = step(plan, step(plan, null, start(plan)).job, cancel).job;

    const twice = play(plan, [cancel], { from: once, now: after(now, 1_000) });

    expect(twice.verdict).toEqual({ outcome: "duplicate" });
    expect(twice.job).toBe(once);
  });

  test("comes too late for a job that is over, and finds no job where there is none", () => {
    const running = step(plan, null, start(plan)).job;
    const done = step(plan, running, answer("pack,0,0")).job;
    const interrupted = step(plan, running, interrupt()).job;

    const verdicts = [done, interrupted, null].map((state) => step(plan, state, cancel).verdict);

    expect(verdicts).toEqual([
      { outcome: "stale", reason: "closed" },
      { outcome: "stale", reason: "closed" },
      { outcome: "stale", reason: "not-found" },
    ]);
  });
});

describe("who hears of an interruption", () => {
  const { record } = step(plan, null, start(plan)).job ?? {};
  const program = graphProgram({ plans: new Map([[plan.id, plan]]), policy: null });
  const body = { reason: null, code: 410, throws: true, stack: "", expireSeconds: null, descend: false };

  function verdictFor(change: Partial<NonNullable<typeof record>>) {
    if (record === undefined) throw new Error("the job did not start");
    const message = { ...interruptMessage(messageKey("i"), job, body), source: "event", plan: plan.id } as const;
    const commit = program.decide([{ ...message, request: null }], {
      now: instant(now),
      jobs: new Map([[job, { ...record, ...change }]]),
      passes: [],
      asked: { passes: [], ranges: [] },
      activation: null,
    });
    if ("missing" in commit || "wanted" in commit) throw new Error("the program wants to read more");
    return { verdict: commit.verdicts[0], sends: commit.sends };
  }

  const parent = { job, generation, path: answer("call,0,0").path };

  test("an awaiting parent is sent a message, and the verdict names it", () => {
    const { verdict, sends } = verdictFor({ parent: { ...parent, awaits: true } });

    expect(sends).toMatchObject([{ kind: "complete", path: "call,0,0", body: { status: "error", code: 410 } }]);
    expect(verdict).toMatchObject({ outcome: "applied", told: sends[0]?.key });
  });

  test("without one, or one that does not wait, the verdict names none", () => {
    for (const change of [{}, { parent: { ...parent, awaits: false } }]) {
      const { verdict, sends } = verdictFor(change);

      expect(sends).toEqual([]);
      expect(verdict).not.toHaveProperty("told");
    }
  });
});
