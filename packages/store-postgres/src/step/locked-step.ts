import {
  broken,
  type Commit,
  HotMeshError,
  type InboundMessage,
  type Instant,
  type JobId,
  type JobRecord,
  type Json,
  joinReads,
  type MessageKey,
  type MissingPlans,
  type MissingReads,
  type OutgoingMessage,
  type PassRecord,
  type Program,
  type ReadSet,
  readRoundsMax,
  type Settled,
  type Settlement,
  type Snapshot,
} from "@hotmesh/core";
import { isCodecError, type Open } from "../codec/encoded.js";
import type { Run, Statement } from "../connection/database.js";
import { isRefusal, storageError } from "../connection/storage-error.js";
import { call, callOf, callSealed, type Sealed } from "../rows/call.js";
import { type JobRow, jobOf } from "../rows/job-row.js";
import { inboundOf, type MessageRow } from "../rows/message-row.js";
import { type PassRow, passOf } from "../rows/pass-row.js";
import { stored } from "../rows/stored-text.js";
import { answerEntries, type Entry, eventEntries, jobsOf, planIn } from "./batch.js";
import { type CommitRequest, type CommitTerms, commitRequest } from "./commit-request.js";
import { covers, pagesOf, pendingAmong, type Reading, readParameters, readStatement } from "./step-reads.js";

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
  /** Keys of work items that it asked for before, or should have. */
  readonly escalations: readonly string[];
  readonly terms: Pick<CommitTerms, "handoff" | "holder">;
}

/** A step that was carried out, or could not be. */
export type StepResult =
  | { readonly outcome: "missing"; readonly missing: MissingPlans; readonly now: Instant }
  /** `escalations`: keys whose items were to be opened. */
  | { readonly outcome: "conflict"; readonly reason: string; readonly escalations: readonly string[] }
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

interface Opening extends Pick<Reading, "activation" | "counters" | "escalations"> {
  readonly now: Instant;
  readonly full: boolean;
  readonly answers: readonly string[];
  readonly messages: readonly MessageRow[];
  readonly jobs: readonly JobRow[];
  readonly passes: readonly PassRow[] | null;
  readonly next_due: Instant | null;
}

interface Seen extends Omit<Reading, "passes"> {
  readonly passes: readonly PassRecord[];
}

interface Looked extends Seen {
  readonly asked: ReadSet;
}

const messagesPerJobMax = 100;

/** The general step: lock, read, decide, write. `run` is in a transaction, whose end is up to the caller. */
export async function lockedStep(run: Run, input: StepInput, program: Program): Promise<StepResult> {
  const opened = await callSealed<Opening>(run, openStatement(input));
  try {
    return await openedStep(run, input, { program, opened });
  } catch (thrown) {
    const { messages } = opened.result;
    const reason = storageError(thrown);
    const isObstacle = isCodecError(reason) || isRefusal(reason);
    throw isObstacle && messages.length > 0 ? new Obstructed(reason, opened) : thrown;
  }
}

/** A step that claimed met a value that could not be decoded, encoded, or stored. */
export class Obstructed extends HotMeshError {
  readonly claimed: readonly MessageRow[];
  /** Those of them that cannot be read, or whose jobs cannot. */
  readonly unreadable: readonly MessageRow[];

  constructor(reason: HotMeshError, { result, open }: Sealed<Opening>) {
    super(reason.kind, reason.message, { cause: reason.cause });
    const jobs = new Set(result.jobs.filter((row) => !isReadable(() => jobOf(row, open))).map(({ id }) => id));
    this.claimed = result.messages;
    this.unreadable = result.messages.filter(
      (row) => (row.job_id !== null && jobs.has(row.job_id)) || !isReadable(() => open(row.body)),
    );
  }
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

async function openedStep(
  run: Run,
  input: StepInput,
  { program, opened }: { readonly program: Program; readonly opened: Sealed<Opening> },
): Promise<StepResult> {
  const { result: opening, open } = opened;
  const records = opening.jobs.map((row) => jobOf(row, open));
  const jobs = new Map(records.map((record): [JobId, JobRecord] => [record.id, record]));
  const planOf = planIn(jobs);
  const held = new Set(opening.answers);
  const { entries, settled } = answerEntries(input.answers, planOf, (lease) => held.has(stored(lease.key)));
  const claimed = opening.messages.map((row): Entry => {
    const message = inboundOf(row, null, open);
    return { from: "stored", message: { ...message, plan: planOf(message.job) } };
  });
  const batch = [...entries, ...eventEntries(input.events, planOf), ...claimed];
  const { now } = opening;
  if (batch.length === 0) return { outcome: "idle", now, nextDue: opening.next_due, settled };

  const messages = batch.map(({ message }) => message);
  const reads = program.reads(messages);
  if ("missing" in reads) return { outcome: "missing", missing: reads, now };
  const { foreseen, escalations } = input;
  const first: Looked =
    foreseen !== null && covers(foreseen, reads)
      ? { ...opening, passes: passesOf(opening.passes ?? [], open), asked: foreseen }
      : { ...(await looked(run, readStatement(input.schema, reads, { now, escalations }))), asked: reads };
  const activation = reads.activation ? first.activation : null;
  const ground = { now, jobs: jobsAmong(jobs, messages), activation };
  const decided = await decide(program, messages, {
    first: {
      ...ground,
      passes: distinct(first.passes),
      asked: { passes: first.asked.passes, ranges: first.asked.ranges },
      ...(first.asked.counters !== undefined && { counters: pagesOf(first.asked.counters, first.counters ?? []) }),
      ...(escalations.length > 0 && { escalations: pendingAmong(escalations, first.escalations ?? []) }),
    },
    read: ({ wanted, escalations = [] }) => {
      const more = { ...wanted, activation: false };
      return looked(run, readStatement(input.schema, more, { now, escalations }));
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
  if (!reply.ok) return conflict(reply, commit);
  return { outcome: "done", batch, commit, settled, snapshot, request, reply, claims };
}

async function looked(run: Run, statement: Statement): Promise<Seen> {
  const { result, open } = await callSealed<Reading>(run, statement);
  return { ...result, passes: passesOf(result.passes, open) };
}

function passesOf(rows: readonly PassRow[], open: Open): readonly PassRecord[] {
  return rows.map((row) => passOf(row, open));
}

interface Sight {
  readonly first: Snapshot;
  /** Reads more, under the same locks. */
  read(more: MissingReads): Promise<Seen>;
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
    const { wanted, escalations = [] } = answer;
    const more = await read(answer);
    const passes = distinct([...snapshot.passes, ...more.passes]);
    snapshot = { ...snapshot, passes, asked: joinReads(snapshot.asked, wanted) };
    if (escalations.length === 0) continue;
    const pending = pendingAmong(escalations, more.escalations ?? []);
    snapshot = { ...snapshot, escalations: new Map([...(snapshot.escalations ?? []), ...pending]) };
  }
  throw broken(`the program wants to read more after ${readRoundsMax} rounds`);
}

/** A commit that was refused; the next decision is shown what is pending of the keys that this one opened. */
export function conflict({ reason = "" }: CommitReply, { escalationsOpened = [] }: Commit): StepResult {
  return { outcome: "conflict", reason, escalations: escalationsOpened.map(({ key }) => key) };
}

function openStatement({ schema, limit, events, answers, now, foreseen, escalations }: StepInput) {
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
      ...(foreseen === null ? {} : readParameters(foreseen, escalations)),
    }),
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
