import type { Json } from "../json.js";
import type { Conditions, Match } from "../plan/plan.js";
import { compileExpression } from "./compile-expression.js";
import { textOf } from "./functions/conversion.js";
import { isList, ownValue } from "./functions/own.js";
import { literal, TooDeep } from "./literal.js";

/**
 * Compiles the `conditions` of a transition: absent means always, a boolean is taken as written, and
 * without `code` only 200 fires. `expected` is a literal, never resolved. Never throws.
 */
export function compileConditions(value: unknown): Conditions {
  if (value === undefined || value === null) return { on: "always" };
  if (typeof value === "boolean") return { on: value ? "always" : "never" };
  const code = ownValue(value, "code") ?? 200;
  const match = ownValue(value, "match") ?? null;
  return {
    on: "code",
    codes: (isList(code) ? code : [code]).map(textOf),
    gate: ownValue(value, "gate") === "or" ? "or" : "and",
    match: match === null ? null : (isList(match) ? match : [match]).map(compileMatch),
  };
}

function compileMatch(entry: unknown): Match {
  const actual = compileExpression(ownValue(entry, "actual"));
  const expected = ownValue(entry, "expected");
  return expected === undefined ? { actual } : { expected: literalOrEmpty(expected), actual };
}

// No object equals another one, so that an empty object stands for one that is nested too deep.
function literalOrEmpty(expected: unknown): Json {
  try {
    return literal(expected);
  } catch (error) {
    if (error instanceof TooDeep) return {};
    throw error;
  }
}
