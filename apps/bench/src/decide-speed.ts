import {
  decide,
  defaultLimits,
  generationId,
  type Instant,
  instant,
  type JobEvent,
  jobId,
  type Moment,
  messageKey,
  type Plan,
  pathText,
} from "@hotmesh/core";
import { compileText } from "@hotmesh/core/compiler";
import { middle, sorted, startStopwatch, type Times } from "./stopwatch.js";

/** What decisions of one kind cost. Times of the processor are of all threads of the process, garbage included. */
export interface DecideSpeed {
  readonly decision: string;
  /** Decisions per second of one processor: in the middle one of the rounds, and in the best. */
  readonly perSecond: number;
  readonly bestPerSecond: number;
  /** The same by the clock on the wall, which other processes make slower. */
  readonly perSecondOfWall: number;
  /** Of the processor, for each decision of the middle round. */
  readonly microseconds: number;
}

const { plan } = compileText(`
app:
  id: decisions
  version: '1'
  graphs:
    - subscribes: pot.throw
      activities:
        t1: { type: trigger }
        k1:
          type: worker
          topic: kiln.fire
          input: { maps: { clay: '{t1.output.data.clay}' } }
          job: { maps: { fired: '{$self.output.data.fired}' } }
      transitions:
        t1: [{ to: k1 }]
`);
const job = jobId("j1");
const generation = generationId("G1");

/**
 * Simple decisions, without any storage: the start of a job up to its worker, the answer that ends it, and jobs, which
 * are one of each.
 */
export function decideSpeed(options: { readonly seconds: number }): readonly DecideSpeed[] {
  const moment = momentOf(plan, instant(1_800_000_000_000));
  const start = startOf(plan);
  const begun = decide(plan, null, start, moment).job;
  if (begun?.record.status !== 1) throw new Error("the job does not wait for its worker");
  const ended = decide(plan, begun, answer, moment).job;
  if (ended?.record.phase !== "completed") throw new Error("the answer does not end the job");
  const kinds: readonly Kind[] = [
    { decision: "start", count: 1, take: () => decide(plan, null, start, moment) },
    { decision: "answer", count: 1, take: () => decide(plan, begun, answer, moment) },
    {
      decision: "start + answer",
      count: 2,
      take: () => decide(plan, decide(plan, null, start, moment).job, answer, moment),
    },
  ];
  for (const { take } of kinds) roundOf(take, options.seconds * 250);
  return kinds.map((kind) => speedOf(kind, options.seconds));
}

const answer: JobEvent = {
  kind: "complete",
  job,
  generation,
  path: pathText("k1,0,0"),
  body: { status: "success", code: 200, data: { fired: true } },
  key: messageKey("answer"),
  request: null,
};

function startOf({ id, graphs }: Plan): JobEvent {
  const nobody = {
    parent: null,
    origin: null,
    fields: {},
    entity: null,
    waiter: null,
    trace: null,
    pendingSeconds: null,
  };
  const body = { plan: id, topic: graphs[0]?.topic ?? "", payload: { clay: "red" }, ...nobody };
  return { kind: "start", job, generation, key: messageKey("start"), body };
}

function momentOf(active: Plan, now: Instant): Moment {
  return { now, active, limits: defaultLimits, violations: null };
}

interface Kind {
  readonly decision: string;
  /** Decisions of one call. */
  readonly count: number;
  readonly take: () => unknown;
}

interface Round extends Times {
  readonly taken: number;
}

const rounds = 9;

function speedOf({ decision, count, take }: Kind, seconds: number): DecideSpeed {
  const measured = Array.from({ length: rounds }, () => roundOf(take, (seconds * 1_000) / rounds));
  const perSecond = sorted(measured.map(({ taken, processorMs }) => (count * taken * 1_000) / processorMs));
  const ofWall = sorted(measured.map(({ taken, wallMs }) => (count * taken * 1_000) / wallMs));
  const median = middle(perSecond);
  const [bestPerSecond = median] = perSecond.toReversed();
  return {
    decision,
    perSecond: median,
    bestPerSecond,
    perSecondOfWall: middle(ofWall),
    microseconds: 1_000_000 / median,
  };
}

function roundOf(take: () => unknown, forMs: number): Round {
  const batch = 1_000;
  const stopwatch = startStopwatch();
  for (let taken = batch; ; taken += batch) {
    for (let count = 0; count < batch; count += 1) take();
    const times = stopwatch();
    if (times.wallMs >= forMs) return { taken, ...times };
  }
}
