import type { Instant } from "../brand.js";
import type { Position } from "../job/lineage.js";
import { timeText } from "../job/time-text.js";
import type { Json } from "../json.js";
import type { ActivityPlan } from "../plan/plan.js";
import type { Draft } from "./draft.js";

/** One pass while it is being worked on. */
export interface Visit<Activity extends ActivityPlan = ActivityPlan> {
  readonly draft: Draft;
  readonly activity: Activity;
  readonly position: Position;
  readonly self: Self;
  /** When the pass was entered. Absent: now. */
  readonly enteredAt?: Instant;
}

/** The pass as its own expressions see it. */
export interface Self {
  output: Json | undefined;
  hook: Json | undefined;
  metadata: Record<string, Json>;
}

/** A pass that is entered: its metadata is complete in all its maps (language.md 8.9). */
export function enteredSelf(draft: Draft, position: Position, entered: { type: string; topic: string | null }): Self {
  const now = timeText(draft.moment.now);
  const metadata: Record<string, Json> = { aid: position.activity, atp: entered.type };
  if (entered.topic !== null) metadata["stp"] = entered.topic;
  metadata["dad"] = position.address;
  metadata["ac"] = now;
  metadata["au"] = now;
  return { output: undefined, hook: undefined, metadata };
}

/** The metadata of an answer: complete for the first pass, `dad` and `au` for further ones. */
export function answerMetadata(
  draft: Draft,
  position: Position,
  first: { readonly type: string; readonly topic: string | null; readonly enteredAt: Instant } | null,
): Record<string, Json> {
  const metadata: Record<string, Json> = {};
  if (first !== null) {
    metadata["aid"] = position.activity;
    metadata["atp"] = first.type;
    if (first.topic !== null) metadata["stp"] = first.topic;
  }
  metadata["dad"] = position.address;
  if (first !== null) metadata["ac"] = timeText(first.enteredAt);
  metadata["au"] = timeText(draft.moment.now);
  return metadata;
}
