import {
  type AnswerBody,
  type InboundMessage,
  type Instant,
  invariant,
  type JobId,
  type JobRecord,
  keyAfter,
  type Lease,
  type OutgoingMessage,
  type PlanId,
  type Settled,
  type Settlement,
} from "@hotmesh/core";

/** A message of a step, and what the commit consumes for it. */
export type Entry =
  | { readonly from: "event"; readonly message: InboundMessage }
  | { readonly from: "stored"; readonly message: InboundMessage }
  | {
      readonly from: "answer";
      readonly message: InboundMessage;
      readonly lease: Lease;
      readonly answer: AnswerBody;
      readonly deadLetter: boolean;
    };

export type PlanOf = (job: JobId | null) => PlanId | null;

export function planIn(jobs: ReadonlyMap<JobId, JobRecord>): PlanOf {
  return (job) => (job === null ? null : (jobs.get(job)?.plan ?? null));
}

export function eventEntries(events: readonly OutgoingMessage[], planOf: PlanOf): readonly Entry[] {
  return events.map((event) => ({
    from: "event",
    message: { ...event, source: "event", plan: planOf(event.job), request: null },
  }));
}

/** One entry for each answer whose lease is held; an answer that comes twice counts once. */
export function answerEntries(
  settlements: readonly Settlement[],
  planOf: PlanOf,
  isHeld: (lease: Lease) => boolean,
): { readonly entries: readonly Entry[]; readonly settled: readonly Settled[] } {
  const entries = new Map<string, Entry>();
  const settled = settlements.map(({ lease, outcome }): Settled => {
    invariant(outcome.kind === "answer", `a step takes answers, ${lease.key} came with ${outcome.kind}`);
    if (entries.has(lease.key) || !isHeld(lease)) return "lease-lost";
    const message = answerMessage(lease, outcome.answer, planOf(lease.job));
    const deadLetter = outcome.deadLetter === true;
    entries.set(lease.key, { from: "answer", message, lease, answer: outcome.answer, deadLetter });
    return "settled";
  });
  return { entries: [...entries.values()], settled };
}

function answerMessage(lease: Lease, body: AnswerBody, plan: PlanId | null): InboundMessage {
  return {
    key: keyAfter(lease.key, "answer"),
    topic: null,
    kind: "complete",
    job: lease.job,
    generation: lease.generation,
    path: lease.path,
    body,
    visibleAt: null,
    attempt: lease.attempt,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: lease.trace,
    source: "answer",
    plan,
    request: lease.key,
  };
}

export function jobsOf(messages: readonly { readonly job: JobId | null }[]): readonly JobId[] {
  return [...new Set(messages.flatMap(({ job }) => (job === null ? [] : [job])))];
}

/** What a decision about a batch rests on. */
export interface Ground {
  readonly now: Instant;
  readonly jobs: ReadonlyMap<JobId, JobRecord>;
}
