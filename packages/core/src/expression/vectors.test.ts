import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runVector, type Vector, vectorInputs } from "../testing/vector.js";
import { sameValue, snapshot } from "../testing/vector-coding.js";
import { functionNames } from "./functions/registry.js";

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL("../testing/spec/pipe-vectors.json", import.meta.url), "utf8"),
);

const SHAPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  "integer >= 0": (value) => Number.isInteger(value) && Number(value) >= 0,
  "text matching ^\\d{4}-\\d{2}-\\d{2}$": (value) => /^\d{4}-\d{2}-\d{2}$/.test(String(value)),
  "text matching ^\\d{14}\\.\\d{3}$": (value) => /^\d{14}\.\d{3}$/.test(String(value)),
  Date: (value) => value instanceof Date,
  "0 <= number < 1": (value) => typeof value === "number" && value >= 0 && value < 1,
  "integer 5..60": (value) => Number.isInteger(value) && Number(value) >= 5 && Number(value) <= 60,
};

function check(vector: Vector): void {
  const inputs = vectorInputs(vector);
  const before = snapshot(inputs);
  const polluted = Object.getOwnPropertyNames(Object.prototype).length;

  if (vector.throws) {
    expect(() => runVector(vector, inputs)).toThrow();
  } else if (vector.objectPrototypeUnchanged) {
    attempt(() => runVector(vector, inputs));
  } else {
    checkResult(vector, runVector(vector, inputs));
    if (vector.second) expect(sameValue(runVector(vector, inputs), vector.second.expect)).toBe(true);
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

test("the vectors are all there, each under an id of its own", () => {
  expect(vectors).toHaveLength(1199);
  expect(new Set(vectors.map(({ id }) => id)).size).toBe(1199);
});

test("there is a vector for every function of the catalogue", () => {
  const called = new Set(vectors.map(({ fn }) => fn?.slice(2, -1)));

  expect(functionNames().filter((name) => !called.has(name))).toEqual([]);
});
