import { type CounterChange, decide, type Instant, type JobRecord, type Json, jobId, type Plan } from "@hotmesh/core";
import { payloadCheck } from "@hotmesh/core/compiler";
import { PureHost, type Scenario } from "@hotmesh/core/testing";
import { type Action, type Story, workers } from "./stories.js";
import { Violation } from "./violation.js";

/** What is compared of a job: everything that does not depend on when and in which order things happened. */
export interface Outcome {
  readonly data: Json;
  readonly state: string;
  readonly status: number;
  readonly failure: Json;
  /** Search fields and markers. */
  readonly fields: Json;
}

/** What must have come of a story in the end. */
export interface Expectation {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** What was counted, whenever that was. */
  readonly counted: readonly CounterChange[];
}

export function outcomeOf(job: JobRecord): Outcome {
  return { data: job.data, state: job.phase, status: job.status, failure: job.failure, fields: job.fields };
}

const known = new WeakMap<Plan, Map<string, Expectation>>();

/** How every job of a story ends when nothing goes wrong: the pure interpreter says so. */
export async function expectationOf(plan: Plan, story: Story, now: Instant): Promise<Expectation> {
  const ofPlan = known.get(plan) ?? new Map<string, Expectation>();
  known.set(plan, ofPlan);
  const key = JSON.stringify(story.actions);
  const expectation = ofPlan.get(key) ?? (await play(plan, story, now));
  ofPlan.set(key, expectation);
  return expectation;
}

const hourMs = 3_600_000;

async function play(plan: Plan, story: Story, now: Instant): Promise<Expectation> {
  const scenario: Scenario = { name: story.name, document: "", workers, steps: [] };
  const counted: CounterChange[] = [];
  const noted: typeof decide = (...given) => {
    const decision = decide(...given);
    for (const effect of decision.effects) if (effect.kind === "count") counted.push(effect.change);
    return decision;
  };
  const host = new PureHost(scenario, plan, { now, violations: payloadCheck, decide: noted });
  for (const action of story.actions) {
    await playAction(host, action);
    await host.advance(0);
  }
  await host.advance(hourMs);
  const open = host.jobs.find((job) => job.status > 0);
  if (open !== undefined) throw new Error(`the story of ${open.id} never ends: ${JSON.stringify(story.actions)}`);
  return { outcomes: new Map(host.jobs.map((job) => [job.id, outcomeOf(job)])), counted };
}

/** In the reference every worker answers at once and no job waits to be resumed: `add` and `resume` have been done. */
async function playAction(host: PureHost, action: Action): Promise<void> {
  switch (action.kind) {
    case "start":
      await host.start(action.topic, action.payload, jobId(String(action.payload["id"])));
      return;
    case "signal":
      await host.signal(action.topic, action.data, { status: "success", code: 200 });
      return;
    case "interrupt":
      await host.interrupt(jobId(action.job), { descend: true });
      return;
    case "resume":
    case "add":
  }
}

/** Every job has ended as it would have without faults. */
export function compareOutcomes(
  expected: ReadonlyMap<string, Outcome>,
  finished: ReadonlyMap<string, readonly JobRecord[]>,
): void {
  for (const [id, outcome] of expected) {
    const found = finished.get(id) ?? [];
    // Its parent was interrupted, all the way down, before it began.
    if (found.length === 0 && outcome.state === "interrupted") continue;
    if (found.length === 0) throw new Violation("every job ends", `${id} never ended`);
    for (const job of found) {
      const [wanted, got] = [JSON.stringify(sorted(outcome)), JSON.stringify(sorted(outcomeOf(job)))];
      if (wanted !== got) throw new Violation("the outcome is that of the pure run", `${id} is ${got}, not ${wanted}`);
    }
  }
}

/** Everything was counted once. When it was counted is another matter: faults take time. */
export function compareCounters(expected: readonly CounterChange[], found: readonly Counted[]): void {
  const [wanted, got] = [summed(expected), summed(found)];
  for (const name of new Set([...wanted.keys(), ...got.keys()])) {
    // Sums of fractions depend on their order in the last digits.
    if (Math.abs((wanted.get(name) ?? 0) - (got.get(name) ?? 0)) < 1e-6) continue;
    throw new Violation("everything is counted once", `${name} is ${got.get(name)}, not ${wanted.get(name)}`);
  }
}

type Counted = Omit<CounterChange, "slice">;

function summed(changes: readonly Counted[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { name, field, add } of changes) sums.set(`${name} ${field}`, (sums.get(`${name} ${field}`) ?? 0) + add);
  return sums;
}

/** Order of keys is the order of writes, which faults may change. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
