import { after, type Instant } from "@hotmesh/core";
import type { QuorumMessage } from "./message.js";
import { addresses as commands } from "./throttle-rule.js";

/** One engine, or one worker entry, as the quorum sees it. */
export interface MemberState {
  /** Of its instance. */
  readonly guid: string;
  /** What it is. */
  readonly role: "engine" | "worker";
  /** Workers only. */
  readonly topic: string | null;
  /** Engines ask the storage for the active version until this instant; null: they cache it. */
  readonly nocacheUntil: Instant | null;
}

/** What a member does about a message. */
export type Reply =
  | { readonly kind: "pong"; readonly originator: string; readonly details: boolean }
  /** Show yourself unasked; from time to time unless `intervalMs` is 0, `max` times. Replaces what went before. */
  | { readonly kind: "roll"; readonly intervalMs: number; readonly max: number; readonly signature: boolean }
  /** Read what is to be obeyed. */
  | { readonly kind: "rules" }
  /** Behave as `state.nocacheUntil` says. */
  | { readonly kind: "cache-mode" }
  /** Look for due work at once. */
  | { readonly kind: "look" };

/** What a message makes of a member. */
export interface Observation {
  /** How the member is from now on. */
  readonly state: MemberState;
  /** What it does, in this order. */
  readonly replies: readonly Reply[];
}

/**
 * A switch of versions takes seconds. When the word to cache again is lost with whoever should have said it, engines
 * go back to caching by themselves.
 */
export const nocacheMaxMs = 60_000;

/** How often a member shows itself when a periodic roll call does not say. */
const rollsMax = 12;

/** What a message of the quorum channel makes of a member, and what the member does. Nothing in it is trusted. */
export function observe(state: MemberState, message: QuorumMessage, now: Instant): Observation {
  if (!addresses(message, state)) return { state, replies: [] };
  switch (message.type) {
    case "ping":
      return { state, replies: [{ kind: "pong", originator: message.originator, details: message.details === true }] };
    case "activate": {
      if (state.role !== "engine") return { state, replies: [] };
      const nocacheUntil = message.cache_mode === "nocache" ? after(now, nocacheMaxMs) : null;
      return { state: { ...state, nocacheUntil }, replies: [{ kind: "cache-mode" }] };
    }
    case "rollcall": {
      const intervalMs = Math.max(0, message.interval ?? 0) * 1_000;
      const { max = rollsMax, signature = false } = message;
      return { state, replies: [{ kind: "roll", intervalMs, max, signature }] };
    }
    case "throttle": {
      const { guid = null, topic = null, scope = "all" } = message;
      return { state, replies: commands({ guid, topic, scope }, state) ? [{ kind: "rules" }] : [] };
    }
    case "work":
    case "cron":
      return { state, replies: state.role === "engine" ? [{ kind: "look" }] : [] };
    case "pong":
    case "job":
    case "user":
    case "duress":
      return { state, replies: [] };
  }
}

/** A member acts when guid and topic, where given, are its own. `user`, `job` and `cron` topics name other things. */
function addresses(message: QuorumMessage, state: MemberState): boolean {
  if (message.guid !== undefined && message.guid !== state.guid) return false;
  if (message.type === "user" || message.type === "job" || message.type === "cron") return true;
  return message.topic === undefined || message.topic === state.topic;
}
