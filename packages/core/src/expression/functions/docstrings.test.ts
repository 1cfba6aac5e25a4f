import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EXAMPLE_CONTEXT, readDocstrings } from "../../testing/docstrings.js";
import { type Example, readExample } from "../../testing/value-notation.js";
import { sameValue, snapshot } from "../../testing/vector-coding.js";
import { functionNames, lookupFunction } from "./registry.js";

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
const docstrings = files.flatMap((file) => readDocstrings(file, readFileSync(new URL(file, import.meta.url), "utf8")));

/** What a function does with the inputs of an example, in the words of a failing test. */
function outcome(name: string, { inputs }: Example): { readonly throws: boolean; readonly result: unknown } {
  try {
    return { throws: false, result: lookupFunction(name)?.(inputs, EXAMPLE_CONTEXT) };
  } catch {
    return { throws: true, result: undefined };
  }
}

test("every function of the catalogue has a docstring, and nothing else has", () => {
  expect(docstrings.map(({ name }) => name).sort()).toEqual([...functionNames()].sort());
});

test("a docstring says in words what its function does", () => {
  const thin = docstrings.filter(({ prose }) => !/^.{15,}\.$/.test(prose) || prose.includes("@"));

  expect(thin.map(({ name, prose }) => [name, prose])).toEqual([
    ["cron.nextDelay", expect.stringContaining("@hourly")],
  ]);
});

test("types are words of the language", () => {
  const word = /^(?:any|boolean|Date|DateInput|list|null|number|object|text|undefined|"[A-Z]+")$/;
  const types = docstrings.flatMap(({ parameters, result }) => [...parameters.values(), result]);
  const words = types.flatMap((type) => (type.split(" = ")[0] ?? "").split(" | "));

  expect(words.filter((type) => !word.test(type))).toEqual([]);
});

test("a function with inputs has an example of its edges beside the usual one", () => {
  const short = docstrings.filter(({ parameters, examples }) => examples.length < (parameters.size === 0 ? 1 : 2));

  expect(short.map(({ name }) => name)).toEqual([]);
});

test("no example gives more inputs than the signature has parameters", () => {
  const wide = docstrings.filter(({ parameters, examples }) => {
    const isOpen = [...parameters.keys()].some((name) => name.startsWith("..."));
    return !isOpen && examples.some(({ inputs }) => inputs.length > parameters.size);
  });

  // Its third input shows that only two count.
  expect(wide.map(({ name }) => name)).toEqual(["conditional.nullish", "logical.or"]);
});

describe("every example of a docstring is true", () => {
  for (const { name, examples } of docstrings) {
    test(name, () => {
      for (const example of examples) {
        const { throws, result } = outcome(name, example);

        expect(throws, example.text).toBe(example.throws);
        expect(sameValue(result, example.result), `${example.text}, but it is ${snapshot(result)}`).toBe(true);
      }
    });
  }
});

describe("the notation of examples", () => {
  test("has the values that JSON lacks", () => {
    expect(readExample('[undefined, NaN, -0, -0.5, Infinity, -Infinity, "NaN -0"] -> Date(invalid)')).toMatchObject({
      inputs: [undefined, Number.NaN, -0, -0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, "NaN -0"],
      result: new Date(Number.NaN),
    });
  });

  test.each(["[1] 2", "1 -> 2", "[1] -> two"])("%s is no example", (text) => {
    expect(() => readExample(text)).toThrow(SyntaxError);
  });

  test("a docstring without its signature is refused", () => {
    expect(() => readDocstrings("math.ts", "  /**\n   * The sum.\n   */\n  add: 1,\n")).toThrow("math.add");
  });
});
