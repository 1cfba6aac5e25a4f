import { expect, test } from "vitest";
import { TestClock } from "../test-clock.js";
import { simulate } from "./simulate.js";
import type { SimulationOptions } from "./simulation.js";

const app = (graphs: string): string => `
app:
  id: kiln
  version: '1'
  graphs:
${graphs}`;

const pots = app(`
    - subscribes: pot.ordered
      input: { schema: { type: object, required: [id] }, validate: true }
      activities:
        ordered: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        fire:
          type: worker
          topic: kiln.fire
          retry: { '503': [3] }
          input: { maps: { pot: '{ordered.output.data.id}' } }
          job: { maps: { cone: '{$self.output.data.cone}' } }
        inspect: { type: hook, job: { maps: { grade: '{$self.hook.data.grade}' } } }
      transitions:
        ordered: [{ to: fire }]
        fire: [{ to: inspect }]
      hooks:
        pot.graded:
          - to: inspect
            conditions: { match: [{ expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' }] }`);

const fired: SimulationOptions = {
  document: pots,
  workers: { "kiln.fire": async ({ data }) => ({ data: { cone: data["pot"] === "P1" ? 6 : 10 } }) },
  start: [{ topic: "pot.ordered", data: { id: "P1" } }],
};

test("a job runs through its callbacks, and says what it still waits for", async () => {
  const { jobs, calls, refused, passedMs } = await simulate(fired);

  const job = { id: "P1", topic: "pot.ordered", state: "running", status: 1, data: { cone: 6 }, failure: null };
  expect(jobs).toEqual([{ ...job, waitsFor: ["inspect: hook"] }]);
  const call = { topic: "kiln.fire", job: "P1", activity: "fire", attempt: 0, data: { pot: "P1" }, atMs: 0 };
  expect({ calls, refused, passedMs }).toEqual({ calls: [call], refused: [], passedMs: 0 });
});

test("a signal reaches its wait, also when it comes first", async () => {
  const graded = { topic: "pot.graded", data: { id: "P1", grade: "A" } };
  for (const afterMs of [0, 60_000]) {
    const late = await simulate({ ...fired, signals: [{ ...graded, afterMs }] });
    const early = await simulate({
      ...fired,
      start: [{ topic: "pot.ordered", data: { id: "P1" }, afterMs }],
      signals: [graded],
    });

    for (const { jobs, passedMs } of [late, early]) {
      expect(jobs).toMatchObject([{ state: "completed", data: { cone: 6, grade: "A" }, waitsFor: [] }]);
      expect(passedMs).toBe(afterMs);
    }
  }
});

test("an interruption ends a job", async () => {
  const { jobs } = await simulate({ ...fired, interruptions: [{ job: "P1", afterMs: 1_000 }] });

  expect(jobs).toMatchObject([{ state: "interrupted", failure: { code: 410 } }]);
});

test("what a client is refused is told, and the rest goes on", async () => {
  const start = [{ topic: "pot.ordered", data: { id: "P1" } }, { topic: "pot.ordered" }, { topic: "no.such" }];
  const { jobs, refused } = await simulate({ ...fired, start: [...start, ...start.slice(0, 1)] });

  expect(jobs).toHaveLength(1);
  expect(refused).toEqual([
    expect.stringMatching(/^starts pot.ordered {}: the payload .* breaks .* must have required property 'id'$/),
    "starts no.such {}: no subscription found for topic no.such in app kiln for app version 1",
    'starts pot.ordered {"id":"P1"}: duplicate job',
  ]);
});

test("a callback that throws is called again, as its activity says", async () => {
  let left = 2;
  const flaky = async () => {
    left -= 1;
    if (left >= 0) throw Object.assign(new Error("the kiln is cold"), { code: 503 });
    return { data: { cone: 6 } };
  };
  const { jobs, calls, passedMs } = await simulate({ ...fired, workers: { "kiln.fire": flaky } });

  expect(calls.map(({ attempt, atMs }) => [attempt, atMs])).toEqual([
    [0, 0],
    [1, 10],
    [2, 110],
  ]);
  expect({ jobs, passedMs }).toMatchObject({ jobs: [{ data: { cone: 6 } }], passedMs: 110 });
});

test("a callback has an abort signal, which does not fire", async () => {
  const seen: unknown[] = [];
  const { calls } = await simulate({
    ...fired,
    workers: {
      "kiln.fire": async (_, { signal }: { readonly signal: { readonly aborted: boolean } }) => {
        seen.push(signal.aborted);
      },
    },
  });

  expect({ seen, calls: calls.length }).toEqual({ seen: [false], calls: 1 });
});

const reminders = app(`
    - subscribes: plan.made
      activities:
        made: { type: trigger }
        turn: { type: hook, output: { maps: { count: 1 } } }
        day: { type: hook, sleep: 86400 }
        remind: { type: worker, topic: mail.send, input: { maps: { count: '{turn.output.data.count}' } } }
        next:
          type: cycle
          ancestor: turn
          input: { maps: { count: { '@pipe': [['{turn.output.data.count}', 1], ['{@math.add}']] } } }
        done: { type: hook, job: { maps: { count: '{turn.output.data.count}' } } }
      transitions:
        made: [{ to: turn }]
        turn: [{ to: day }]
        day: [{ to: remind }]
        remind:
          - to: next
            conditions:
              match: [{ expected: true, actual: { '@pipe': [['{turn.output.data.count}', 365], ['{@number.lt}']] } }]
          - to: done
            conditions: { match: [{ expected: 365, actual: '{turn.output.data.count}' }] }`);

test("a year of timers passes, one each day", async () => {
  const clock = new TestClock();
  const startedAt = clock.now();
  const seen: number[] = [];
  const { jobs, calls, passedMs } = await simulate({
    document: reminders,
    clock,
    workers: {
      "mail.send": async () => {
        seen.push(clock.now() - startedAt);
        return {};
      },
    },
    start: [{ topic: "plan.made" }],
  });

  expect(passedMs).toBe(365 * 86_400_000);
  expect(jobs).toMatchObject([{ state: "completed", data: { count: 365 } }]);
  expect(calls).toHaveLength(365);
  expect(seen).toEqual(calls.map(({ atMs }) => atMs));
});

test("what lies beyond the time it is given does not happen", async () => {
  const { jobs, passedMs } = await simulate({ document: reminders, forMs: 1_000, start: [{ topic: "plan.made" }] });

  expect(jobs).toMatchObject([{ state: "running", waitsFor: ["day: hook"] }]);
  expect(passedMs).toBe(0);
});

const race = app(`
    - subscribes: race.run
      activities:
        race: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        hare: { type: worker, topic: run.hare, job: { maps: { last: hare } } }
        tortoise: { type: worker, topic: run.tortoise, job: { maps: { last: tortoise } } }
      transitions: { race: [{ to: hare }, { to: tortoise }] }`);

test("a seed plays the same run every time, and seeds differ", async () => {
  const play = (seed: number) =>
    simulate({
      document: race,
      seed,
      workers: { "run.hare": async () => ({}), "run.tortoise": async () => ({}) },
      start: [{ topic: "race.run", data: { id: "r" } }],
    });
  const winners = new Set<unknown>();
  for (let seed = 1; seed <= 20; seed += 1) {
    const [one, other] = [await play(seed), await play(seed)];
    expect(one).toEqual(other);
    winners.add(JSON.stringify(one.jobs[0]?.data));
  }

  expect(winners.size).toBe(2);
});

test("a document with mistakes is refused with all of them", async () => {
  await expect(simulate({ document: app("    - subscribes: x\n") })).rejects.toMatchObject({ kind: "compile-failed" });
});
