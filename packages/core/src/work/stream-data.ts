import { parsePath } from "../job/path.js";
import { traceContextOf, traceIdOf } from "../job/trace-context.js";
import { isJsonObject, type JsonObject } from "../json.js";
import type { Lease } from "../ports/message.js";

/** How an answer ended. */
export const StreamStatus = { SUCCESS: "success", ERROR: "error", PENDING: "pending" } as const;
export type StreamStatus = (typeof StreamStatus)[keyof typeof StreamStatus];

/** What a message of the engine stream is for. */
export const StreamDataType = {
  TIMEHOOK: "timehook",
  WEBHOOK: "webhook",
  AWAIT: "await",
  RESULT: "result",
  WORKER: "worker",
  RESPONSE: "response",
  TRANSITION: "transition",
  SIGNAL: "signal",
  INTERRUPT: "interrupt",
} as const;
export type StreamDataType = (typeof StreamDataType)[keyof typeof StreamDataType];

/** Who reads a stream. */
export const StreamRole = { WORKER: "worker", ENGINE: "engine", SYSTEM: "system" } as const;
export type StreamRole = (typeof StreamRole)[keyof typeof StreamRole];

/** Address of a message: an answer echoes it. */
export interface StreamMetadata {
  /** Unique per message. */
  guid: string;
  /** Worker topic, child graph topic or hook topic. */
  topic?: string;
  /** Job id. */
  jid?: string;
  /** Generation of the job: guards against a re-created id. */
  gid?: string;
  /** Dimensional address, `,0,0`. */
  dad?: string;
  /** Activity id. */
  aid: string;
  /** Trace id. */
  trc?: string;
  /** Span id. */
  spn?: string;
  /** Retries so far; absent on the first attempt. */
  try?: number;
  /** Name for dispatch among the callbacks of a topic. */
  wfn?: string;
  /** False: fire and forget. */
  await?: boolean;
}

/** A message of a stream, as callbacks receive and return it. */
export interface StreamData {
  /** Where it belongs. */
  metadata: StreamMetadata;
  /** What it is for; absent in what callbacks receive. */
  type?: StreamDataType;
  /** The payload: what the activity maps as its input, or what its callback answers. */
  data: Record<string, unknown>;
  /** How an answer ended: `success` unless given. */
  status?: StreamStatus;
  /** Of an answer: three digits like those of HTTP. 200 unless given, of an error 500. */
  code?: number;
  /** Of an error: where it was thrown. */
  stack?: string;
  /** What the activity says about retries: how many per error code. */
  policies?: { retry?: { [code: string]: [number, "x"?] } };
  /** Failed attempts so far: 0 on the first. */
  _retryAttempt?: number;
}

/** What a callback answers: a message like the one it received. */
export type StreamDataResponse = StreamData;

/** The failure of a job or an activity, as callers see it. */
export interface StreamError {
  /** What went wrong. */
  message: string;
  /** Three digits like those of HTTP. */
  code: number;
  /** The job that failed. */
  job_id?: string;
  /** Where it was thrown. */
  stack?: string;
  /** The class of what was thrown. */
  name?: string;
  /** What the callback answered besides. */
  error?: object;
  /** True: a worker has answered it. */
  is_stream_error?: boolean;
}

/** What a callback may answer: `metadata` is taken from the request when it is left out. */
export type WorkerAnswer = Partial<StreamDataResponse>;

/** Ids of what is not traced. */
const noTrace = "0".repeat(32);
const noSpan = "0".repeat(16);

/** A leased message as its callback sees it. */
export function streamDataOf(lease: Lease): StreamData {
  const place = lease.path === null ? null : parsePath(lease.path);
  const retry = lease.codeRetries.map(({ code, retries }): [string, [number, "x"]] => [code, [retries, "x"]]);
  return {
    metadata: {
      guid: lease.key,
      aid: place?.activity ?? "",
      ...(lease.job !== null && { jid: lease.job }),
      ...(lease.generation !== null && { gid: lease.generation }),
      ...(place !== null && { dad: place.address }),
      ...(lease.topic !== null && { topic: lease.topic }),
      ...(lease.workflow !== null && { wfn: lease.workflow }),
      trc: traceIdOf(lease.trace) ?? noTrace,
      spn: traceContextOf(lease.trace)?.spanId ?? noSpan,
      ...(lease.attempt > 0 && { try: lease.attempt }),
    },
    // A copy: a callback may do with its message what it likes, and a handed-off body may be shared with others.
    data: isJsonObject(lease.body) ? copyOf(lease.body) : {},
    ...(retry.length > 0 && { policies: { retry: Object.fromEntries(retry) } }),
    _retryAttempt: lease.attempt,
  };
}

function copyOf(body: JsonObject): Record<string, unknown> {
  return JSON.parse(JSON.stringify(body));
}
