import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileText } from "../compile/compile.js";
import { CompileError } from "../errors.js";
import { jsonOf } from "../json.js";
import { snapshot } from "../testing/vector-coding.js";
import { compileConditions } from "./compile-conditions.js";
import { compileExpression, compileMapping } from "./compile-expression.js";
import { evaluateWithin } from "./evaluate.js";
import { conditionsHold } from "./evaluate-conditions.js";
import type { Environment, Expression } from "./expression.js";
import { ExpressionError } from "./expression-error.js";
import { ITEMS_MAX, TEXT_MAX } from "./functions/limits.js";
import { ownValue } from "./functions/own.js";
import { functionNames } from "./functions/registry.js";
import { addWritten, noSize } from "./functions/written-size.js";
import { hostileData, hostileDocument, hostileRows } from "./hostile-mappings.arbitrary.suite.js";
import { lintExpression, references } from "./lint-expression.js";
import { mentionedRoots } from "./mentions.js";

const LIMITS = { rows: 2_000, work: 100_000_000 };
const PROTOTYPES = [Object, Array, Function, String, Number, Boolean, Date, RegExp, Map, Set, Error, Promise].map(
  ({ prototype }) => prototype,
);
/** What platforms say when code has a bug. A mapping may be refused, but in words that were meant for it. */
const ACCIDENT = new RegExp(
  [
    "Cannot (?:read|set|assign|add|delete|define|convert)",
    "not a function|not iterable|is not defined|not extensible|read only",
    "call stack|Invalid (?:array|string) length|[Cc]ircular|empty array|allocation",
  ].join("|"),
);

/** Everything that code of ours could have changed for everybody. */
function globalState(): string {
  const owners = [globalThis, ...PROTOTYPES, Object, Array, String, Date, Math, JSON, Reflect];
  return owners.map((owner) => Reflect.ownKeys(owner).map(String).sort().join()).join("\n");
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) frozen(item);
  return Object.freeze(value);
}

function environmentOver(context: unknown): Environment {
  return { root: (name) => ownValue(context, name), now: Date.UTC(2024, 4, 1), random: () => 0.5 };
}

/** An `expect` that costs nothing when all is well: here it is asked a million times. */
function holds(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) expect.fail(what);
}

/** The value, or the refusal that was thrown: anything else that is thrown is a bug. */
function evaluated(expression: Expression, environment: Environment): unknown {
  try {
    return evaluateWithin(expression, environment, LIMITS);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    holds(!ACCIDENT.test(error.message) && error.message.length < 2_000, error.message);
    return undefined;
  }
}

/** Is it data, all the way down: scalars, plain lists, plain objects and Dates, with values and no accessors? */
function isData(value: unknown): boolean {
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") return false;
  if (typeof value !== "object" || value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isKnown = prototype === Object.prototype || prototype === Array.prototype || prototype === Date.prototype;
  if (!isKnown || PROTOTYPES.includes(value)) return false;
  if (Array.isArray(value) && value.length > 1_000) return value.slice(0, 1_000).every(isData);
  return Object.values(Object.getOwnPropertyDescriptors(value)).every((own) => "value" in own && isData(own.value));
}

/** Laws of mappings that nobody means well with, on `runs` of them. A failure prints the seed that repeats it. */
export function hostileMappings(runs: number): void {
  const seed = Number(process.env["HOTMESH_TEST_SEED"] ?? 95_950_692) | 0;
  const parameters = { seed, numRuns: runs };
  let before = "";
  beforeAll(() => {
    before = globalState();
  });
  afterAll(() => expect(globalState()).toBe(before));

  describe(`${runs} hostile mappings, seed ${seed}`, () => {
    test("a pipe gives data or is refused, within its rows, and changes nothing", () => {
      const members = Reflect.ownKeys(Object.prototype).length;
      let valued = 0;
      fc.assert(
        fc.property(hostileRows, hostileData, (rows, a) => {
          const expression = frozen(compileExpression({ "@pipe": rows }));
          const context = frozen({ a, __proto__: null });
          const state = snapshot(a);

          const value = evaluated(expression, environmentOver(context));

          if (value !== undefined) valued += 1;
          holds(isData(value), "the value is data");
          addWritten(noSize(), value);
          holds((JSON.stringify(jsonOf(value)) ?? "").length < TEXT_MAX + ITEMS_MAX, "the value can be written out");
          holds(snapshot(a) === state, "the data is what it was");
          holds(Reflect.ownKeys(Object.prototype).length === members, "nothing was put on the prototype of objects");
        }),
        parameters,
      );
      // Laws about values say nothing when there are none.
      expect(valued).toBeGreaterThan(runs / 10);
    });

    test("whatever stands for a mapping compiles, is linted and evaluated, and nothing but a refusal is thrown", () => {
      fc.assert(
        fc.property(hostileData, hostileData, (value, data) => {
          const document = frozen(value);
          const environment = environmentOver({ a: data });
          for (const kind of ["maps", "setting"] as const) {
            const findings = lintExpression(document, kind);
            holds(
              findings.every(({ message, path }) => message !== "" && Array.isArray(path)),
              "every finding has words and a place",
            );
            holds(
              references(document, kind).every(({ text }) => text.startsWith("{")),
              "every reference is in braces",
            );
            const expression = kind === "maps" ? compileMapping(document) : compileExpression(document);
            const stored: Expression = JSON.parse(JSON.stringify(expression));
            const value = evaluated(expression, environment);
            holds(isData(value), "the value is data");
            holds(snapshot(evaluated(stored, environment)) === snapshot(value), "a stored mapping gives the same");
            holds(mentionedRoots(expression).size <= references(document, kind).length, "roots are references");
          }
          attempt(() => conditionsHold(compileConditions(document), 200, environment));
        }),
        { ...parameters, numRuns: Math.ceil(runs / 10) },
      );
    });

    test("a graph with something strange in any place of it compiles, or every problem has its place", () => {
      fc.assert(
        fc.property(hostileDocument, (document) => {
          try {
            expect(compileText(JSON.stringify(document)).plan.id).toMatch(/./);
          } catch (error) {
            if (!(error instanceof CompileError)) throw error;
            const { problems } = error;
            expect(problems.length).toBeGreaterThan(0);
            expect(problems.every(({ line, message }) => (line ?? 0) > 0 && message !== "")).toBe(true);
          }
        }),
        { ...parameters, numRuns: Math.ceil(runs / 50) },
      );
    });
  });

  test("hostile pipes call every function of the catalogue", () => {
    const called = new Set<string>();
    const collect = (text: string) => {
      for (const [, name = ""] of text.matchAll(/\{@([\w.]+)\}/g)) called.add(name);
    };
    for (const rows of fc.sample(hostileRows, { seed, numRuns: Math.min(runs, 3_000) })) collect(JSON.stringify(rows));

    expect(functionNames().filter((name) => !called.has(name))).toEqual([]);
  });
}

/** A condition is true, false, or refused by what its mapping throws. */
function attempt(condition: () => boolean): void {
  try {
    holds(typeof condition() === "boolean", "a condition is true or false");
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
  }
}
