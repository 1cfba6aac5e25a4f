import { describe, expect, test } from "vitest";
import { compileExpression } from "./compile-expression.js";
import { evaluateWithin } from "./evaluate.js";
import { evaluateMapping } from "./evaluate-mapping.js";

const run = (rows: readonly unknown[], context: Readonly<Record<string, unknown>> = {}) =>
  evaluateMapping({ "@pipe": rows }, context);

const letters = (count: number) => "x".repeat(count);
/** Wraps the accumulator in one more list at each pass. */
const wrap = { "@reduce": [{ "@pipe": [["{@symbol.array}"]] }, { "@pipe": [["{$output}"]] }, ["{@array.push}"]] };
const single = { "@pipe": [["{@symbol.array}", "{$output}"], ["{@array.push}"]] };
/** Makes a list that holds the accumulator twice, at each pass. */
const double = { "@reduce": [single, { "@pipe": [["{$output}"]] }, ["{@array.push}"]] };

describe("a value that leaves a mapping can be written out", () => {
  test("lists may stand inside one another a thousand times, and no deeper", () => {
    expect(JSON.stringify(run([[letters(999), []], wrap]))).toHaveLength(2_000);
    expect(() => run([[letters(1_000), []], wrap])).toThrow("1000 lists and objects inside one another");
    expect(() => run([[letters(100_000), []], wrap])).toThrow("1000 lists and objects inside one another");
  });

  test("a few rows cannot make a value of billions of items", () => {
    expect(() => run([[letters(40), []], double])).toThrow("limited to 4194304 items");
    expect(() => run([[letters(14), "{text}"], double], { text: letters(100_000) })).toThrow("67108864 UTF-16 units");
  });

  test("that counts for all pipes of a map together", () => {
    const half = { "@pipe": [[letters(20), []], double] };

    expect(() => evaluateMapping({ a: half }, {})).not.toThrow();
    expect(() => evaluateMapping({ a: half, b: half, c: half }, {})).toThrow("limited to 4194304 items");
  });

  test.each(["{@json.stringify}", "{@array.join}", "{@math.add}", "{@string.concat}"])(
    "%s refuses what is too deep",
    (fn) => {
      expect(() => run([[letters(5_000), []], wrap, [fn]])).toThrow("1000 lists and objects inside one another");
    },
  );

  test("JSON text does not grow beyond its limit by indents, keys or the same list twice", () => {
    expect(() => run([[letters(30), []], double, ["{@json.stringify}"]])).toThrow("limited to");
    const deep = [[letters(900), [1]], wrap, ["{@array.concat}", "{numbers}"], ["{@array.concat}"]];
    expect(run([...deep, ["{@array.length}"]], { numbers: [1, 2] })).toBe(3);
    const wide = { "@pipe": [["{numbers}", "{@symbol.undefined}", "          "], ["{@json.stringify}"]] };
    expect(() => evaluateMapping(wide, { numbers: Array(2_000_000).fill(1) })).toThrow("16777216");
  });
});

describe("what one call makes is bounded", () => {
  test.each([
    ["string.split", ["{text}", ""], "4194304 items"],
    ["object.entries", ["{text}"], "limited to 100000"],
    ["object.keys", ["{text}"], "limited to 100000"],
    ["object.getOwnPropertyNames", ["{text}"], "limited to 100000"],
    ["string.replace", ["{text}", "x", "$'$'$'$'"], "16777216"],
    ["string.repeat", ["{text}", 2], "1048576"],
    ["string.padEnd", ["", 1_048_577], "1048576"],
    ["cron.nextDelay", ["{text}"], "limited to 1000"],
    ["date.toLocaleString", [0, "{locales}"], "limited to 100"],
  ])("%s", (fn, inputs, limit) => {
    const context = { text: letters(4_200_000), locales: Array(101).fill("de") };

    expect(() => run([inputs, [`{@${fn}}`]], context)).toThrow(limit);
  });

  test("a replacement is counted with what its $ sequences stand for", () => {
    expect(run([["abc", "b", "[$`|$&|$'|$$]"], ["{@string.replace}"]])).toBe("a[a|b|c|$]c");
    expect(run([["{text}", "x", "$'"], ["{@string.replace}"]], { text: letters(8_000_000) })).toHaveLength(15_999_998);
  });

  test("what is refused is quoted in part", () => {
    const text = `not a date ${letters(1_000_000)}`;
    const calls = [
      ["date.getTime", text],
      ["array.sort", [], text],
      ["date.toLocaleString", 0, "en-US", { timeZone: text }],
    ];

    for (const [fn, ...inputs] of calls) {
      const message = thrown(() => run([inputs, [`{@${fn}}`]]));
      expect(message.length).toBeLessThan(700);
    }
  });
});

describe("the work of one evaluation is bounded, however large the values are that its rows handle", () => {
  const work = 50_000_000;
  const list = Array.from({ length: 100_000 }, (_, index) => index);
  const object = Object.fromEntries(list.slice(0, 10_000).map((n) => [`k${n}`, n]));
  const text = letters(1_000_000);

  /** Far fewer rows than are allowed, each of which does the same again. */
  const again = (fn: string, value: unknown, ...further: readonly unknown[]) => {
    const body = [{ "@pipe": [["{value}", ...further], [fn]] }, ["{@array.length}"]];
    const expression = compileExpression({ "@pipe": [[letters(100_000), 0], { "@reduce": body }] });
    const environment = { root: (name: string) => (name === "value" ? value : undefined), now: 0, random: () => 0 };
    return evaluateWithin(expression, environment, { rows: 1_000_000, work });
  };

  const cases: readonly (readonly [law: string, fn: string, value: unknown, ...further: unknown[]])[] = [
    ["copies of a long list", "{@array.reverse}", list],
    ["sorting", "{@array.sort}", list],
    ["long texts", "{@string.toUpperCase}", text],
    ["conversions of a list in a list", "{@conditional.equality}", [list], "x"],
    ["copies of a large object", "{@object.freeze}", object],
    ["keys of a large object", "{@object.keys}", object],
    ["looking for a long text among others", "{@array.indexOf}", Array(1_000).fill(`${text}a`), `${text}b`],
    ["sorting long texts", "{@array.sort}", Array(1_000).fill(text)],
    ["searches of a pattern", "{@string.search}", `${"a".repeat(200)}!`, "(?=(a+)+b)"],
    ["schedules", "{@cron.nextDelay}", "0 0 29 2 *"],
    ["texts of a locale", "{@date.toLocaleString}", 0, "de"],
    ["JSON with a list of keys", "{@json.stringify}", [object], Array(10_000).fill("x")],
  ];

  test.for(cases)("%s", ([, fn, value, ...further]) => {
    expect(() => again(fn, value, ...further)).toThrow(/limited to 50000000 units of work|too many steps/);
  });

  test("ordinary work on a hundred thousand items stays far below it", () => {
    const rows = [["{list}", 0], { "@reduce": [["{$output}", "{$item}"], ["{@math.add}"]] }];
    const lines = [["{list}", ""], { "@reduce": [["{$output}", "{$item}", "\n"], ["{@string.concat}"]] }];
    const pushed = [["{list}", []], { "@reduce": [["{$output}", "{$item}"], ["{@array.push}"]] }, ["{@array.length}"]];
    const context = { list };

    expect(run(rows, context)).toBe(4_999_950_000);
    expect(run(lines, context)).toHaveLength(588_890);
    expect(run(pushed, context)).toBe(100_000);
  });
});

describe("numbers of lists", () => {
  test("a list of one item is that item, of none 0, of more NaN, as their texts are", () => {
    const values = [[], [[]], [null], [[7]], [" 5 "], [true], [1, 2], [[1, 2]], ["0x10"], [undefined]];

    for (const value of values) {
      expect(run([[null], ["{@math.abs}"]])).toBe(0);
      expect(evaluateMapping({ "@pipe": [["{v}"], ["{@unary.positive}"]] }, { v: value })).toBe(Number(String(value)));
    }
  });
});

function thrown(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  throw new Error("nothing was thrown");
}
