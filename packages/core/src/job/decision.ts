import type { MessageKey, PathText } from "../brand.js";
import type { Effect } from "./effect.js";
import type { Failure } from "./failure.js";
import type { JobState } from "./state.js";

/** What became of an event. */
export interface Decision {
  readonly verdict: DecisionVerdict;
  /** The next state; the same reference when nothing changed. */
  readonly job: JobState | null;
  /** Passes this decision wrote, and the request whose body is their input, when there is one. */
  readonly touched: ReadonlyMap<PathText, MessageKey | null>;
  readonly effects: readonly Effect[];
}

export type DecisionVerdict =
  | { readonly outcome: "applied" }
  | { readonly outcome: "duplicate" }
  | { readonly outcome: "stale"; readonly reason: "superseded" | "closed" | "not-found" }
  | { readonly outcome: "rejected"; readonly kind: string; readonly failure: Failure };

/** A decision that changes nothing. */
export function unchanged(job: JobState | null, verdict: DecisionVerdict): Decision {
  return { verdict, job, touched: new Map(), effects: [] };
}
