import { beforeAll, expect, test } from "vitest";
import { generationId, jobId, messageKey } from "../brand.js";
import type { Lease, Settlement } from "../ports/message.js";
import type { Program } from "../ports/program.js";
import { planOf } from "../testing/builders.js";
import { memoryBackend } from "../testing/memory/backend.js";
import { TestClock } from "../testing/test-clock.js";
import { graphProgram } from "./batch.js";
import { prepareStart } from "./start-event.js";

/** A mill that turns until its worker has had enough: a pivot, a worker, a condition and a cycle. */
const mill = planOf(`
    - subscribes: mill.turn
      activities:
        start: { type: trigger }
        grind: { type: hook, output: { maps: { turn: 0 } }, job: { maps: { turn: '{$self.output.data.turn}' } } }
        stone:
          type: worker
          topic: mill.stone
          input: { maps: { turn: '{grind.output.data.turn}', of: '{start.output.data.of}' } }
          job: { maps: { flour: '{$self.output.data.flour}' } }
        again:
          type: cycle
          ancestor: grind
          input: { maps: { turn: { '@pipe': [ ['{grind.output.data.turn}', 1], ['{@math.add}'] ] } } }
        done: { type: hook, job: { maps: { ground: '{grind.output.data.turn}' } } }
      transitions:
        start: [ { to: grind } ]
        grind: [ { to: stone } ]
        stone:
          - { to: again, conditions: { match: [ { expected: true, actual: '{$self.output.data.more}' } ] } }
          - { to: done, conditions: { match: [ { expected: false, actual: '{$self.output.data.more}' } ] } }
`);

const topic = "mill.stone";
const turns = 10_000;
const id = jobId("m1");

/** What one step cost: everything that a storage is asked to read or write. */
interface Cost {
  readonly keysAsked: number;
  readonly rangesAsked: number;
  readonly passesRead: number;
  readonly jobsRead: number;
  readonly jobsWritten: number;
  readonly passesWritten: number;
  readonly messagesSent: number;
  readonly others: number;
  readonly controlLength: number;
}

function counting(program: Program, costs: Cost[]): Program {
  return {
    reads: program.reads,
    decide: (messages, snapshot) => {
      const reads = program.reads(messages);
      const commit = program.decide(messages, snapshot);
      if (!("verdicts" in commit) || "missing" in reads) return commit;
      costs.push({
        keysAsked: reads.passes.length,
        rangesAsked: reads.ranges.length,
        passesRead: snapshot.passes.length,
        jobsRead: snapshot.jobs.size,
        jobsWritten: commit.jobs.length,
        passesWritten: commit.passes.length,
        messagesSent: commit.sends.length,
        others:
          commit.cancels.length +
          commit.hooksOpened.length +
          commit.hooksClosed.length +
          commit.signals.length +
          commit.counters.length,
        controlLength: JSON.stringify(commit.jobs.map(({ record }) => record.control)).length,
      });
      return commit;
    },
  };
}

const costs: Cost[] = [];

beforeAll(async () => {
  const clock = new TestClock();
  const { store } = memoryBackend({ clock });
  await store.deploy(mill);
  await store.activate(mill.version);
  const program = counting(graphProgram({ plans: new Map([[mill.id, mill]]), policy: null }), costs);
  const handoff = { slots: new Map([[topic, 1]]), leaseMs: 60_000 };
  const start = prepareStart(mill, {
    topic: "mill.turn",
    payload: { of: turns },
    generatedId: id,
    generation: generationId("G1"),
    key: messageKey("start"),
    now: clock.now(),
  });
  let { handed } = await store.step({ limit: 0, events: [start], handoff }, program);
  for (let turn = 1; turn <= turns; turn += 1) {
    const answers = handed.map((lease) => flour(lease, turn));
    ({ handed } = await store.step({ limit: 0, answers, handoff }, program));
  }
  expect(await store.readJob(id)).toMatchObject({ phase: "completed", data: { ground: turns - 1, flour: turns } });
}, 60_000);

function flour(lease: Lease, turn: number): Settlement {
  const data = { flour: turn, more: turn < turns };
  return { lease, outcome: { kind: "answer", answer: { status: "success", code: 200, data } } };
}

test("a late turn of a loop reads and writes as many rows as an early one", () => {
  // Step 0 is the start, step n the answer of turn n, which goes on to turn n + 1; the last one leaves the loop.
  const shapes = costs.slice(1, turns).map(({ controlLength, ...rows }) => JSON.stringify(rows));

  expect(costs).toHaveLength(turns + 1);
  expect(new Set(shapes.slice(9))).toEqual(new Set([shapes[9]]));
  // The pivot and the trigger are mentioned, and the answered pass may be there; the worker, the cycle and the next
  // entry of the pivot are written.
  expect(costs[turns - 1]).toMatchObject({ rangesAsked: 0, jobsRead: 1, jobsWritten: 1, messagesSent: 1, others: 0 });
  expect(costs[turns - 1]?.keysAsked).toBeLessThanOrEqual(3);
  expect(costs[turns - 1]?.passesWritten).toBeLessThanOrEqual(3);
});

test("what a job remembers of a loop grows by the digits of its numbers alone", () => {
  const lengths = costs.map(({ controlLength }) => controlLength);

  expect(Math.max(...lengths.slice(10, turns)) - (lengths[10] ?? 0)).toBeLessThanOrEqual(12);
});
