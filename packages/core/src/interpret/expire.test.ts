import { describe, expect, test } from "vitest";
import { instant } from "../brand.js";
import type { Plan } from "../plan/plan.js";
import { answer, interrupt, now, planOf, play, start } from "../testing/builders.js";

const expiring = (expire: string, work = ""): Plan =>
  planOf(`
    - subscribes: t
      ${expire === "" ? "title: kept" : `expire: ${expire}`}
      activities:
        start: { type: trigger }
        work: { type: worker, topic: w ${work} }
        other: { type: worker, topic: w }
      transitions:
        start:
          - { to: work }
          - { to: other, conditions: { match: [ { actual: '{start.output.data.one}' } ] } }
  `);
const done = (plan: Plan, payload: { [key: string]: string | number } = {}) =>
  play(plan, [start(plan, { one: 1, ...payload }), answer("work,0,0", { keep: 30 })]).job?.record.expireAt;

const day = now + 86_400_000;

test.each([
  ["", day],
  ["null", day],
  ["'{start.output.data.no}'", day],
  ["{ '@pipe': [ ['{start.output.data.no}', '-'], ['{@string.split}'] ] }", day],
  ["60", now + 60_000],
  ["0.5", now + 500],
  ["'90'", now + 90_000],
  ["'{start.output.data.keep}'", now + 20_000],
  ["'{work.output.data.keep}'", now + 30_000],
  ["'{$self.output.data.keep}'", now + 30_000],
  ["0", null],
  ["-5", null],
  ["forever", null],
  ["1e30", 8.64e15],
  ["0.0001", now + 1],
  ["true", null],
])("a job with expire %s is kept until then", (expire, until) => {
  expect(done(expiring(expire), { keep: 20 })).toBe(until);
});

test("the countdown of a job that ends in its trigger is the graph's", () => {
  const plan = planOf(`
    - subscribes: t
      expire: '{$self.output.data.keep}'
      activities: { start: { type: trigger } }
  `);

  expect(play(plan, [start(plan, { keep: 7 })]).job?.record.expireAt).toBe(now + 7_000);
});

describe("while obligations are open", () => {
  test("nothing expires, not after persist and not after a failure", () => {
    const persisted = expiring("60", ", persist: true");
    const failed = expiring("60");

    expect(play(persisted, [start(persisted), answer("work,0,0")]).job?.record.expireAt).toBeNull();
    expect(play(failed, [start(failed), answer("work,0,0", {}, { status: "error" })]).job?.record).toMatchObject({
      phase: "failed",
      expireAt: null,
    });
  });

  test("the countdown starts at the last completion", () => {
    const plan = expiring("60", ", persist: true");
    const open = play(plan, [start(plan), answer("work,0,0")]);

    const closed = play(plan, [answer("other,0,0")], { from: open.job, now: instant(now + 5_000) });

    expect(closed.job?.record.expireAt).toBe(now + 65_000);
  });
});

describe("an interruption", () => {
  test("has an expire of its own, else the graph's, else the retention", () => {
    const kept = (plan: Plan, expireSeconds: number | null) =>
      play(plan, [start(plan, { keep: 20 }), interrupt({ expireSeconds })]).job?.record.expireAt;

    expect(kept(expiring("60"), 5)).toBe(now + 5_000);
    expect(kept(expiring("60"), 0)).toBeNull();
    expect(kept(expiring("60"), null)).toBe(now + 60_000);
    expect(kept(expiring("'{start.output.data.keep}'"), null)).toBe(now + 20_000);
    expect(kept(expiring(""), null)).toBe(day);
  });
});
