import { describe, expect, test } from "vitest";
import type { Plan } from "../plan/plan.js";
import { answer, passesOf, planOf, play, published, sent, start } from "../testing/builders.js";

/** `others` workers, and `last`, which is entered beside them with the threshold `{start.output.data.t}`. */
const guarded = (others: readonly string[]): Plan =>
  planOf(`
    - subscribes: t
      publishes: t.done
      activities:
        start: { type: trigger }
${others.map((id) => `        ${id}: { type: worker, topic: other }`).join("\n")}
        last: { type: worker, topic: last, statusThreshold: '{start.output.data.t}', job: { maps: { ran: true } } }
      transitions: { start: [ ${[...others, "last"].map((id) => `{ to: ${id} }`).join(", ")} ] }
  `);
const topics = (decision: ReturnType<typeof play>) => sent(decision).map(({ topic }) => topic);

describe("entry", () => {
  const alone = guarded([]);
  const two = guarded(["a", "b"]);

  test("above the threshold the activity is executed", () => {
    expect(topics(play(two, [start(two, { t: 2 })]))).toEqual(["other", "other", "last"]);
  });

  test.each([undefined, "none", null, -1, 0])("the threshold %s skips nothing", (t) => {
    expect(topics(play(alone, [start(alone, t === undefined ? {} : { t })]))).toEqual(["last"]);
  });

  test("at the threshold it is skipped and ends the job: what is open is given up", () => {
    const skipped = play(two, [start(two, { t: "3" })]);
    const late = play(two, [answer("a,0,0")], { from: skipped.job });

    expect(skipped.job?.record).toMatchObject({ phase: "completed", status: 0, data: null });
    expect(skipped.effects).toContainEqual({ kind: "cancel", cancel: { by: "job", job: "j1" } });
    expect(published(skipped)).toHaveLength(1);
    expect(late.verdict).toEqual({ outcome: "stale", reason: "closed" });
  });

  test("with nothing else open a threshold of one completes the job", () => {
    const decision = play(alone, [start(alone, { t: 1 })]);

    expect(decision.job?.record).toMatchObject({ phase: "completed", status: 0 });
    expect(sent(decision)).toEqual([]);
    expect(passesOf(decision, "last")).toEqual([]);
  });

  test("below it, it is skipped and releases its own obligation alone", () => {
    const skipped = play(two, [start(two, { t: 9 })]);
    const first = play(two, [answer("a,0,0")], { from: skipped.job });
    const second = play(two, [answer("b,0,0")], { from: first.job });

    expect([skipped, first, second].map(({ job }) => job?.record.status)).toEqual([2, 1, 0]);
    expect(topics(skipped)).toEqual(["other", "other"]);
    expect(second.job?.record.phase).toBe("completed");
  });

  test("below it with nothing else open it completes the job", () => {
    const decision = play(alone, [start(alone, { t: 2.5 })]);

    expect(decision.job?.record).toMatchObject({ phase: "completed", status: 0 });
    expect(published(decision)).toHaveLength(1);
  });
});

describe("exit", () => {
  const closing = planOf(`
    - subscribes: t
      publishes: t.done
      activities:
        start: { type: trigger }
        listen: { type: worker, topic: w }
        work: { type: worker, topic: w }
        close: { type: hook, statusThreshold: '{$job.data.t}', job: { maps: { t: 1 } } }
      transitions:
        start: [ { to: listen }, { to: work } ]
        work: [ { to: close, conditions: { code: [200, 202] } } ]
  `);

  test("a pass that leaves as many as its threshold announces the job, which stays open", () => {
    const closed = play(closing, [start(closing), answer("work,0,0")]);
    const last = play(closing, [answer("listen,0,0")], { from: closed.job });

    expect(closed.job?.record).toMatchObject({ phase: "running", status: 1, expireAt: null });
    expect(published(closed)).toMatchObject([{ channel: "job", body: { final: true } }]);
    expect(last.job?.record).toMatchObject({ phase: "completed", status: 0 });
    expect(published(last)).toMatchObject([{ channel: "job", body: { final: true } }]);
  });

  test("a pending answer that leaves as many as the threshold announces it too", () => {
    const plan = planOf(`
    - subscribes: t
      publishes: t.done
      activities:
        start: { type: trigger }
        other: { type: worker, topic: w }
        work: { type: worker, topic: w, statusThreshold: 1 }
      transitions: { start: [ { to: work }, { to: other } ] }
    `);
    const events = [start(plan), answer("other,0,0"), answer("work,0,0", {}, { status: "pending", code: 202 })];

    const decision = play(plan, events);

    expect(decision.job?.record).toMatchObject({ phase: "running", status: 1 });
    expect(published(decision)).toHaveLength(1);
  });

  test("whenever nothing is open the job completes, whatever the threshold says", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        work: { type: worker, topic: w, statusThreshold: '{$job.data.t}', job: { maps: { t: 7 } } }
      transitions: { start: [ { to: work } ] }
    `);

    expect(play(plan, [start(plan), answer("work,0,0")]).job?.record).toMatchObject({ phase: "completed", status: 0 });
  });
});
