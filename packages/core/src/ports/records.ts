import type {
  ActivityId,
  Address,
  GenerationId,
  Instant,
  JobId,
  MessageKey,
  PathText,
  PlanId,
  Topic,
} from "../brand.js";
import type { Json, JsonObject } from "../json.js";

/** `running` covers every job with open obligations; a job may be `failed` while some are still open. */
export type JobPhase = "pending" | "running" | "completed" | "failed" | "interrupted";

/** One run of one graph, pinned to the plan it started on. */
export interface JobRecord {
  readonly id: JobId;
  readonly generation: GenerationId;
  /** 1 when inserted, one more with every write. A commit names the revision it was decided on. */
  readonly revision: number;
  readonly plan: PlanId;
  readonly topic: Topic;
  readonly version: string;
  readonly phase: JobPhase;
  /** Open obligations; 0 finished; -1 pending; about -1e9 interrupted. Derived by the program. */
  readonly status: number;
  /** The program's own bookkeeping. A port never looks inside. */
  readonly control: Json;
  /** The result document; null: nothing was stored. */
  readonly data: JsonObject | null;
  /** Search fields (`_x`) and markers (`-m`). */
  readonly fields: Readonly<Record<string, string>>;
  /** The job's failure, as it is shown to callers. */
  readonly failure: JsonObject | null;
  readonly key: string | null;
  readonly entity: string | null;
  readonly parent: ParentLink | null;
  readonly origin: string | null;
  /** Identity of the instance whose caller waits for the result. */
  readonly waiter: string | null;
  readonly trace: string | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** From this instant on the job is not found and its id is free. Null: kept. */
  readonly expireAt: Instant | null;
}

/** The pass of another job that started this one. */
export type ParentLink = {
  readonly job: JobId;
  readonly generation: GenerationId;
  readonly path: PathText;
  /** False: started with `await: false`, nobody waits. */
  readonly awaits: boolean;
};

/** A pass that has something to show: written when data comes in, keyed by job, activity and address. */
export interface PassRecord {
  readonly job: JobId;
  readonly generation: GenerationId;
  readonly activity: ActivityId;
  readonly address: Address;
  readonly type: string;
  readonly topic: Topic | null;
  readonly open: boolean;
  /** `output.data`; null: none. */
  readonly output: Json;
  /** `hook.data`; null: none. */
  readonly hook: Json;
  readonly metadata: JsonObject;
  /** The payload that was sent. On write: ignored when `inputOf` is given. */
  readonly input: Json;
  readonly startedAt: Instant;
  readonly completedAt: Instant | null;
}

/** A pass to write. The adapter copies the input from the body of the message `inputOf`, which this commit consumes. */
export interface PassWrite extends PassRecord {
  readonly inputOf: MessageKey | null;
}

/** One execution of a worker message of a job, for people to see. Programs do not ask for it. */
export interface AttemptRecord {
  /** The pass that the message is for; of an answer, the pass that it was written to. */
  readonly path: PathText;
  /** Failed attempts before this one. */
  readonly attempt: number;
  /** `open`: somebody holds its lease, or said that nobody answers now. */
  readonly outcome: "open" | "answered" | "failed";
  /** The payload that was sent. */
  readonly input: Json;
  /** What a failed attempt left; else null. */
  readonly failure: Json;
  /** When the message was handed out, for the last time if that was more than once. */
  readonly startedAt: Instant;
  /** Null: it is open. */
  readonly endedAt: Instant | null;
}

/** An open wait for a signal. */
export interface HookRecord {
  readonly job: JobId;
  readonly generation: GenerationId;
  readonly path: PathText;
  readonly topic: Topic;
  /** Opaque; a signal finds the hook by topic and key. */
  readonly key: string;
  readonly openedAt: Instant;
  readonly timeoutAt: Instant | null;
}

/**
 * A signal to be matched, all by the adapter and in the transaction of the step: every hook with this topic and one of
 * `keys` gets a message of kind `signal` (job, generation and path of the hook, body `body`). When the signal closes
 * waits, the hooks of those passes are removed at once, so that a later signal is an early one. When no hook matched,
 * the body `kept` is kept under each key until `keepUntil`, in place of an older one.
 */
export interface SignalDispatch {
  readonly topic: Topic;
  readonly keys: readonly string[];
  readonly body: Json;
  readonly kept: Json;
  readonly closes: boolean;
  /** True: only the hook that was opened last gets it; of several in one moment the one with the greatest path. */
  readonly newest?: boolean;
  readonly keepUntil: Instant;
  /** Seed of the delivery messages' keys: the same dispatch twice delivers once. */
  readonly id: MessageKey;
}

/** Adds to a counter. */
export interface CounterChange {
  readonly name: string;
  readonly slice: string;
  readonly field: string;
  readonly add: number;
}

/** What a counter stands at. Counters are told apart by name, slice and field; slices and fields sort as text. */
export interface CounterRecord {
  readonly name: string;
  readonly slice: string;
  readonly field: string;
  readonly value: number;
}

/** Counters of one name: slices from `from` to `to`, both included, and in them the fields that begin with `prefix`. */
export interface CounterSpan {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly prefix: string;
}

/** A page of a span, in the order of slice and field by code point. */
export interface CounterRange extends CounterSpan {
  /** Only what comes after this one. Null: from the beginning. */
  readonly after: { readonly slice: string; readonly field: string } | null;
  readonly limit: number;
}

/** A work item for people, kept beside an open wait. Its status is `pending`. */
export interface EscalationRecord {
  /** The wait it is kept beside. Derived, never drawn: no other item ever has it. */
  readonly wait: string;
  /** `signal_key`: at most one pending item of the app has it. */
  readonly key: string;
  readonly topic: Topic;
  readonly job: JobId;
  readonly role: string | null;
  readonly type: string | null;
  readonly subtype: string | null;
  readonly entity: string | null;
  readonly description: string | null;
  /** Lower is more urgent. */
  readonly priority: number;
  readonly metadata: JsonObject | null;
  readonly envelope: JsonObject | null;
  readonly originId: string | null;
  readonly parentId: string | null;
  readonly initiatedBy: string | null;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly taskQueue: string | null;
  readonly workflowType: string | null;
  readonly expiresAt: Instant | null;
}

/** How an item ended. `payload`: what it was resolved with; null if nobody resolved it. */
export interface EscalationOutcome {
  readonly status: "resolved" | "expired" | "cancelled";
  readonly payload: Json;
}

/**
 * An item that a commit opens. With `closed` it is stored as over at once: several decisions share a commit, and an
 * item that one opened and another closed must be seen afterwards like every other.
 */
export interface EscalationOpening extends EscalationRecord {
  readonly closed: EscalationOutcome | null;
}

/** Ends the pending item of a key, if there is one and it is this wait's. Otherwise it changes nothing. */
export interface EscalationClose extends EscalationOutcome {
  readonly key: string;
  readonly wait: string;
}

/** Something to tell whoever listens, after the commit, at most once. */
export interface Publication {
  readonly channel: string;
  readonly body: Json;
  /** What listeners of this process get in place of `body`: trusted and free. */
  readonly local?: Json;
  /** At most one process listens: a listener in this process suffices. */
  readonly exclusive?: boolean;
  /** Nobody waits for it: other processes may be told a quarter of a second later, together with other news. */
  readonly patient?: boolean;
  /**
   * It comes from the storage as this program said it, so that listeners elsewhere may trust it. Whoever may only work
   * can neither say such a thing nor read it.
   */
  readonly vouched?: boolean;
}

/** Which plan new jobs start on. */
export interface Activation {
  readonly version: string;
  readonly plan: PlanId;
  /** Counts the switches. */
  readonly epoch: number;
}

/** A deployed version. */
export interface VersionRecord {
  readonly version: string;
  readonly plan: PlanId;
  readonly status: "deployed" | "activated";
  readonly deployedAt: Instant;
  readonly activatedAt: Instant | null;
}
