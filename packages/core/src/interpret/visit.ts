import type { Instant } from "../brand.js";
import type { Position } from "../job/lineage.js";
import { timeText } from "../job/time-text.js";
import type { Json } from "../json.js";
import type { ActivityPlan } from "../plan/plan.js";
import type { Draft } from "./draft.js";
import { ownSpan } from "./leg.js";

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

/** A pass that is entered: its metadata is complete in all its maps. */
export function enteredSelf(draft: Draft, position: Position, entered: { type: string; topic: string | null }): Self {
  const now = timeText(draft.moment.now);
  const metadata: Record<string, Json> = { aid: position.activity, atp: entered.type };
  if (entered.topic !== null) metadata["stp"] = entered.topic;
  metadata["dad"] = position.address;
  metadata["ac"] = now;
  metadata["au"] = now;
  const l1s = ownSpan(draft);
  if (l1s !== null) metadata["l1s"] = l1s;
  return { output: undefined, hook: undefined, metadata };
}

interface EnteredPass {
  readonly type: string;
  readonly topic: string | null;
  readonly enteredAt: Instant;
  readonly l1s: string | undefined;
}

/** The metadata of an answer: complete for the first pass, that of the answer alone for further ones. */
export function answerMetadata(draft: Draft, position: Position, first: EnteredPass | null): Record<string, Json> {
  const metadata: Record<string, Json> = {};
  if (first !== null) {
    metadata["aid"] = position.activity;
    metadata["atp"] = first.type;
    if (first.topic !== null) metadata["stp"] = first.topic;
  }
  metadata["dad"] = position.address;
  if (first !== null) metadata["ac"] = timeText(first.enteredAt);
  metadata["au"] = timeText(draft.moment.now);
  if (first?.l1s !== undefined) metadata["l1s"] = first.l1s;
  const l2s = ownSpan(draft);
  if (l2s !== null) metadata["l2s"] = l2s;
  return metadata;
}
