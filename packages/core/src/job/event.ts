import type { GenerationId, JobId, MessageKey, PathText, PlanId, Topic } from "../brand.js";
import type { JsonObject } from "../json.js";
import type { AnswerBody } from "../ports/message.js";
import type { ParentLink } from "../ports/records.js";

/** Everything that can happen to a job from outside. Transitions inside a job are not events. */
export type JobEvent =
  | StartEvent
  | CompleteEvent
  | SignalEvent
  | WakeEvent
  | ResumeEvent
  | InterruptEvent
  | CancelEvent;

export interface StartEvent {
  readonly kind: "start";
  readonly job: JobId;
  readonly generation: GenerationId;
  readonly body: StartBody;
  readonly key: MessageKey;
}

/** A type alias, so that it is assignable to Json. */
export type StartBody = {
  /** The plan the id was computed with. When another one is active by now, the start is stale: `superseded`. */
  readonly plan: PlanId;
  readonly topic: Topic;
  readonly payload: JsonObject;
  readonly parent: ParentLink | null;
  /** The first of the parents. Null: it has no parent. */
  readonly origin: string | null;
  /** Search fields (`_x`) and markers (`-m`) of the caller. */
  readonly fields: { readonly [name: string]: string };
  readonly entity: string | null;
  readonly waiter: string | null;
  readonly trace: string | null;
  /** Create it pending, and let it expire after so many seconds unless it is resumed. */
  readonly pendingSeconds: number | null;
  /** A request it came from, that nobody waits for: the id unless the trigger gives one, and whether it may repeat. */
  readonly requested?: { readonly job: string; readonly once: boolean };
};

/** An answer to a worker or await: from a worker, from a child job, or injected with `add`. */
export interface CompleteEvent {
  readonly kind: "complete";
  readonly job: JobId;
  readonly generation: GenerationId;
  readonly path: PathText;
  readonly body: AnswerBody;
  /** Identity of the answer: the same one counts once. */
  readonly key: MessageKey;
  /** The worker message it answers, whose body is the pass's input. */
  readonly request: MessageKey | null;
}

/** A signal for an open wait of this job; the matching has been done. */
export interface SignalEvent {
  readonly kind: "signal";
  readonly job: JobId;
  readonly generation: GenerationId;
  readonly path: PathText;
  readonly body: SignalBody;
  readonly key: MessageKey;
}

/** A type alias, so that it is assignable to Json. */
export type SignalBody = {
  readonly topic: Topic;
  /** The hook keys it matched or was kept under, to keep it again when it comes too late. */
  readonly keys: readonly string[];
  readonly status: "success" | "error" | "pending";
  readonly code: number;
  readonly data: JsonObject;
  readonly keepMs: number;
  /** It is for one wait alone, the last that was opened. */
  readonly newest?: boolean;
};

/** A timer of a waiting hook ran out. */
export interface WakeEvent {
  readonly kind: "wake";
  readonly job: JobId;
  readonly generation: GenerationId;
  readonly path: PathText;
  readonly body: { readonly armedAt: number };
}

/** The job goes on by itself: hops left over from an earlier step, or a pending job that is resumed. */
export interface ResumeEvent {
  readonly kind: "resume";
  readonly job: JobId;
  /** Null: whatever generation lives (a caller who knows only the id). */
  readonly generation: GenerationId | null;
  /**
   * Where the job goes on, target and base address of each arrival: what the step has to read. `turn` counts these
   * messages: a later one names all that is left over by then, and an earlier one does nothing any more.
   */
  readonly body: { readonly at?: readonly (readonly [string, string])[]; readonly turn?: number };
}

export interface InterruptEvent {
  readonly kind: "interrupt";
  readonly job: JobId;
  readonly generation: GenerationId | null;
  readonly body: InterruptBody;
}

/** Somebody wants the job to stop by itself. Only the code that runs in it looks at the mark this leaves. */
export interface CancelEvent {
  readonly kind: "cancel";
  readonly job: JobId;
  /** Null: whatever generation lives. */
  readonly generation: GenerationId | null;
  readonly body: null;
}

/** A type alias, so that it is assignable to Json. */
export type InterruptBody = {
  readonly reason: string | null;
  readonly code: number;
  readonly throws: boolean;
  readonly stack: string;
  readonly expireSeconds: number | null;
  readonly descend: boolean;
};

/** Kinds of engine messages that concern one job. */
export type JobEventKind = JobEvent["kind"];
