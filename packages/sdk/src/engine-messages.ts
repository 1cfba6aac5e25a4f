import {
  interruptMessage,
  type JobId,
  type JsonObject,
  type MessageKey,
  type OutgoingMessage,
  type PlanId,
  type SignalRequestBody,
  signalRequestKind,
} from "@hotmesh/core";

const bare = {
  topic: null,
  generation: null,
  path: null,
  visibleAt: null,
  attempt: 0,
  policy: null,
  codeRetries: [],
  workflow: null,
  trace: null,
} as const;

export interface SignalMessage {
  readonly key: MessageKey;
  readonly topic: string;
  readonly data: JsonObject;
  readonly status: SignalRequestBody["status"];
  readonly code: number;
  /** Besides the active one: plans whose rules count, because jobs may still wait under them. */
  readonly plans: readonly PlanId[];
}

/** A signal that the step has yet to match with those who wait for it. */
export function signalMessage(signal: SignalMessage): OutgoingMessage {
  const { key, topic, data, status, code, plans } = signal;
  const body: SignalRequestBody = { topic, data, status, code, plans };
  return { ...bare, key, kind: signalRequestKind, job: null, body };
}

/** Starts a pending job. */
export function resumeMessage(key: MessageKey, job: JobId): OutgoingMessage {
  return { ...bare, key, kind: "resume", job, body: {} };
}

/** Leaves the mark that the code of a job looks for. */
export function cancellationMessage(key: MessageKey, job: JobId): OutgoingMessage {
  return { ...bare, key, kind: "cancel", job, body: null };
}

/** Options of `interrupt`. */
export interface JobInterruptOptions {
  /** Error message; `job [<id>] interrupted`. */
  reason?: string;
  /** Error code; 410. */
  code?: number;
  /** False: no error is written, and waiters resolve. */
  throw?: boolean;
  /** Stack of the error; empty. */
  stack?: string;
  /** Seconds until the job expires; what its graph says. */
  expire?: number;
  /** True: a job that is over or unknown is no error. */
  suppress?: boolean;
  /** True: running children are interrupted too, all the way down. */
  descend?: boolean;
}

/** Ends a job at once. */
export function interruptionMessage(key: MessageKey, job: JobId, options: JobInterruptOptions): OutgoingMessage {
  return interruptMessage(key, job, {
    reason: options.reason ?? null,
    code: options.code ?? 410,
    throws: options.throw !== false,
    stack: options.stack ?? "",
    expireSeconds: options.expire ?? null,
    descend: options.descend === true,
  });
}
