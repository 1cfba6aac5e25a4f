import { isJsonObject, type JobOutput, type Json, type JsonObject } from "@hotmesh/core";
import type { QuorumProfile } from "./profile.js";

/** Asks every member to show itself. */
export interface PingMessage {
  type: "ping";
  guid?: string;
  topic?: string;
  /** Identity of the question: answers repeat it. */
  originator: string;
  details?: boolean;
}

/** A member shows itself. `originator` null: nobody asked. */
export interface PongMessage {
  type: "pong";
  guid: string;
  topic?: string;
  originator: string | null;
  profile?: QuorumProfile;
}

export interface ActivateMessage {
  type: "activate";
  guid?: string;
  topic?: string;
  cache_mode: "nocache" | "cache";
  until_version: string;
}

export interface ThrottleMessage {
  type: "throttle";
  throttle: number;
  topic?: string;
  guid?: string;
  scope?: "engines" | "workers" | "all";
}

/** A job has something to announce: a completion, an interim result, a failure. */
export interface JobMessage {
  type: "job";
  guid?: string;
  /** What the graph publishes; its own topic when it publishes nothing, and somebody waits for the job. */
  topic: string;
  job: JobOutput;
}

export interface UserMessage {
  type: "user";
  guid?: string;
  topic: string;
  message: JsonObject;
}

/** Bulk work was queued. */
export interface WorkMessage {
  type: "work";
  guid?: string;
  topic?: string;
  originator: string;
}

/** A scheduled run came due. */
export interface CronMessage {
  type: "cron";
  guid?: string;
  originator: string;
  topic?: string;
  id?: string;
}

/** Members show themselves from time to time. */
export interface RollCallMessage {
  type: "rollcall";
  guid?: string;
  topic?: string | null;
  interval?: number;
  max?: number;
  signature?: boolean;
}

export interface DuressMessage {
  type: "duress";
  guid?: string;
  topic?: string;
  originator: string;
  duress_score_ms: number;
  throttle_ms: number;
  level: string;
}

/** Everything that is said on the quorum channel, told apart by `type` (runtime.md 3.2). */
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

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const flag: Check = (value) => typeof value === "boolean";
const map: Check = (value) => isJsonObject(value);
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === "string" && words.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const nullable =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

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
  return Object.entries(shapes[type]).flatMap(([field, check]) =>
    check(value[field]) ? [] : [`${field} of a ${type} message is ${JSON.stringify(value[field])}`],
  );
}

/** True when the value has the shape of a quorum message. */
export function isQuorumMessage(value: unknown): value is QuorumMessage & { readonly [key: string]: Json } {
  return messageDefects(value).length === 0;
}

function isMessageType(value: unknown): value is QuorumMessage["type"] {
  return typeof value === "string" && Object.hasOwn(shapes, value);
}
