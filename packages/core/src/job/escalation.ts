import type { GenerationId, PathText } from "../brand.js";
import type { EscalationOutcome } from "../ports/records.js";
import type { Effect } from "./effect.js";
import { keyOf } from "./keys.js";

/** A pass that waits, with the key of the work item that is kept beside it. */
export interface EscalatedPass {
  readonly generation: GenerationId;
  readonly path: PathText;
  readonly key: string;
}

/** Tells the item of one wait from all others, also from those that have the same key before or after it. */
export function waitOf(pass: { readonly generation: GenerationId; readonly path: PathText }): string {
  return keyOf(pass, "escalation");
}

/** The end of a wait is the end of its item, in the same commit. */
export function closeEscalation(pass: EscalatedPass, outcome: EscalationOutcome): Effect {
  return { kind: "close-escalation", close: { key: pass.key, wait: waitOf(pass), ...outcome } };
}
