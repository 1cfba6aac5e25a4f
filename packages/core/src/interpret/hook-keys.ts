import { evaluateAt } from "../expression/evaluate-at.js";
import type { Environment } from "../expression/expression.js";
import { type Json, jsonOf } from "../json.js";
import type { IndexedRule } from "../plan/plan-index.js";

/**
 * The keys a rule gives on one side: of the waiting job (`expected`) or of a signal (`actual`). With gate `and` one key
 * of all values; with gate `or` one per value. Compared as text: 7 and `'7'` are the same. An undefined value never
 * matches. A rule is known by its target and its place among the rules of the topic for that target, so keys agree
 * across versions.
 */
export function hookKeys(
  rule: Pick<IndexedRule, "rule" | "place">,
  side: "expected" | "actual",
  environment: Environment,
): readonly string[] {
  return keysOf(rule, matchTexts(rule, side, environment));
}

/** One side of each entry of a rule, as text. */
export function matchTexts(
  { rule }: Pick<IndexedRule, "rule">,
  side: "expected" | "actual",
  environment: Environment,
): readonly (string | undefined)[] {
  return rule.match.map((entry, index) =>
    keyText(evaluateAt(["hooks", rule.topic, "conditions", "match", index, side], entry[side], environment)),
  );
}

/** The keys that the texts of a rule's entries make. */
export function keysOf(
  { rule, place }: Pick<IndexedRule, "rule" | "place">,
  texts: readonly (string | undefined)[],
): readonly string[] {
  const name: Json = place === 0 ? rule.to : [rule.to, place];
  if (rule.gate === "or") {
    return texts.flatMap((text, index) => (text === undefined ? [] : [JSON.stringify([name, index, text])]));
  }
  if (texts.some((text) => text === undefined)) return [];
  return [JSON.stringify([name, ...texts])];
}

function keyText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const json = jsonOf(value);
  return typeof json === "object" && json !== null ? JSON.stringify(json) : String(json);
}
