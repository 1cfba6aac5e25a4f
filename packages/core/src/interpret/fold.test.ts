import { expect, test } from "vitest";
import type { JobEvent } from "../job/event.js";
import type { Plan } from "../plan/plan.js";
import type { Commit } from "../ports/program.js";
import { answer, job, now, planOf, play, signal, start } from "../testing/builders.js";
import { Fold } from "./fold.js";

/** The events decided one after the other and folded into one commit. */
function folded(plan: Plan, ...events: readonly JobEvent[]): Commit {
  const fold = new Fold(
    { now, jobs: new Map(), passes: [], asked: { passes: [], ranges: [] }, activation: null },
    null,
  );
  for (const event of events) fold.add(job, play(plan, [event], { from: fold.state(job) }));
  return fold.commit();
}

const waiting = planOf(`
    - subscribes: t
      activities: { start: { type: trigger }, wait: { type: hook, sleep: 60 }, work: { type: worker, topic: w } }
      transitions: { start: [ { to: wait }, { to: work } ] }
      hooks: { go: [ { to: wait, conditions: { match: [ { expected: 1, actual: '{$hook.data.n}' } ] } } ] }
`);

test("a wait that opens and closes in one batch leaves no hook and no timer", () => {
  const commit = folded(waiting, start(waiting), signal("wait,0,0"));

  expect(commit.hooksOpened).toEqual([]);
  expect(commit.hooksClosed).toEqual([{ job, path: "wait,0,0" }]);
  expect(commit.sends.map(({ kind }) => kind)).toEqual(["work"]);
});

test("a request that is sent and answered from elsewhere in one batch is not sent", () => {
  const commit = folded(waiting, start(waiting), answer("work,0,0"));

  expect(commit.sends.map(({ kind }) => kind)).toEqual(["wake"]);
  expect(commit.cancels).toEqual([{ by: "path", job, path: "work,0,0" }]);
  expect(commit.hooksOpened).toHaveLength(1);
});

test("a job and a pass are named once, as the last decision left them", () => {
  const commit = folded(waiting, start(waiting), answer("work,0,0"), signal("wait,0,0"));

  expect(commit.jobs).toMatchObject([{ expected: null, record: { id: job, revision: 1, phase: "completed" } }]);
  expect(commit.passes.map(({ activity }) => activity)).toEqual(["start", "work", "wait"]);
});
