import type { ActivityId, Address, Instant, JobId, MessageKey, PathText, PlanId } from "../brand.js";
import type { ErrorKind } from "../error-kinds.js";
import type { Failure } from "../job/failure.js";
import type { InboundMessage, OutgoingMessage } from "./message.js";
import type {
  Activation,
  CounterChange,
  CounterRange,
  CounterRecord,
  CounterSpan,
  EscalationClose,
  EscalationOpening,
  HookRecord,
  JobRecord,
  PassRecord,
  PassWrite,
  Publication,
  SignalDispatch,
} from "./records.js";

/**
 * The pure half of a step. Both functions are synchronous: the type is the fence against I/O inside the transaction.
 * A program may be asked twice about the same messages; it answers the same.
 */
export interface Program {
  /** What `decide` is expected to look at. The jobs of the messages are always read. */
  reads(messages: readonly InboundMessage[]): ReadSet | MissingPlans;
  /** Folds the decisions over the batch, in the order given. */
  decide(messages: readonly InboundMessage[], snapshot: Snapshot): Commit | MissingPlans | MissingReads;
}

/** Which passes to read. */
export interface PassReads {
  /** Passes by their exact key. */
  readonly passes: readonly PassKey[];
  /**
   * Passes of an activity at or below an address, of those that have data (`output` or `hook`): at most two each, so
   * that "exactly one" can be told.
   */
  readonly ranges: readonly PassRange[];
}

/** What a decision looks at. */
export interface ReadSet extends PassReads {
  /** True: the active version stands still until the step commits, and the snapshot names it. */
  readonly activation: boolean;
  /** Pages of counters, by a name of the program's choice. They are read, not locked. */
  readonly counters?: ReadonlyMap<string, CounterRange>;
}

/** Names one pass. */
export interface PassKey {
  readonly job: JobId;
  readonly activity: ActivityId;
  readonly address: Address;
}

/** Names passes of an activity under an address. */
export interface PassRange {
  readonly job: JobId;
  readonly activity: ActivityId;
  readonly under: Address;
}

/** The step is given up without a trace; the caller loads the plans and steps again. */
export interface MissingPlans {
  readonly missing: readonly PlanId[];
}

/**
 * The decision looked at more than was asked for. The adapter reads it under the same locks, adds it to the snapshot
 * and asks again, at most {@link readRoundsMax} times in one step: a program that is not content by then is broken.
 */
export interface MissingReads {
  readonly wanted: PassReads;
  /** Keys of work items: whose is pending? */
  readonly escalations?: readonly string[];
}

/** Each round asks for what only the one before could show, so a program ends long before. */
export const readRoundsMax = 100;

/** What was asked for in one round, and in another. */
export function joinReads(one: PassReads, other: PassReads): PassReads {
  return { passes: [...one.passes, ...other.passes], ranges: [...one.ranges, ...other.ranges] };
}

/** Read after the locks were taken, so nothing in it can be stale. */
export interface Snapshot {
  /** The time of the step, by the database. */
  readonly now: Instant;
  /** Live jobs by id; an expired job is not here. */
  readonly jobs: ReadonlyMap<JobId, JobRecord>;
  /** What was asked for and exists, in no order. */
  readonly passes: readonly PassRecord[];
  /** All that was asked for so far. What is among it and not in `passes` does not exist. */
  readonly asked: PassReads;
  /** Null: nothing is active, or it was not asked for. */
  readonly activation: Activation | null;
  /** The pages that were asked for, by their names. A page that is shorter than its limit is the last one. */
  readonly counters?: ReadonlyMap<string, readonly CounterRecord[]>;
  /**
   * Keys that were asked for, and the `wait` of the item of theirs that is pending; empty: it belongs to no wait; null:
   * none is pending. Should another step open one before this one commits, then this step is decided again.
   */
  readonly escalations?: ReadonlyMap<string, string | null>;
}

/**
 * What a step changes, all or nothing. Every message of the batch is consumed, except those that are parked or
 * deferred. A job, a pass, a message key is named at most once in each list.
 */
export interface Commit {
  readonly jobs: readonly JobWrite[];
  readonly passes: readonly PassWrite[];
  readonly sends: readonly OutgoingMessage[];
  readonly cancels: readonly Cancel[];
  readonly hooksOpened: readonly HookRecord[];
  readonly hooksClosed: readonly HookClose[];
  readonly signals: readonly SignalDispatch[];
  readonly counters: readonly CounterChange[];
  /** Counters to forget, before `counters` are counted. */
  readonly countersDropped?: readonly CounterSpan[];
  /** Closed before others are opened: in one commit a key can change hands. A wait is named at most once here. */
  readonly escalationsClosed?: readonly EscalationClose[];
  /** In the order they were opened. At most one of a key is still pending; those that are `closed` may be many. */
  readonly escalationsOpened?: readonly EscalationOpening[];
  readonly publications: readonly Publication[];
  /**
   * Stored messages that can never apply, or whose decision threw: they stay, visible to people, claimed by nobody.
   * Of an answer of this process it is the request that stays.
   */
  readonly parked: readonly { readonly position: number; readonly reason: string }[];
  /** Stored messages, and requests of answers, that are left as they are: an earlier message of their job is parked. */
  readonly deferred: readonly number[];
  /** One per message of the batch, by position. */
  readonly verdicts: readonly Verdict[];
}

/** `expected`: the revision the decision was made on; null: no live job has the id. The next row carries one more. */
export interface JobWrite {
  readonly record: JobRecord;
  readonly expected: number | null;
}

/** Messages to remove, leased ones included: whoever holds such a lease has lost it. */
export type Cancel =
  | { readonly by: "key"; readonly key: MessageKey }
  | { readonly by: "path"; readonly job: JobId; readonly path: PathText }
  | { readonly by: "job"; readonly job: JobId };

/** Closes every hook of a pass, or of a job when `path` is null. */
export interface HookClose {
  readonly job: JobId;
  readonly path: PathText | null;
}

/** What became of one message. */
export type Verdict =
  /**
   * Done. `job`: the job as the commit leaves it, when it has one. Of an interruption: `told` is the message that tells
   * an awaiting parent, and `children` are the jobs that are to be interrupted as well.
   */
  | {
      readonly outcome: "applied";
      readonly job: JobRecord | null;
      readonly told?: MessageKey;
      readonly children?: readonly JobId[];
    }
  /** It had been done before, or the id is taken. Nothing changed. */
  | { readonly outcome: "duplicate" }
  /** It came too late, or was decided on a version that is no longer active (`superseded`). Nothing changed. */
  | { readonly outcome: "stale"; readonly reason: "superseded" | "closed" | "not-found" }
  /** It can never apply. Nothing changed. */
  | { readonly outcome: "rejected"; readonly kind: ErrorKind; readonly failure: Failure };
