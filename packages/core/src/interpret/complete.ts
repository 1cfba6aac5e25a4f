import { after, type Instant } from "../brand.js";
import type { Position } from "../job/lineage.js";
import { announce } from "./announce.js";
import type { Draft } from "./draft.js";
import { resolveExpire } from "./scope.js";

/**
 * The completion tasks: the job is told to be finished, and starts to expire once nothing is open any more. An error
 * that no edge takes runs them at once, and again when the last obligation ends.
 */
export function complete(draft: Draft, position: Position): void {
  const status = draft.obligations();
  if (draft.failure !== null) draft.phase = "failed";
  else if (status === 0) draft.phase = "completed";
  if (status === 0) draft.expireAt = expiryOf(draft, expireSeconds(draft, position));
  announce(draft, { final: true, status });
}

/** Seconds a finished job is kept; 0: until it is removed by hand. */
export function expireSeconds(draft: Draft, position: Position): number {
  const value = resolveExpire(draft, position);
  if (value === null) return draft.moment.limits.retentionSeconds;
  const seconds = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

/** Null: kept until it is removed by hand. */
export function expiryOf(draft: Draft, seconds: number): Instant | null {
  return seconds > 0 ? after(draft.moment.now, seconds * 1_000) : null;
}
