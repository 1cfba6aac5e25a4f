import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileExpression, compileMapping } from "./compile-expression.js";
import type { Row } from "./expression.js";
import { lookupFunction } from "./functions/registry.js";
import { lintExpression, references } from "./lint-expression.js";

/** The findings as `code path`, in order. */
const found = (rows: unknown) =>
  lintExpression({ "@pipe": rows }, "setting").map((f) => `${f.code} ${JSON.stringify(f.path)}`);

describe("functions", () => {
  test("an unknown function is an error with the nearest name", () => {
    expect(lintExpression({ a: ["{@string.trimm}"] }, "maps")).toEqual([
      {
        code: "unknown-function",
        severity: "error",
        message: "{@string.trimm} is no function of the catalogue",
        path: ["a", 0],
        near: "{@string.trim}",
      },
    ]);
  });

  test("it is one in operator and in value position", () => {
    expect(found([["{@a.b}", 1], ["{@toString.constructor}"]])).toEqual([
      'unknown-function ["@pipe",0,0]',
      'unknown-function ["@pipe",1,0]',
    ]);
  });

  test("texts in a literal are not functions", () => {
    expect(lintExpression(["{@a.b}"], "setting")).toEqual([]);
    expect(found([[["{@a.b}"]]])).toEqual([]);
  });
});

describe("a pipe that always throws", () => {
  test.each([
    ["a pipe that is no list", null, '["@pipe"]'],
    ["no rows", [], '["@pipe"]'],
    ["row 0 null", [null], '["@pipe",0]'],
    ["row 0 text", ["x"], '["@pipe",0]'],
    ["nested pipes only", [{ "@pipe": [[1]] }], '["@pipe"]'],
    ["a later text", [[1], "x"], '["@pipe",1]'],
    ["a later unmarked object", [[1], {}], '["@pipe",1]'],
    ["a literal operator", [[1], [2]], '["@pipe",1,0]'],
    ["a reference as operator", [[1], ["{a.b}"]], '["@pipe",1,0]'],
    ["no operator", [[1], []], '["@pipe",1]'],
    ["a reduce behind nested pipes", [{ "@pipe": [[1]] }, { "@reduce": [] }, ["{@math.add}"]], '["@pipe",1]'],
    ["a reduce that is no list", [[1], { "@reduce": 5 }], '["@pipe",1,"@reduce"]'],
    ["a reference that opens a body", [[1], { "@reduce": [["{a}"]] }], '["@pipe",1,"@reduce",0,0]'],
  ])("%s is an error at its place", (_, rows, path) => {
    expect(found(rows)).toContain(`bad-pipe ${path}`);
  });

  test("nesting deeper than 256 is an error, once", () => {
    let rows: unknown[] = [[1]];
    for (let level = 1; level < 257; level++) rows = [{ "@pipe": rows }, ["{@math.add}"]];

    const findings = lintExpression({ "@pipe": rows }, "setting");

    expect(findings.map((finding) => finding.code)).toEqual(["bad-pipe"]);
    expect(findings[0]?.path).toHaveLength(2 * 256 + 1);
  });
});

describe("what has no effect is a warning", () => {
  test.each([
    ["a nested pipe as the last row", [[1], { "@pipe": [[2]] }], ['dead-rows ["@pipe",1]']],
    ["a reduce as row 0", [{ "@reduce": [["{@no.such}"]] }], ['dead-rows ["@pipe",0]']],
    ["an unmarked row 0", [{ a: 1 }], ['dead-rows ["@pipe",0]']],
    [
      "a reduce with nested results pending",
      [[1], { "@pipe": [[2]] }, { "@reduce": [] }, ["{@math.add}"]],
      ['dead-rows ["@pipe",2]'],
    ],
    [
      "further cells of the last row",
      [
        [1, 2],
        ["{@math.add}", 3, 4],
      ],
      ['dead-cells ["@pipe",1,1]'],
    ],
    ["a third input of logical.or", [[1, 2, 3], ["{@logical.or}"]], ['dead-cells ["@pipe",0,2]']],
    [
      "a third nested input of nullish",
      [{ "@pipe": [[1]] }, { "@pipe": [[1]] }, { "@pipe": [[1]] }, ["{@conditional.nullish}"]],
      ['dead-cells ["@pipe",2]'],
    ],
    ["a pipe inside a cell", [[{ "@pipe": [[1]] }]], ['dead-cells ["@pipe",0,0]']],
    ["a pipe deep inside a cell", [[[{ a: { "@pipe": [[1]] } }]]], ['dead-cells ["@pipe",0,0]']],
    ["a context variable outside a reduce", [["{$item.x}"]], ['context-outside-reduce ["@pipe",0,0]']],
  ])("%s", (_, rows, expected) => {
    expect(found(rows)).toEqual(expected);
  });

  test("@reduce outside a pipe is an ordinary key", () => {
    expect(lintExpression({ a: { "@reduce": [] } }, "maps").map(({ code, path }) => [code, path])).toEqual([
      ["dead-cells", ["a", "@reduce"]],
    ]);
    expect(lintExpression({ "@reduce": [] }, "setting").map(({ code }) => code)).toEqual(["dead-cells"]);
  });

  test("context variables inside a reduce are fine at any depth", () => {
    const body = [{ "@pipe": [{ "@pipe": [["{$item}", 2], ["{@math.add}"]] }, ["{@math.add}"]] }, ["{@math.add}"]];

    expect(found([["{a.b}", 0], { "@reduce": body }])).toEqual([]);
  });
});

describe("references", () => {
  test("every one is listed with its root and place, functions and literals are not", () => {
    const mapping = {
      a: "{x.output.data.n}",
      b: ["{}", "{@date.now}", "{not one", "{two}{three}"],
      c: { "@pipe": [["{$self.input}", ["{in.literal}"]], { "@reduce": [["{$item.q}", "{$job.data.z}"]] }] },
    };

    expect(references(mapping, "maps")).toEqual([
      { root: "x", text: "{x.output.data.n}", path: ["a"] },
      { root: "", text: "{}", path: ["b", 0] },
      { root: "two}{three", text: "{two}{three}", path: ["b", 3] },
      { root: "$self", text: "{$self.input}", path: ["c", "@pipe", 0, 0] },
      { root: "$item", text: "{$item.q}", path: ["c", "@pipe", 1, "@reduce", 0, 0] },
      { root: "$job", text: "{$job.data.z}", path: ["c", "@pipe", 1, "@reduce", 0, 1] },
    ]);
  });

  test("a setting is evaluated itself, not what it holds", () => {
    expect(references("{a.b}", "setting")).toEqual([{ root: "a", text: "{a.b}", path: [] }]);
    expect(references({ a: "{a.b}" }, "setting")).toEqual([]);
  });

  test("rows that never run are left out", () => {
    expect(references({ "@pipe": [{ "@reduce": [["{a}"]] }, ["{b.c}"], "{d}"] }, "setting")).toEqual([]);
  });
});

const cell = fc.oneof(
  fc.constantFrom("{a.b}", "{@math.add}", "{@no.such}", "{$item}", "text", "{"),
  fc.constantFrom(1, null, true),
);
const rows = fc.letrec<{ rows: unknown; row: unknown }>((tie) => ({
  rows: fc.oneof(
    { weight: 9, arbitrary: fc.array(tie("row"), { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant("x") },
  ),
  row: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.array(cell, { maxLength: 3 }),
    fc.constantFrom<unknown>(null, "text", {}, 7),
    fc.record({ "@pipe": tie("rows") }),
    fc.record({ "@reduce": tie("rows") }),
    fc.record({ "@pipe": tie("rows"), "@reduce": tie("rows") }),
  ),
})).rows;

test("lint reports an error exactly when the compiled pipe holds something that throws", () => {
  const isBroken = (row: Row): boolean =>
    row.row === "bad" ||
    (row.row === "cells"
      ? row.cells.some((each) => each.op === "call" && lookupFunction(each.fn) === undefined)
      : row.rows.some(isBroken));

  fc.assert(
    fc.property(rows, (value) => {
      const compiled = compileExpression({ "@pipe": value });
      const hasError = lintExpression({ "@pipe": value }, "setting").some(({ severity }) => severity === "error");

      expect(hasError).toBe(compiled.op === "pipe" && compiled.rows.some(isBroken));
    }),
    { numRuns: 500 },
  );
});

test("compiling never throws and gives plain data", () => {
  fc.assert(
    fc.property(fc.oneof(rows, fc.anything()), (value) => {
      const compiled = compileMapping({ a: value, b: { "@pipe": value } });

      expect(typeof JSON.stringify(compiled)).toBe("string");
    }),
    { numRuns: 300 },
  );
});
