import {
  type Activation,
  type Commit,
  type InboundMessage,
  type Instant,
  type JobId,
  type JobRecord,
  joinReads,
  type MissingPlans,
  type MissingReads,
  type OutgoingMessage,
  type Program,
  type ReadSet,
  type Settlement,
  type Snapshot,
} from "@hotmesh/core";
import type { Run } from "../connection/database.js";
import { call, callOf } from "../rows/call.js";
import { answerEntries, type Entry, eventEntries, jobsOf, planIn } from "./batch.js";
import { type CommitTerms, commitRequest } from "./commit-request.js";
import type { KnownJobs } from "./known-jobs.js";
import { type CommitReply, conflict, type StepResult } from "./locked-step.js";

/** What this process remembers, without having looked. */
export interface Memory {
  readonly known: KnownJobs;
  /** The database's time, as well as it is known. */
  readonly now: Instant;
  readonly isEstimate: boolean;
  /** Undefined: never seen. */
  readonly activation: Activation | null | undefined;
}

export interface OptimisticInput {
  readonly schema: string;
  readonly events: readonly OutgoingMessage[];
  readonly answers: readonly Settlement[];
  readonly terms: Pick<CommitTerms, "handoff" | "holder">;
}

/** `reads` and `escalations`: what the program asked for, to be read along by the locked step that follows. */
export type Attempt =
  | { readonly result: StepResult }
  | { readonly result: null; readonly reads: ReadSet | null; readonly escalations: readonly string[] };

/**
 * Decides on what this process remembers and commits in ONE statement, which checks all that was relied on: that no
 * live job has the id of a start, the revisions of known jobs, the leases, the active version. Nothing has happened
 * when it does not fit; the same events then go through the locked step.
 */
export async function optimisticStep(
  run: Run,
  input: OptimisticInput,
  { program, memory }: { readonly program: Program; readonly memory: Memory },
): Promise<Attempt> {
  const { batch, settled, jobs } = remembered(input, memory);
  const messages = batch.map(({ message }) => message);
  const reads = program.reads(messages);
  if ("missing" in reads) return { result: missing(reads, memory.now) };
  const snapshot = snapshotOf({ reads, jobs, messages }, memory);
  const isKnown = (id: JobId): boolean => memory.known.has(id);
  const hasUnknownAnswer = batch.some(
    ({ from, message }) => from === "answer" && (message.job === null || !isKnown(message.job)),
  );
  const isDoubtful = jobsOf(messages).some((id) => memory.known.isDoubtful(id));
  if (snapshot === null || hasUnknownAnswer || isDoubtful) return { result: null, reads, escalations: [] };

  const commit = decided(program, messages, snapshot);
  if (commit === null) return { result: null, reads, escalations: [] };
  if ("wanted" in commit) {
    const { wanted, escalations = [] } = commit;
    return { result: null, reads: { ...reads, ...joinReads(reads, wanted) }, escalations };
  }
  if ("missing" in commit) return { result: missing(commit, memory.now) };
  const started = new Set(commit.jobs.flatMap(({ record, expected }) => (expected === null ? [record.id] : [])));
  // An event about a job that this process does not know may only start it: for all else one has to look.
  if (!jobsOf(messages).every((id) => isKnown(id) || started.has(id))) {
    return { result: null, reads, escalations: [] };
  }

  const request = commitRequest(batch, commit, {
    ...input.terms,
    now: memory.now,
    jobs,
    locked: null,
    epoch: reads.activation ? (memory.activation?.epoch ?? 0) : null,
    isEstimate: memory.isEstimate,
    claimedAll: null,
  });
  const reply = await call<CommitReply>(run, callOf(input.schema, "step_commit", request.json));
  if (!reply.ok) {
    memory.known.forget([...jobsOf(messages), ...commit.jobs.map(({ record }) => record.id)]);
    return { result: conflict(reply, commit) };
  }
  return { result: { outcome: "done", batch, commit, settled, snapshot, request, reply, claims: false } };
}

function remembered({ events, answers }: OptimisticInput, { known, now }: Memory) {
  const jobs = new Map<JobId, JobRecord>();
  for (const id of jobsOf([...answers.map(({ lease }) => lease), ...events])) {
    const record = known.live(id, now);
    if (record !== null) jobs.set(id, record);
  }
  const planOf = planIn(jobs);
  const { entries, settled } = answerEntries(answers, planOf, () => true);
  const batch: readonly Entry[] = [...entries, ...eventEntries(events, planOf)];
  return { batch, settled, jobs };
}

/** Null: it threw. What this process remembers may be wrong; when it is not, the locked step throws the same. */
function decided(
  program: Program,
  messages: readonly InboundMessage[],
  snapshot: Snapshot,
): Commit | MissingPlans | MissingReads | null {
  try {
    return program.decide(messages, snapshot);
  } catch {
    return null;
  }
}

/** Null: something is asked for that only the database knows. */
function snapshotOf(
  wish: {
    readonly reads: ReadSet;
    readonly jobs: ReadonlyMap<JobId, JobRecord>;
    readonly messages: readonly { readonly job: JobId | null }[];
  },
  { known, now, activation }: Memory,
): Snapshot | null {
  const { reads, jobs, messages } = wish;
  if ((reads.activation && activation === undefined) || (reads.counters?.size ?? 0) > 0) return null;
  const named = new Set(jobsOf(messages));
  const isAnswerable = ({ job }: { readonly job: JobId }): boolean => named.has(job) || known.has(job);
  if (![...reads.passes, ...reads.ranges].every(isAnswerable)) return null;
  const asked = { passes: reads.passes, ranges: reads.ranges };
  return { now, jobs, passes: known.passes(reads), asked, activation: reads.activation ? (activation ?? null) : null };
}

function missing(plans: MissingPlans, now: Instant): StepResult {
  return { outcome: "missing", missing: plans, now };
}
