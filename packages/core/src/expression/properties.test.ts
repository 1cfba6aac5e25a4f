import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { snapshot } from "../testing/vector-coding.js";
import { evaluateMapping } from "./evaluate-mapping.js";
import { functionNames, lookupFunction } from "./functions/registry.js";
import { hostileData, hostileRows } from "./hostile-mappings.arbitrary.suite.js";

const names = functionNames();
const calm = { now: Date.UTC(2024, 4, 1), random: () => 0.5 };

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch {
    return undefined;
  }
}

describe("whatever is evaluated", () => {
  const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Date.prototype];
  const describePrototypes = () => prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String).join());
  let before: string[] = [];
  beforeEach(() => {
    before = describePrototypes();
  });
  afterEach(() => expect(describePrototypes()).toEqual(before));

  test("inputs of a function stay as they are, and nothing that comes out is a function or a prototype", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(hostileData, { maxLength: 4 }), (name, inputs) => {
        const state = snapshot(inputs);
        const result = attempt(() => lookupFunction(name)?.(inputs, calm));

        expect(snapshot(inputs)).toBe(state);
        expect(isForeign(result, prototypes)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test("rules and data stay as they are, and the same rules give the same again", () => {
    fc.assert(
      fc.property(hostileRows, hostileData, (pipe, a) => {
        const rules = { x: { "@pipe": pipe } };
        const context = { a };
        const state = snapshot([rules, context]);

        const first = attempt(() => evaluateMapping(rules, context, calm));
        expect(snapshot([rules, context])).toBe(state);
        const again = attempt(() => evaluateMapping(rules, context, calm));

        expect(snapshot(again)).toBe(snapshot(first));
        expect(isForeign(first, prototypes)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test("no path leads to something inherited", () => {
    for (const name of ["__proto__", "constructor", "toString", "valueOf", "hasOwnProperty"]) {
      const context = { a: {}, list: [1], text: "t" };
      for (const root of ["a", "list", "text"]) {
        expect(evaluateMapping(`{${root}.${name}}`, context)).toBeUndefined();
        expect(evaluateMapping(`{${root}.${name}.x}`, context)).toBeUndefined();
      }
      expect(evaluateMapping(`{${name}}`, context)).toBeUndefined();
      expect(lookupFunction(name)).toBeUndefined();
      expect(lookupFunction(`math.${name}`)).toBeUndefined();
    }
  });

  test("__proto__ is a key like any other in maps, literals and results", () => {
    const mapping: unknown = JSON.parse('{"__proto__": {"x": "{a.n}"}, "y": {"@pipe": [[{"__proto__": 1}]]}}');

    const result = evaluateMapping(mapping, { a: { n: 7 } });

    expect(JSON.stringify(result)).toBe('{"__proto__":{"x":7},"y":{"__proto__":1}}');
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  test("an own key toString is never called", () => {
    const trap = () => {
      throw new Error("called");
    };
    const context = { a: { toString: trap, valueOf: trap, toJSON: 1 } };
    for (const fn of ["string.concat", "math.add", "conditional.less_than", "conditional.equality", "object.create"]) {
      expect(() => evaluateMapping({ "@pipe": [["{a}", 1], [`{@${fn}}`]] }, context)).not.toThrow();
    }
  });
});

/** A function, a prototype, or something that holds one. */
function isForeign(value: unknown, prototypes: readonly unknown[]): boolean {
  if (typeof value === "function" || typeof value === "symbol" || prototypes.includes(value)) return true;
  return (
    typeof value === "object" && value !== null && Object.values(value).some((item) => isForeign(item, prototypes))
  );
}

test("the catalogue has 194 functions in 13 namespaces", () => {
  expect(names).toHaveLength(194);
  expect(new Set(names).size).toBe(194);
  expect(new Set(names.map((name) => name.split(".")[0])).size).toBe(13);
  expect(names.every((name) => /^[a-z]+\.[A-Za-z0-9_]+$/.test(name))).toBe(true);
});
