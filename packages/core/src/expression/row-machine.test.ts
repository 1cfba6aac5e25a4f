import { describe, expect, test } from "vitest";
import { compileExpression, compileMapping } from "./compile-expression.js";
import { evaluate, evaluateWithin } from "./evaluate.js";
import { evaluateMapping } from "./evaluate-mapping.js";
import type { Expression } from "./expression.js";
import { ExpressionError } from "./expression-error.js";

const run = (rows: unknown, context: Readonly<Record<string, unknown>> = {}) =>
  evaluateMapping({ "@pipe": rows }, context, { now: 5 });

/** Pipes inside pipes, `depth` levels in all, around the value 1. */
function nested(depth: number): unknown[] {
  let rows: unknown[] = [[1]];
  for (let level = 1; level < depth; level++) rows = [{ "@pipe": rows }, ["{@math.add}"]];
  return rows;
}

describe("what a nested pipe is handed", () => {
  test("a function that opens it receives the carry of the row before", () => {
    expect(run([["a", "b"], { "@pipe": [["{@string.concat}"]] }, ["{@string.concat}"]])).toBe("ab");
  });

  test("later cells of its first row receive nothing", () => {
    expect(run([[[7]], { "@pipe": [["{@array.pop}", "{@math.add}"], ["{@math.add}"]] }, ["{@math.add}"]])).toBe(7);
  });

  test("functions that mean something without inputs are called without", () => {
    expect(run([["a", 1], { "@pipe": [["{@object.create}"]] }, ["{@object.assign}"]])).toEqual({});
    expect(run([["x"], { "@pipe": [["{@date.now}"]] }, ["{@math.add}"]])).toBe(5);
  });

  test("nothing is handed over before a row has run", () => {
    expect(run([{ "@pipe": [["{@math.add}"]] }, ["{@math.add}"]])).toBe(0);
  });

  test("a reduce counts as a row that has run", () => {
    const sum = { "@reduce": [["{$output}", "{$item}"], ["{@math.add}"]] };
    expect(run([[[1, 2], 0], sum, { "@pipe": [["{@unary.negative}"]] }, ["{@math.add}"]])).toBe(-3);
  });

  test("the accumulator of a reduce body is not handed over", () => {
    const body = [{ "@pipe": [["{@math.add}"]] }, ["{@math.add}"]];
    expect(run([["xyz", 9], { "@reduce": body }])).toBe(0);
  });
});

describe("rows in odd places", () => {
  test("an unmarked object as row 0 is undefined", () => {
    expect(run([{ foo: 1 }, ["{@conditional.nullish}", "d"], ["{@conditional.nullish}"]])).toBe("d");
  });

  test("a reduce as row 0 is undefined and its body never runs", () => {
    expect(run([{ "@reduce": [["{@no.such}"]] }])).toBeUndefined();
  });

  test("with both marks a row is a pipe until a list row has run, then a reduce", () => {
    const both = { "@pipe": [[10]], "@reduce": [["{$output}", "{$item}"], ["{@math.add}"]] };

    expect(run([both, ["{@math.add}"]])).toBe(10);
    expect(run([[[1, 2], 0], both])).toBe(3);
  });

  test.each([
    ["no rows", []],
    ["row 0 null", [null]],
    ["row 0 text", ["x"]],
    ["nested pipes only", [{ "@pipe": [[1]] }, { "@pipe": [[2]] }]],
    ["a later text", [[1], "x"]],
    ["a later unmarked object", [[1], { foo: 1 }]],
    ["a literal operator", [[1], [2]]],
    ["a reference as operator", [[1], ["{a.b}"]]],
    ["a row without operator", [[1], []]],
    ["a reduce behind nested pipes only", [{ "@pipe": [[[1]]] }, { "@reduce": [["{$item}"]] }]],
    ["a body of nested pipes only", [[[1]], { "@reduce": [{ "@pipe": [["{$item}"]] }] }]],
  ])("%s throws", (_, rows) => {
    expect(() => run(rows)).toThrow(ExpressionError);
  });

  test("a pipe left over at the end is evaluated, and its result dropped", () => {
    expect(run([[1], { "@pipe": [[2]] }])).toBe(1);
    expect(() => run([[1], { "@pipe": [["{@no.such}"]] }])).toThrow("{@no.such}");
  });
});

describe("reduce", () => {
  test("a list built item by item is the list that copies would have built", () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const start: readonly unknown[] = Object.freeze(["start"]);
    const push = [{ "@pipe": [["{$output}"]] }, { "@pipe": [["{$item}", 2], ["{@math.multiply}"]] }, ["{@array.push}"]];

    const made = run([["{items}", "{start}"], { "@reduce": push }], { items, start });

    expect(made).toEqual(["start", ...items.map((item) => item * 2)]);
    expect(start).toEqual(["start"]);
  });

  test("an accumulator that a pass keeps elsewhere is never written again", () => {
    const snapshots = [
      { "@pipe": [["{$output}"]] },
      { "@pipe": [["{$output}"], ["{@array.length}"]] },
      ["{@array.push}"],
    ];
    const nest = [["{$output}", "{$output}"], ["{@array.push}"]];

    expect(run([["abc", []], { "@reduce": snapshots }])).toEqual([0, 1, 2]);
    expect(run([["abc", []], { "@reduce": nest }])).toEqual([[], [[]], [[], [[]]]]);
  });

  test("an object grown key by key leaves the one that it began with alone", () => {
    const start = Object.freeze({ kept: true });
    const set = [
      { "@pipe": [["{$output}"]] },
      { "@pipe": [["{$item}"]] },
      { "@pipe": [["{$index}"]] },
      ["{@object.set}"],
    ];

    const made = run([["{keys}", "{start}"], { "@reduce": set }], { keys: ["a", "__proto__", "a", "b"], start });

    expect(JSON.stringify(made)).toBe('{"kept":true,"a":2,"__proto__":1,"b":3}');
    expect(start).toEqual({ kept: true });
  });

  test("lists joined one after the other leave each of them alone", () => {
    const lists = [[1], [2, 3], 4, []];

    expect(run([["{lists}", []], { "@reduce": [["{$output}", "{$item}"], ["{@array.concat}"]] }], { lists })).toEqual([
      1, 2, 3, 4,
    ]);
    expect(lists).toEqual([[1], [2, 3], 4, []]);
  });

  test("text grows through array.concat as it did before", () => {
    expect(run([["abc", ">"], { "@reduce": [["{$output}", "{$item}"], ["{@array.concat}"]] }])).toBe(">abc");
  });

  test("holes are visited as undefined", () => {
    const sparse: unknown[] = [];
    sparse[2] = "z";
    const body = [
      { "@pipe": [["{$output}"]] },
      { "@pipe": [["{$item}", "-"], ["{@conditional.nullish}"]] },
      ["{@array.push}"],
    ];

    expect(run([["{sparse}", []], { "@reduce": body }], { sparse })).toEqual(["-", "-", "z"]);
  });
});

describe("limits", () => {
  test("256 pipes inside one another run, 257 throw", () => {
    expect(run(nested(256))).toBe(1);
    expect(() => run(nested(257))).toThrow("nested deeper than 256");
  });

  test("an expression of other origin cannot nest deeper either", () => {
    let expression: Expression = { op: "pipe", rows: [{ row: "cells", cells: [{ op: "literal", value: 1 }] }] };
    for (let level = 0; level < 300; level++) {
      expression = { op: "pipe", rows: [{ row: "cells", cells: [expression] }] };
    }

    expect(() => evaluate(expression, { root: () => undefined, now: 0, random: () => 0 })).toThrow("256");
  });

  test("an evaluation runs a limited number of rows, however they are nested", () => {
    const inner = [["{text}", 0], { "@reduce": [["{$index}"]] }];
    const outer = [{ "@pipe": inner }, ["{@math.add}"]];
    const squared = compileExpression({ "@pipe": [["{text}", 0], { "@reduce": outer }] });
    const within = (rowsMax: number) =>
      evaluateWithin(squared, { root: () => "x".repeat(40), now: 0, random: () => 0 }, { rows: rowsMax, work: 1e9 });

    expect(() => within(1_600)).toThrow("limited to 1600 rows");
    expect(within(2_000)).toBe(39);
  });

  test("a text result has a limit that the message names", () => {
    const doubled = [["{$output}", "{$output}"], ["{@string.concat}"]];

    expect(() => run([["x".repeat(100), "x".repeat(1_000)], { "@reduce": doubled }])).toThrow("16777216");
  });

  test("a list result has a limit that the message names", () => {
    const doubled = [["{$output}", "{$output}"], ["{@array.concat}"]];

    expect(() => run([["x".repeat(100), Array(1_000).fill(0)], { "@reduce": doubled }])).toThrow("4194304");
  });

  test.each(["{@math.add}", "{@array.join}"])(
    "lists that hold each other twice over do not keep %s busy for ever",
    (fn) => {
      const single = { "@pipe": [["{@symbol.array}", "{$output}"], ["{@array.push}"]] };
      const doubled = [single, { "@pipe": [["{$output}"]] }, ["{@array.push}"]];

      expect(() => run([["x".repeat(60), [1]], { "@reduce": doubled }, [fn]])).toThrow("limited");
    },
  );
});

describe("what throws says where", () => {
  test("the place is the path to the row that was reached", () => {
    const mapping = {
      "ship to": { total: [1, { "@pipe": [[1], { "@pipe": [[2], ["{@string.trim}"]] }, ["{@math.add}"]] }] },
    };

    const error = thrown(() => evaluateMapping(mapping, {}));

    expect(error).toBeInstanceOf(ExpressionError);
    expect(error).toMatchObject({ place: ["ship to", "total", 1, "@pipe", 1, "@pipe", 1] });
    expect(String(error)).toContain('["ship to"].total[1]["@pipe"][1]["@pipe"][1]');
    expect(String(error)).toContain("a text was expected, not a number");
  });

  test("a pass of a reduce is named by the row of its body", () => {
    const rows = [["ab", 0], { "@reduce": [["{$output}"], ["{@string.trim}"]] }];

    expect(thrown(() => run(rows))).toMatchObject({ place: ["@pipe", 1, "@reduce", 1] });
  });

  test("the cause is kept", () => {
    const boom = new Error("boom");
    const environment = {
      root: () => {
        throw boom;
      },
      now: 0,
      random: () => 0,
    };

    expect(thrown(() => evaluate(compileMapping({ a: "{x}" }), environment))).toMatchObject({ cause: boom });
  });
});

describe("compiling", () => {
  test("a setting keeps lists and maps as they stand, a map walks them", () => {
    expect(compileExpression(["{a}"])).toEqual({ op: "literal", value: ["{a}"] });
    expect(compileMapping(["{a}"])).toEqual({ op: "list", items: [{ op: "ref", root: "a", path: [] }] });
  });

  test("what JSON cannot carry becomes null, and a timestamp its ISO text", () => {
    const value = { nan: Number.NaN, at: new Date(0), none: null };

    expect(compileExpression(value)).toEqual({
      op: "literal",
      value: { nan: null, at: "1970-01-01T00:00:00.000Z", none: null },
    });
    expect(evaluateMapping(value, {})).toEqual({ nan: null, at: "1970-01-01T00:00:00.000Z", none: null });
  });

  test("the result survives JSON", () => {
    const mapping = { a: "{x.y}", b: { "@pipe": [["{@date.now}", "{$item.q}"], { "@reduce": [["{$key}"]] }, "bad"] } };
    const compiled = compileMapping(mapping);

    expect(JSON.parse(JSON.stringify(compiled))).toEqual(compiled);
  });

  test("circular values compile to something that throws", () => {
    const circle: unknown[] = [];
    circle.push(circle, circle);
    const loop: Record<string, unknown> = {};
    loop["again"] = loop;

    expect(() => evaluateMapping(circle, {})).toThrow("nested too deep");
    expect(() => evaluateMapping(loop, {})).toThrow("nested too deep");
    expect(() => evaluateMapping({ "@pipe": [[circle]] }, {})).toThrow("nested too deep");
  });

  test("the literal that a mapping holds is not the one that it was made of", () => {
    const rules = { "@pipe": [[{ a: 1 }]] };
    const compiled = compileMapping(rules);
    rules["@pipe"] = [[{ a: 2 }]];

    expect(evaluate(compiled, { root: () => undefined, now: 0, random: () => 0 })).toEqual({ a: 1 });
  });
});

function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
