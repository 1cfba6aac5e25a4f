import type { Conditions, Match } from "../plan/plan.js";
import { evaluateAt } from "./evaluate-at.js";
import type { Environment } from "./expression.js";

/**
 * Does a transition fire for a code? The code is compared as text, an absent or zero one counts as 200, and a code that
 * does not match leaves `match` unread. Entries are compared strictly and no further than needed. May throw what an
 * `actual` throws.
 */
export function conditionsHold(when: Conditions, code: number | string | undefined, environment: Environment): boolean {
  if (when.on !== "code") return when.on === "always";
  if (!when.codes.includes(String(code || 200))) return false;
  if (when.match === null) return true;
  const isMet = (match: Match, index: number) =>
    evaluateAt(["match", index, "actual"], match.actual, environment) === match.expected;
  return when.gate === "or" ? when.match.some(isMet) : when.match.every(isMet);
}
