import {
  type Activation,
  broken,
  type Commit,
  type InboundMessage,
  type Instant,
  type JobId,
  type JobRecord,
  type Json,
  joinReads,
  type MessageKey,
  type MissingPlans,
  type OutgoingMessage,
  type PassReads,
  type PassRecord,
  type Program,
  type ReadSet,
  readRoundsMax,
  type Settled,
  type Settlement,
  type Snapshot,
} from "@hotmesh/core";
import type { Run } from "../connection/database.js";
import { call, callOf } from "../rows/call.js";
import { type JobRow, jobOf } from "../rows/job-row.js";
import { inboundOf, type MessageRow } from "../rows/message-row.js";
import { type PassRow, passOf } from "../rows/pass-row.js";
import { stored } from "../rows/stored-text.js";
import { answerEntries, type Entry, eventEntries, jobsOf, planIn } from "./batch.js";
import { type CommitRequest, type CommitTerms, commitRequest } from "./commit-request.js";

/** What a step is given, apart from its program. */
export interface StepInput {
  readonly schema: string;
  /** Jobs to claim for; 0 claims nothing. */
  readonly limit: number;
  readonly events: readonly OutgoingMessage[];
  readonly answers: readonly Settlement[];
  /** A test's time, or null. */
  readonly now: Instant | null;
  /** What the program is expected to ask for, to read it along. */
  readonly foreseen: ReadSet | null;
  readonly terms: Pick<CommitTerms, "handoff" | "holder">;
}

/** A step that was carried out, or could not be. */
export type StepResult =
  | { readonly outcome: "missing"; readonly missing: MissingPlans; readonly now: Instant }
  | { readonly outcome: "conflict"; readonly reason: string }
  | {
      readonly outcome: "idle";
      readonly now: Instant;
      readonly nextDue: Instant | null;
      readonly settled: readonly Settled[];
    }
  | {
      readonly outcome: "done";
      readonly batch: readonly Entry[];
      readonly commit: Commit;
      readonly settled: readonly Settled[];
      readonly snapshot: Snapshot;
      readonly request: CommitRequest;
      readonly reply: CommitReply;
      readonly claims: boolean;
    };

/** What step_commit returns. */
export interface CommitReply {
  readonly ok: boolean;
  readonly reason?: string;
  readonly now: Instant;
  readonly stored: readonly MessageKey[];
  readonly delivered: number;
  readonly next_due: Instant | null;
}

interface Opening {
  readonly now: Instant;
  readonly full: boolean;
  readonly answers: readonly string[];
  readonly messages: readonly MessageRow[];
  readonly jobs: readonly JobRow[];
  readonly activation: Activation | null;
  readonly passes: readonly PassRow[] | null;
  readonly next_due: Instant | null;
}

interface Reading {
  readonly passes: readonly PassRow[];
  readonly activation: Activation | null;
}

interface Looked extends Reading {
  readonly asked: PassReads;
}

const messagesPerJobMax = 100;

/** The general step: lock, read, decide, write. `run` is in a transaction, whose end is up to the caller. */
export async function lockedStep(run: Run, input: StepInput, program: Program): Promise<StepResult> {
  const opening = await call<Opening>(run, openStatement(input));
  const jobs = new Map(opening.jobs.map((row): [JobId, JobRecord] => [jobOf(row).id, jobOf(row)]));
  const planOf = planIn(jobs);
  const held = new Set(opening.answers);
  const { entries, settled } = answerEntries(input.answers, planOf, (lease) => held.has(stored(lease.key)));
  const claimed = opening.messages.map((row): Entry => {
    const message = inboundOf(row, null);
    return { from: "stored", message: { ...message, plan: planOf(message.job) } };
  });
  const batch = [...entries, ...eventEntries(input.events, planOf), ...claimed];
  const { now } = opening;
  if (batch.length === 0) return { outcome: "idle", now, nextDue: opening.next_due, settled };

  const messages = batch.map(({ message }) => message);
  const reads = program.reads(messages);
  if ("missing" in reads) return { outcome: "missing", missing: reads, now };
  const { foreseen } = input;
  const first: Looked =
    foreseen !== null && covers(foreseen, reads)
      ? { passes: opening.passes ?? [], activation: opening.activation, asked: foreseen }
      : { ...(await call<Reading>(run, readStatement(input.schema, reads, now))), asked: reads };
  const activation = reads.activation ? first.activation : null;
  const ground = { now, jobs: jobsAmong(jobs, messages), activation };
  const decided = await decide(program, messages, {
    first: {
      ...ground,
      passes: distinct(first.passes.map(passOf)),
      asked: { passes: first.asked.passes, ranges: first.asked.ranges },
    },
    read: async (wanted) => {
      const more = { ...wanted, activation: false };
      return (await call<Reading>(run, readStatement(input.schema, more, now))).passes.map(passOf);
    },
  });
  if ("missing" in decided) return { outcome: "missing", missing: decided, now };
  const { commit, snapshot } = decided;

  const locked = new Set(jobsOf(messages));
  const terms = { ...input.terms, now, jobs, locked, epoch: null, isEstimate: false };
  const claims = input.limit > 0;
  const isFull = opening.full || claimed.length >= messagesPerJobMax;
  const request = commitRequest(batch, commit, { ...terms, claimedAll: claims ? isFull : null });
  const reply = await call<CommitReply>(run, callOf(input.schema, "step_commit", request.json));
  if (!reply.ok) return { outcome: "conflict", reason: reply.reason ?? "" };
  return { outcome: "done", batch, commit, settled, snapshot, request, reply, claims };
}

interface Sight {
  readonly first: Snapshot;
  /** Reads more, under the same locks. */
  read(wanted: PassReads): Promise<readonly PassRecord[]>;
}

/** Asks for a decision, and again with what it wanted to see besides. */
async function decide(
  program: Program,
  messages: readonly InboundMessage[],
  { first, read }: Sight,
): Promise<{ readonly commit: Commit; readonly snapshot: Snapshot } | MissingPlans> {
  let snapshot = first;
  for (let round = 0; round <= readRoundsMax; round += 1) {
    const answer = program.decide(messages, snapshot);
    if ("missing" in answer) return answer;
    if (!("wanted" in answer)) return { commit: answer, snapshot };
    const passes = distinct([...snapshot.passes, ...(await read(answer.wanted))]);
    snapshot = { ...snapshot, passes, asked: joinReads(snapshot.asked, answer.wanted) };
  }
  throw broken(`the program wants to read more after ${readRoundsMax} rounds`);
}

function openStatement({ schema, limit, events, answers, now, foreseen }: StepInput) {
  const jobs = jobsOf([...answers.map(({ lease }) => lease), ...events]);
  return callOf(
    schema,
    "step_open",
    JSON.stringify({
      now,
      limit,
      per_job: messagesPerJobMax,
      jobs: jobs.map((id) => stored(id)),
      answer_keys: answers.map(({ lease }) => stored(lease.key)),
      answer_tokens: answers.map(({ lease }) => lease.token),
      activation: foreseen?.activation ?? false,
      ...(foreseen === null ? {} : readParameters(foreseen)),
    }),
  );
}

function readStatement(schema: string, reads: ReadSet, now: Instant) {
  return callOf(schema, "step_read", JSON.stringify({ now, activation: reads.activation, ...readParameters(reads) }));
}

function readParameters({ passes, ranges }: ReadSet) {
  return {
    passes: passes.map(({ job, activity, address }) => ({ job: stored(job), activity: stored(activity), address })),
    ranges: ranges.map(({ job, activity, under }) => ({ job: stored(job), activity: stored(activity), under })),
  };
}

/** Nothing is asked for that was not foreseen. */
function covers(foreseen: ReadSet | null, reads: ReadSet): boolean {
  if (reads.activation && foreseen?.activation !== true) return false;
  const passes = new Set(foreseen?.passes.map((key) => JSON.stringify([key.job, key.activity, key.address])));
  const ranges = new Set(foreseen?.ranges.map((range) => JSON.stringify([range.job, range.activity, range.under])));
  return (
    reads.passes.every((key) => passes.has(JSON.stringify([key.job, key.activity, key.address]))) &&
    reads.ranges.every((range) => ranges.has(JSON.stringify([range.job, range.activity, range.under])))
  );
}

function jobsAmong(
  jobs: ReadonlyMap<JobId, JobRecord>,
  messages: readonly { readonly job: JobId | null }[],
): ReadonlyMap<JobId, JobRecord> {
  const named = new Set(jobsOf(messages));
  return new Map([...jobs].filter(([id]) => named.has(id)));
}

/** A pass that was asked for by key and by range comes twice. */
function distinct(passes: readonly PassRecord[]): readonly PassRecord[] {
  return [...new Map(passes.map((pass) => [JSON.stringify([pass.job, pass.activity, pass.address]), pass])).values()];
}

/** Bodies of the requests that a batch consumes, as far as this process knows them. */
export function inputsOf(batch: readonly Entry[]): ReadonlyMap<MessageKey, Json> {
  return new Map(batch.flatMap((entry) => (entry.from === "answer" ? [[entry.lease.key, entry.lease.body]] : [])));
}
