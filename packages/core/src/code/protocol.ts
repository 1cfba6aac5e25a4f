import type { Json, JsonObject } from "../json.js";
import type { RetryPolicy } from "../ports/message.js";

/**
 * What an engine and a worker say to each other about a job whose steps are a function: the worker enters the function
 * from the top, replays what is recorded, and answers with the operations that were asked for and are not recorded yet.
 */

/** The topic that starts such a job. */
export const runTopic = "workflow.run";
/** The topic of signals for waits of functions. Matched by `id`. */
export const waitTopic = "workflow.signal";
/** The topic by which another function is run inside a job. Matched by `job`. */
export const hookTopic = "workflow.hook";

/** The payload of a start. */
export type RunPayload = {
  readonly workflowId: string;
  readonly workflowName: string;
  readonly taskQueue: string;
  readonly arguments: readonly Json[];
  /** Null: the worker's. */
  readonly policy: RetryPolicy | null;
  /** Seconds a finished job is kept. Absent: 24 hours. 0: until it is removed by hand. */
  readonly expire?: number;
  /** The job stays open after its function has returned. */
  readonly persistent?: boolean;
  /** False: nobody can run a hook function in it. */
  readonly signalIn?: boolean;
  readonly originJobId?: string;
  readonly parentWorkflowId?: string;
};

/** The data of a signal on {@link hookTopic}. */
export type HookPayload = {
  readonly job: string;
  readonly workflowName: string;
  readonly taskQueue: string;
  readonly arguments: readonly Json[];
  readonly policy: RetryPolicy | null;
  /** Search fields that are written with it, by their stored names. */
  readonly fields?: { readonly [name: string]: string };
};

/** The body of a message that asks a worker to enter a function. Its topic is the task queue. */
export type EntryBody = {
  readonly workflowName: string;
  readonly taskQueue: string;
  /** Where the records of this function stand: the passes below this address, and the row at it. */
  readonly at: string;
  /** Empty in the main function, else the dimension of the hook, `,0,1`. */
  readonly dimension: string;
  /** How often the function has continued as new. */
  readonly turn: number;
  /** Of the first entry of a turn. Later they are the `input.arguments` of the row at `at`. */
  readonly arguments?: readonly Json[];
  /** Operations that were asked for and have no outcome yet: they are not asked for again. */
  readonly open: readonly { readonly n: number; readonly kind: string; readonly name: string }[];
  /** How many outcomes there are to replay. 0: nothing has to be read, unless `arguments` is absent. */
  readonly recorded: number;
  readonly cancelled: boolean;
  /** Names of patches that are marked. */
  readonly patches: readonly string[];
  /** The policy of the function, as it was asked for. */
  readonly policy: RetryPolicy | null;
  readonly originJobId: string;
  readonly expire?: number;
  readonly signalIn: boolean;
};

/** What all operations say of themselves. */
interface Operation {
  /** The value of the function's counter. */
  readonly n: number;
  /** Compared on replay: the activity, the workflow, the id of the signal. */
  readonly name: string;
  /** Of the arguments. */
  readonly hash: string;
  /** It is clean-up: no cancellation ends it. */
  readonly shielded?: boolean;
  /** The arguments, for people to see. */
  readonly input?: Json;
}

/** A call of an activity. */
export interface ProxyRequest extends Operation {
  readonly kind: "proxy";
  readonly topic: string;
  readonly body: JsonObject;
  readonly policy: RetryPolicy | null;
}

/** A durable timer. */
export interface SleepRequest extends Operation {
  readonly kind: "sleep";
  readonly ms: number;
}

/** A wait for a signal. */
export interface WaitRequest extends Operation {
  readonly kind: "wait";
  readonly signalId: string;
  /** Null: it waits until it is answered. */
  readonly timeoutMs: number | null;
  /** What is to be done by people meanwhile. */
  readonly escalation?: JsonObject;
}

/** A job of its own: `child` awaits its result, `start` its existence. */
export interface ChildRequest extends Operation {
  readonly kind: "child" | "start";
  readonly payload: RunPayload;
  readonly entity: string | null;
  readonly fields: { readonly [name: string]: string };
}

/** A change to what is stored with the job, whose result the function gets: applied with the answer of the entry. */
export interface StoredRequest extends Operation {
  readonly kind: "search" | "entity";
  readonly method: string;
  readonly arguments: readonly Json[];
  /** Which call on the object of operation `n` it is. */
  readonly place: number;
}

/**
 * An effect that the function does not wait for: it went on with `value`. Effect and record commit together with the
 * answer of the entry.
 */
export type EffectRequest = Operation & { readonly value: Json } & (
    | { readonly kind: "signal"; readonly signalId: string; readonly data: Json; readonly expire?: string }
    | { readonly kind: "hook"; readonly payload: HookPayload }
    | { readonly kind: "emit"; readonly events: { readonly [topic: string]: Json } }
    | { readonly kind: "trace"; readonly attributes: JsonObject }
    | { readonly kind: "interrupt"; readonly job: string; readonly options: JsonObject }
    | { readonly kind: "enrich"; readonly fields: { readonly [name: string]: string } }
  );

/** An operation that met the cancellation of its workflow: it is recorded as such, and nothing else happens. */
export interface CancelledRequest extends Operation {
  readonly kind: "proxy" | "sleep" | "wait" | "child" | "start";
  readonly cancelled: true;
}

/** An operation that is asked for and not recorded yet. */
export type OperationRequest =
  | ProxyRequest
  | SleepRequest
  | WaitRequest
  | ChildRequest
  | StoredRequest
  | EffectRequest
  | CancelledRequest;

/** What operations there are. */
export type OperationKind = OperationRequest["kind"];

/** An error, as it is recorded and as a failed function leaves it. */
export type RecordedError = {
  readonly message: string;
  /** 596 timed out, 597 budget exhausted, 598 fatal, 409 the id is taken; others as their makers gave them. */
  readonly code: number;
  readonly stack?: string;
  /** `CancelledFailure`, `DuplicateJobError`, or the class of what an activity threw. */
  readonly name?: string;
};

/** The data of an answer to an {@link EntryBody}. */
export type EntryAnswer = {
  /** How many outcomes were replayed. When there are more by now the function is entered again at once. */
  readonly seen: number;
  readonly requests: readonly OperationRequest[];
  /** Patches to mark. */
  readonly patches?: readonly string[];
  /** Absent: the function waits. */
  readonly end?:
    | { readonly kind: "returned"; readonly value?: Json }
    | { readonly kind: "failed"; readonly error: RecordedError }
    | { readonly kind: "continued"; readonly arguments: readonly Json[] };
};

/**
 * What is recorded of an operation: the `output` of its pass. The pass's activity is the kind, its address that of the
 * function (`at`), the counter, and the place of a stored operation.
 */
export type OperationRecord = {
  readonly name: string;
  readonly hash: string;
  /** The order in which outcomes reached the function, from 1; 0: the function did not wait for it. */
  readonly seq: number;
  /** Absent: it is undefined. `wait`: `{ data }` of the signal, false when it timed out, null when it was cancelled. */
  readonly data?: Json;
  readonly $error?: RecordedError;
  /** When it was asked for and when it ended, `YYYYMMDDHHmmss.SSS`. */
  readonly ac: string;
  readonly au: string;
  readonly job_id?: string;
};
