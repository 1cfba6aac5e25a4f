import type { MessageKey, PathText } from "../brand.js";
import type { ErrorKind } from "../error-kinds.js";
import type { PassReads } from "../ports/program.js";
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
  /** What the decision looked at and the state had not been read for. Not empty: it must be made again, with that. */
  readonly wanted: Wanted;
}

export interface Wanted extends PassReads {
  /** Keys of work items. */
  readonly escalations?: readonly string[];
}

/** A decision that saw all it looked at. */
export const nothingWanted: PassReads = { passes: [], ranges: [] };

export type DecisionVerdict =
  | { readonly outcome: "applied" }
  | { readonly outcome: "duplicate" }
  | { readonly outcome: "stale"; readonly reason: "superseded" | "closed" | "not-found" }
  | { readonly outcome: "rejected"; readonly kind: ErrorKind; readonly failure: Failure };

/** A decision that changes nothing. */
export function unchanged(job: JobState | null, verdict: DecisionVerdict): Decision {
  return { verdict, job, touched: new Map(), effects: [], wanted: nothingWanted };
}
