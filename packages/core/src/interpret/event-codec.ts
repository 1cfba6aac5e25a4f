import type { MessageKey } from "../brand.js";
import type {
  CompleteEvent,
  InterruptBody,
  JobEvent,
  ResumeEvent,
  SignalBody,
  StartBody,
  WakeEvent,
} from "../job/event.js";
import type { JsonObject } from "../json.js";
import type { AnswerBody, InboundMessage } from "../ports/message.js";

/** The event behind a message about one job; null for a message of another kind, or one that lacks an address. */
export function eventOf(message: InboundMessage): JobEvent | null {
  const { job, generation, path, key, kind } = message;
  if (job === null) return null;
  if (kind === "interrupt") return { kind, job, generation, body: message.body as InterruptBody };
  if (kind === "cancel") return { kind, job, generation, body: null };
  if (kind === "resume") return { kind, job, generation, body: message.body as ResumeEvent["body"] };
  if (generation === null) return null;
  if (kind === "start") return { kind, job, generation, key, body: message.body as StartBody };
  if (path === null) return null;
  if (kind === "wake") return { kind, job, generation, path, body: message.body as WakeEvent["body"] };
  if (kind === "signal") return { kind, job, generation, path, key, body: message.body as SignalBody };
  if (kind === "complete") return completeOf(message, { job, generation, path });
  return null;
}

function completeOf(message: InboundMessage, at: Pick<CompleteEvent, "job" | "generation" | "path">): CompleteEvent {
  return { kind: "complete", ...at, key: message.key, request: message.request, body: message.body as AnswerBody };
}

/** A signal that has not been matched yet: it is about no job. */
export type SignalRequestBody = {
  readonly topic: string;
  readonly data: SignalBody["data"];
  readonly status: SignalBody["status"];
  readonly code: number;
  /** Plans besides the active one whose rules count, because jobs may still wait on them. */
  readonly plans?: readonly string[];
};

/** Kind of a message that has a {@link SignalRequestBody}. */
export const signalRequestKind = "match";

export function signalRequestOf(message: InboundMessage): SignalRequestBody | null {
  return message.kind === signalRequestKind ? (message.body as SignalRequestBody) : null;
}

/** A signal for every job of an index: work for any engine, page by page. A type alias, so that it is Json. */
export type BroadcastBody = {
  readonly topic: string;
  /** Each job gets it with its own id as `id`. */
  readonly data: JsonObject;
  readonly status: SignalBody["status"];
  readonly code: number;
  /** Plans besides the active one whose rules count, because jobs may wait under them. */
  readonly plans: readonly string[];
  /** The lists of the index; all of them when the prefix is that of the whole index. */
  readonly list: { readonly name: string; readonly from: string; readonly to: string; readonly prefix: string };
  /** True: what has been signalled is taken from the index. */
  readonly scrub: boolean;
  /** Seed of the signals' ids, the same on every page. */
  readonly id: MessageKey;
  /** Where the page begins. */
  readonly after: { readonly slice: string; readonly field: string } | null;
  readonly page: number;
};

export const broadcastKind = "broadcast";

export function broadcastOf(message: InboundMessage): BroadcastBody | null {
  return message.kind === broadcastKind ? (message.body as BroadcastBody) : null;
}

/**
 * Somebody wants a job and does not wait for it: a statement of SQL. Such a message is about no job, because only a
 * program knows which id the trigger gives; it becomes the start of one. A type alias, so that it is Json.
 */
export type JobRequestBody = {
  readonly topic: string;
  readonly data: JsonObject;
  /** The id that the job has unless its trigger gives one. */
  readonly job: string;
  /** True: it may have been made before, so that a job which has the id already is no reason to complain. */
  readonly once?: boolean;
  /** Why no job came of it. It stays for people to see. */
  readonly refused?: string;
};

/** Kind of a message that has a {@link JobRequestBody}. */
export const jobRequestKind = "request";

export function jobRequestOf(message: InboundMessage): JobRequestBody | null {
  return message.kind === jobRequestKind ? (message.body as JobRequestBody) : null;
}
