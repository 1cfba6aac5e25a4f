import { isJsonObject, type JobOutput, type Json, type JsonObject } from "@hotmesh/core";
import type { QuorumProfile } from "./profile.js";

/** Asks every member to show itself. */
export interface PingMessage {
  type: "ping";
  /** Asks the members of one instance only. */
  guid?: string;
  /** Asks the workers of one topic only. */
  topic?: string;
  /** Identity of the question: answers repeat it. */
  originator: string;
  /** True: with their profiles. */
  details?: boolean;
}

/** A member shows itself. `originator` null: nobody asked. */
export interface PongMessage {
  type: "pong";
  /** The instance of the member. */
  guid: string;
  /** Of a worker: what it serves. */
  topic?: string;
  /** The question it answers; null: nobody asked. */
  originator: string | null;
  /** Only if it was asked for. */
  profile?: QuorumProfile;
}

/** A version is about to become active, or has become so. */
export interface ActivateMessage {
  type: "activate";
  /** For the engine of one instance only. */
  guid?: string;
  /** Engines have no topic: one that is given reaches none. */
  topic?: string;
  /** `nocache`: ask the storage for the active version at every start. `cache`: no longer. */
  cache_mode: "nocache" | "cache";
  /** The version. */
  until_version: string;
}

/** A command to slow down, pause or go on; with `pubQuorum` it is a call of `throttle`. */
export interface ThrottleMessage {
  type: "throttle";
  /** Milliseconds between two messages; 0 removes the throttle, -1 pauses. */
  throttle: number;
  /** All workers of the topic. */
  topic?: string;
  /** The engine and the workers of one instance. */
  guid?: string;
  /** Engines only, or workers only; `all`. */
  scope?: "engines" | "workers" | "all";
}

/** A job has something to announce: a completion, an interim result, a failure. */
export interface JobMessage {
  type: "job";
  /** Instances hear of jobs whatever it says. */
  guid?: string;
  /** What the graph publishes; its own topic when it publishes nothing, and somebody waits for the job. */
  topic: string;
  /** The job's output as it is announced. */
  job: JobOutput;
}

/** A message of the application: nothing is done about it but calling callbacks. */
export interface UserMessage {
  type: "user";
  /** For the application to choose by: all callbacks hear the message. */
  guid?: string;
  /** What it is about. */
  topic: string;
  /** Anything; a map of JSON values. */
  message: JsonObject;
}

/** Bulk work was queued. */
export interface WorkMessage {
  type: "work";
  /** For the engine of one instance only. */
  guid?: string;
  /** Engines have no topic: one that is given reaches none. */
  topic?: string;
  /** Who queued it. */
  originator: string;
}

/** A scheduled run came due. */
export interface CronMessage {
  type: "cron";
  /** For the engine of one instance only. */
  guid?: string;
  /** Who noticed it. */
  originator: string;
  /** What the run is about. */
  topic?: string;
  /** Of the run. */
  id?: string;
}

/** Members show themselves from time to time. */
export interface RollCallMessage {
  type: "rollcall";
  /** For the members of one instance only. */
  guid?: string;
  /** For the workers of one topic only. */
  topic?: string | null;
  /** Seconds between two appearances; 0 or nothing: one. */
  interval?: number;
  /** How many; 12. */
  max?: number;
  /** True: with the source texts of callbacks. */
  signature?: boolean;
}

/** An engine finds its work harder or easier than before. Only observers care. */
export interface DuressMessage {
  type: "duress";
  /** For observers of one instance only. */
  guid?: string;
  /** For observers of one topic only. */
  topic?: string;
  /** Guid of the engine's instance. */
  originator: string;
  /** The largest average of the time its messages take. */
  duress_score_ms: number;
  /** The pause between two claims that it asks of itself. */
  throttle_ms: number;
  /** `healthy`, `mild`, `moderate` or `severe`. */
  level: string;
}

/** Everything that is said on the quorum channel, told apart by `type`. */
export type QuorumMessage =
  | PingMessage
  | PongMessage
  | ActivateMessage
  | ThrottleMessage
  | JobMessage
  | UserMessage
  | WorkMessage
  | CronMessage
  | RollCallMessage
  | DuressMessage;

interface Check {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const text: Check = { expected: "a text", holds: (value) => typeof value === "string" };
const number: Check = { expected: "a number", holds: Number.isFinite };
const flag: Check = { expected: "true or false", holds: (value) => typeof value === "boolean" };
const map: Check = { expected: "a map", holds: isJsonObject };
const oneOf = (...words: readonly string[]): Check => ({
  expected: words.join(" or "),
  holds: (value) => typeof value === "string" && words.includes(value),
});
const optional = ({ expected, holds }: Check): Check => ({
  expected: `${expected}, or nothing`,
  holds: (value) => value === undefined || holds(value),
});
const nullable = ({ expected, holds }: Check): Check => ({
  expected: `${expected}, or null`,
  holds: (value) => value === null || holds(value),
});

const address = { guid: optional(text), topic: optional(text) };

const shapes: Readonly<Record<QuorumMessage["type"], Readonly<Record<string, Check>>>> = {
  ping: { ...address, originator: text, details: optional(flag) },
  pong: { ...address, guid: text, originator: nullable(text), profile: optional(map) },
  activate: { ...address, cache_mode: oneOf("nocache", "cache"), until_version: text },
  throttle: { ...address, throttle: number, scope: optional(oneOf("engines", "workers", "all")) },
  job: { ...address, topic: text, job: map },
  user: { ...address, topic: text, message: map },
  work: { ...address, originator: text },
  cron: { ...address, originator: text, id: optional(text) },
  rollcall: {
    guid: optional(text),
    topic: optional(nullable(text)),
    interval: optional(number),
    max: optional(number),
    signature: optional(flag),
  },
  duress: { ...address, originator: text, duress_score_ms: number, throttle_ms: number, level: text },
};

/** What is wrong with a message; empty: nothing. Fields that nobody knows are left alone. */
export function messageDefects(value: unknown): readonly string[] {
  if (!isJsonObject(value)) return ["a quorum message is a map with a type"];
  const { type } = value;
  if (!isMessageType(type)) return [`type ${JSON.stringify(type)} is none of ${Object.keys(shapes).join(", ")}`];
  return Object.entries(shapes[type]).flatMap(([field, { expected, holds }]) => {
    const found = JSON.stringify(value[field]);
    return holds(value[field]) ? [] : [`${field} of a message of type ${type} is ${found}; expected ${expected}`];
  });
}

/** True when the value has the shape of a quorum message. */
export function isQuorumMessage(value: unknown): value is QuorumMessage & { readonly [key: string]: Json } {
  return messageDefects(value).length === 0;
}

function isMessageType(value: unknown): value is QuorumMessage["type"] {
  return typeof value === "string" && Object.hasOwn(shapes, value);
}
