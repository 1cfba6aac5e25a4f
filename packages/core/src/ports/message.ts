import type { GenerationId, Instant, JobId, LeaseToken, MessageKey, PathText, PlanId, Topic } from "../brand.js";
import type { Failure } from "../job/failure.js";
import type { Json } from "../json.js";

/** How often and when a failed message is tried again. A type alias, so that it is assignable to Json. */
export type RetryPolicy = {
  /** Total executions, the first included; 1 = no retry. */
  readonly maximumAttempts: number;
  readonly backoffCoefficient: number;
  /** Longest wait between two attempts, in seconds. */
  readonly maximumIntervalSeconds: number;
  /** The wait before retry n is `initialIntervalSeconds · backoffCoefficient ^ n`, capped. 1 unless a graph says so. */
  readonly initialIntervalSeconds: number;
};

/** Immediate retries of exactly one code (YAML `retry`). */
export interface CodeRetry {
  readonly code: string;
  readonly retries: number;
}

/**
 * A row that asks an engine or a worker to do one thing. A timer is a message that is not visible yet; a retry is a
 * new message with `attempt + 1`. A message is never altered.
 */
export interface OutgoingMessage {
  /** Two messages with one key are one message. */
  readonly key: MessageKey;
  /** The worker topic it is for; null: the engine stream. */
  readonly topic: Topic | null;
  /** A word of the program that reads it, `complete`, `wake` … A port never looks at it. */
  readonly kind: string;
  /** The job it is about. A step holds the lock of this job while it decides. Null: about no job. */
  readonly job: JobId | null;
  readonly generation: GenerationId | null;
  readonly path: PathText | null;
  readonly body: Json;
  /** Nobody sees it before. Null: at once. */
  readonly visibleAt: Instant | null;
  /** Failed attempts so far: 0 for the first. */
  readonly attempt: number;
  readonly policy: RetryPolicy | null;
  readonly codeRetries: readonly CodeRetry[];
  /** Name for dispatch among the callbacks of one topic. */
  readonly workflow: string | null;
  /** Trace context of the job, handed to whoever works on the message. */
  readonly trace: string | null;
}

/** A message as a program sees it. */
export interface InboundMessage extends OutgoingMessage {
  /**
   * `stored`: claimed from the engine stream and consumed by the commit. `event`: brought by the caller, never stored.
   * `answer`: a lease that a worker of this process answered; its request is consumed by the commit.
   */
  readonly source: "stored" | "event" | "answer";
  /** The plan of the job as last seen, null when there is no such job. Only a hint for the read set. */
  readonly plan: PlanId | null;
  /** For an answer, stored or not: the key of the request it answers. */
  readonly request: MessageKey | null;
}

/** The temporary right to answer a worker message. */
export interface Lease extends OutgoingMessage {
  readonly token: LeaseToken;
  readonly until: Instant;
  /** How often it was handed out, this time included. */
  readonly deliveries: number;
  readonly plan: PlanId | null;
  readonly createdAt: Instant;
}

/** What a worker made of a lease. */
export type Outcome =
  /**
   * Consumes the request and answers it. `stored` messages of this answer have kind `complete`, the job, generation and
   * path of the request, and the body {@link AnswerBody}. `deadLetter` keeps the request's row for people to see.
   */
  | { readonly kind: "answer"; readonly answer: AnswerBody; readonly deadLetter?: boolean }
  /** Consumes the request and inserts its next attempt, visible after `delayMs`. The failed attempt stays as a row. */
  | { readonly kind: "retry"; readonly delayMs: number; readonly failure: Failure }
  /** Gives the message back untouched; others see it after `delayMs`. Not an attempt, not a delivery. */
  | { readonly kind: "release"; readonly delayMs: number }
  /** Nobody answers now: the request stays, held by nobody and handed out to nobody, until its pass closes. */
  | { readonly kind: "hold" };

/** A type alias, so that it is assignable to Json. */
export type AnswerBody = {
  readonly status: "success" | "error" | "pending";
  readonly code: number;
  readonly data: Json;
};

/** A lease, and what a worker made of it. */
export interface Settlement {
  readonly lease: Lease;
  readonly outcome: Outcome;
}

/** What came of a settlement; `lease-lost`: nothing. */
export type Settled = "settled" | "lease-lost";
