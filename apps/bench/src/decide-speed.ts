import {
  decide,
  defaultLimits,
  generationId,
  type Instant,
  instant,
  type JobEvent,
  type JobState,
  jobId,
  type Moment,
  messageKey,
  type Plan,
  pathText,
} from "@hotmesh/core";
import { compileText } from "@hotmesh/core/compiler";

export interface DecideSpeed {
  readonly decision: string;
  readonly perSecond: number;
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

/** Simple decisions on one core, without any storage: a start up to its worker, and the answer that ends the job. */
export function decideSpeed(options: { readonly seconds: number }): readonly DecideSpeed[] {
  const moment = momentOf(plan, instant(1_800_000_000_000));
  const start = startOf(plan);
  const begun = decide(plan, null, start, moment).job;
  if (begun?.record.status !== 1) throw new Error("the job does not wait for its worker");
  const ended = decide(plan, begun, answer, moment).job;
  if (ended?.record.phase !== "completed") throw new Error("the answer does not end the job");
  return [
    measured("start", options.seconds, () => decide(plan, null, start, moment).job),
    measured("answer", options.seconds, () => decide(plan, begun, answer, moment).job),
  ];
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
  const nobody = { parent: null, fields: {}, entity: null, waiter: null, trace: null, pendingSeconds: null };
  const body = { plan: id, topic: graphs[0]?.topic ?? "", payload: { clay: "red" }, ...nobody };
  return { kind: "start", job, generation, key: messageKey("start"), body };
}

function momentOf(active: Plan, now: Instant): Moment {
  return { now, active, limits: defaultLimits, violations: null };
}

function measured(decision: string, seconds: number, take: () => JobState | null): DecideSpeed {
  const batch = 1_000;
  const repeat = (forMs: number): { readonly taken: number; readonly ms: number } => {
    const startedAt = performance.now();
    let taken = 0;
    let ms = 0;
    while (ms < forMs) {
      for (let count = 0; count < batch; count += 1) take();
      taken += batch;
      ms = performance.now() - startedAt;
    }
    return { taken, ms };
  };
  repeat(seconds * 250);
  const { taken, ms } = repeat(seconds * 1_000);
  return { decision, perSecond: (taken / ms) * 1_000, microseconds: (ms / taken) * 1_000 };
}
