import { generationId, type Instant, type JobId, jobId, type PlanId, planId } from "../../brand.js";
import { isJsonObject, type Json } from "../../json.js";
import type { InboundMessage, OutgoingMessage } from "../../ports/message.js";
import type {
  Commit,
  JobWrite,
  MissingPlans,
  PassReads,
  Program,
  ReadSet,
  Snapshot,
  Verdict,
} from "../../ports/program.js";
import type { JobRecord } from "../../ports/records.js";

/** What a message finds when its turn comes. */
export interface Turn {
  readonly message: InboundMessage;
  /** The job of the message as the messages before it left it. */
  readonly job: JobRecord | null;
  readonly snapshot: Snapshot;
}

/** What a message does: any part of a commit, and what becomes of its own job. */
export interface Reaction extends Partial<Omit<Commit, "jobs" | "parked" | "deferred" | "verdicts">> {
  readonly job?: JobRecord;
  /** Reasons why a message is parked. */
  readonly park?: string;
  readonly verdict?: Verdict;
}

export type Reactions = Readonly<Record<string, (turn: Turn) => Reaction>>;

/** A program without graphs: jobs that write down in `control` which messages they saw. */
export interface Ledger extends Program {
  /** Every batch it was asked to decide, repetitions included. */
  readonly batches: readonly (readonly InboundMessage[])[];
  readonly snapshots: readonly Snapshot[];
}

export interface LedgerOptions {
  readonly reads?: Partial<ReadSet>;
  /** Further passes to ask for, round by round, before anything is decided. */
  readonly rounds?: readonly PassReads[];
  /** Keys of work items to ask for before anything is decided. */
  readonly items?: readonly string[];
  readonly missing?: { readonly plans: readonly PlanId[]; readonly at: "reads" | "decide" };
  /** The revision to name for a job, in place of the one that was read. */
  readonly expected?: number | null;
}

/**
 * `open` starts a job, `close` ends it with the fields of its body, every other kind is written down: its reaction may
 * add to that.
 */
export function ledger(reactions: Reactions = {}, options: LedgerOptions = {}): Ledger {
  const batches: (readonly InboundMessage[])[] = [];
  const snapshots: Snapshot[] = [];
  return {
    batches,
    snapshots,
    reads: () =>
      options.missing?.at === "reads"
        ? { missing: options.missing.plans }
        : { passes: [], ranges: [], activation: false, ...options.reads },
    decide: (messages, snapshot) => {
      batches.push(messages);
      snapshots.push(snapshot);
      if (options.missing?.at === "decide") return { missing: options.missing.plans };
      const wanted = options.rounds?.[snapshots.length - 1];
      if (wanted !== undefined) return { wanted };
      const items = (options.items ?? []).filter((key) => snapshot.escalations?.get(key) === undefined);
      if (items.length > 0) return { wanted: { passes: [], ranges: [] }, escalations: items };
      return fold(messages, snapshot, { reactions, options });
    },
  };
}

/** The messages a job saw, as `kind key`, in the order it saw them. */
export function seenBy(job: JobRecord | null): readonly Json[] {
  if (job === null || !isJsonObject(job.control)) return [];
  const seen = job.control["seen"];
  return Array.isArray(seen) ? seen : [];
}

/** The record an `open` message makes. */
export function jobRecord(start: OutgoingMessage, now: Instant): JobRecord {
  return {
    id: start.job ?? jobId(""),
    generation: start.generation ?? generationId(""),
    revision: 1,
    plan: planId("plan-1"),
    topic: "ledger.open",
    version: "1",
    phase: "running",
    status: 1,
    control: { seen: [] },
    data: null,
    fields: {},
    failure: null,
    key: null,
    entity: null,
    parent: null,
    origin: null,
    waiter: null,
    trace: null,
    createdAt: now,
    updatedAt: now,
    expireAt: null,
    ...(isJsonObject(start.body) ? start.body : {}),
  };
}

interface Script {
  readonly reactions: Reactions;
  readonly options: LedgerOptions;
}

function fold(messages: readonly InboundMessage[], snapshot: Snapshot, script: Script): Commit | MissingPlans {
  const jobs = new Map<JobId, JobWrite>();
  const stopped = new Set<JobId>();
  const steps = messages.map((message): Reaction & { readonly defer?: boolean } => {
    if (message.source === "stored" && message.job !== null && stopped.has(message.job)) return { defer: true };
    const written = message.job === null ? undefined : jobs.get(message.job);
    const known = message.job === null ? undefined : snapshot.jobs.get(message.job);
    const turn = { message, job: written?.record ?? known ?? null, snapshot };
    const reaction = { ...standard(turn), ...script.reactions[message.kind]?.(turn) };
    if (reaction.park !== undefined) {
      if (message.job !== null) stopped.add(message.job);
      return { park: reaction.park };
    }
    if (reaction.job !== undefined) {
      const read = known?.revision ?? null;
      const expected = script.options.expected === undefined ? read : script.options.expected;
      jobs.set(reaction.job.id, { record: { ...reaction.job, revision: (expected ?? 0) + 1 }, expected });
    }
    return reaction;
  });
  return {
    jobs: [...jobs.values()],
    passes: steps.flatMap((step) => step.passes ?? []),
    sends: steps.flatMap((step) => step.sends ?? []),
    cancels: steps.flatMap((step) => step.cancels ?? []),
    hooksOpened: steps.flatMap((step) => step.hooksOpened ?? []),
    hooksClosed: steps.flatMap((step) => step.hooksClosed ?? []),
    signals: steps.flatMap((step) => step.signals ?? []),
    counters: steps.flatMap((step) => step.counters ?? []),
    countersDropped: steps.flatMap((step) => step.countersDropped ?? []),
    escalationsClosed: steps.flatMap((step) => step.escalationsClosed ?? []),
    escalationsOpened: steps.flatMap((step) => step.escalationsOpened ?? []),
    publications: steps.flatMap((step) => step.publications ?? []),
    parked: steps.flatMap(({ park }, position) => (park === undefined ? [] : [{ position, reason: park }])),
    deferred: steps.flatMap(({ defer }, position) => (defer === true ? [position] : [])),
    verdicts: steps.map((step) => step.verdict ?? { outcome: "applied", job: step.job ?? null }),
  };
}

function standard({ message, job, snapshot }: Turn): Reaction {
  if (message.kind === "open") {
    if (job !== null) return { verdict: { outcome: "duplicate" } };
    return { job: jobRecord(message, snapshot.now) };
  }
  if (message.job === null) return {};
  if (job === null || (message.generation !== null && message.generation !== job.generation)) {
    return { verdict: { outcome: "stale", reason: "not-found" } };
  }
  const change = message.kind === "close" && isJsonObject(message.body) ? message.body : {};
  const seen = [...seenBy(job), `${message.kind} ${message.key}`];
  return { job: { ...job, ...change, control: { seen }, updatedAt: snapshot.now } };
}
