import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decode, sameValue, snapshot } from "../testing/vector-coding.js";
import { compileConditions } from "./compile-conditions.js";
import { compileExpression, compileMapping } from "./compile-expression.js";
import { evaluate } from "./evaluate.js";
import { conditionsHold } from "./evaluate-conditions.js";
import type { Environment } from "./expression.js";
import { lookupFunction } from "./functions/registry.js";
import { applyKeySuffixes } from "./key-suffixes.js";

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly name?: string;
  readonly fn?: string;
  readonly args?: unknown;
  readonly pipe?: unknown;
  readonly value?: unknown;
  readonly rules?: unknown;
  readonly maps?: unknown;
  readonly rule?: unknown;
  readonly code?: unknown;
  readonly context?: unknown;
  readonly expect?: unknown;
  readonly throws?: true;
  readonly now?: string;
  readonly approx?: true;
  readonly shape?: string;
  readonly resultFlags?: { readonly frozen: boolean; readonly sealed: boolean; readonly extensible: boolean };
  readonly second?: { readonly expect: unknown };
  readonly objectPrototypeUnchanged?: true;
  readonly contextWritable?: true;
}

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL("../testing/spec/pipe-vectors.json", import.meta.url), "utf8"),
);

/** The inputs of a vector, decoded once, so that a second run uses the same rules object. */
function prepared(vector: Vector) {
  return {
    args: decode(vector.args),
    rules: decode(vector.pipe ?? vector.value ?? vector.rules ?? vector.maps ?? vector.rule),
    context: decode(vector.context),
    code: decode(vector.code),
  };
}

function run(vector: Vector, inputs: ReturnType<typeof prepared>): unknown {
  const environment = environmentOver(inputs.context, Date.parse(vector.now ?? "2024-05-01T10:07:30.000Z"));
  switch (vector.kind) {
    case "fn":
    case "nondeterministic": {
      const fn = lookupFunction(vector.fn?.slice(2, -1) ?? "");
      if (fn === undefined) throw new Error(`no function ${vector.fn}`);
      return fn(inputs.args as unknown[], environment);
    }
    case "pipe":
    case "hazard":
      return evaluate(compileExpression({ "@pipe": inputs.rules }), environment);
    case "resolve":
      return evaluate(compileExpression(inputs.rules), environment);
    case "mapper":
      return evaluate(compileMapping(inputs.rules), environment);
    case "jobMaps":
      return applyKeySuffixes(evaluate(compileMapping(inputs.rules), environment));
    case "evaluate":
      return conditionsHold(compileConditions(inputs.rules), inputs.code as number | string | undefined, environment);
    default:
      throw new Error(`unknown kind ${vector.kind}`);
  }
}

function environmentOver(context: unknown, now: number): Environment {
  const data = context as Record<string, unknown> | null | undefined;
  const root = (name: string) => (data && Object.hasOwn(data, name) ? data[name] : undefined);
  return { root, now, random: () => 0.25 };
}

const SHAPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  "integer >= 0": (value) => Number.isInteger(value) && Number(value) >= 0,
  "text matching ^\\d{4}-\\d{2}-\\d{2}$": (value) => /^\d{4}-\d{2}-\d{2}$/.test(String(value)),
  "text matching ^\\d{14}\\.\\d{3}$": (value) => /^\d{14}\.\d{3}$/.test(String(value)),
  Date: (value) => value instanceof Date,
  "0 <= number < 1": (value) => typeof value === "number" && value >= 0 && value < 1,
  "integer 5..60": (value) => Number.isInteger(value) && Number(value) >= 5 && Number(value) <= 60,
};

function check(vector: Vector): void {
  const inputs = prepared(vector);
  const before = snapshot(inputs);
  const polluted = Object.getOwnPropertyNames(Object.prototype).length;

  if (vector.throws) {
    expect(() => run(vector, inputs)).toThrow();
  } else if (vector.objectPrototypeUnchanged) {
    attempt(() => run(vector, inputs));
  } else {
    checkResult(vector, run(vector, inputs));
    if (vector.second) expect(sameValue(run(vector, inputs), vector.second.expect)).toBe(true);
  }

  expect(snapshot(inputs)).toEqual(before);
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(polluted);
  if (vector.contextWritable) expect(isDeeplyFree(inputs.context)).toBe(true);
}

function checkResult(vector: Vector, result: unknown): void {
  if (vector.shape !== undefined) {
    expect(SHAPES[vector.shape]?.(result), `${vector.shape}: ${String(result)}`).toBe(true);
    return;
  }
  expect(
    sameValue(result, vector.expect, vector.approx),
    `got ${snapshot(result)}, expected ${JSON.stringify(vector.expect)}`,
  ).toBe(true);
  if (vector.resultFlags === undefined) return;
  expect({
    frozen: Object.isFrozen(result),
    sealed: Object.isSealed(result),
    extensible: Object.isExtensible(result),
  }).toEqual(vector.resultFlags);
}

function attempt(call: () => unknown): void {
  try {
    call();
  } catch {
    // A hazard may be refused.
  }
}

function isDeeplyFree(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isExtensible(value) && !Object.isFrozen(value) && Object.values(value).every(isDeeplyFree);
}

describe("every mapping vector holds", () => {
  for (const vector of vectors) test(vector.id, () => check(vector));
});

test("the vectors are all there", () => {
  expect(vectors).toHaveLength(1199);
});
