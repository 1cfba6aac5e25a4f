import { describe, expect, test } from "vitest";
import { parseDocument } from "./parse-document.js";
import { type DocumentPath, placeAt, plainValue } from "./source-node.js";

function value(text: string): unknown {
  const { root, problems } = parseDocument(text);
  expect(problems).toEqual([]);
  return root === null ? undefined : plainValue(root);
}

function place(text: string, path: DocumentPath, of?: "key" | "value"): string {
  const { root } = parseDocument(text);
  if (root === null) return "nothing";
  const { line, column } = placeAt(root, path, of);
  return `${line}:${column}`;
}

const problems = (text: string): readonly string[] =>
  parseDocument(text).problems.map(({ code, line, column, path }) => `${line}:${column} ${code} ${path}`.trim());

describe("values", () => {
  test("YAML 1.2 decides the types of literals", () => {
    expect(value("a: yes\nb: 007\nc: '7'\nd: 1.50\ne: ~\nf: true\ng: 0x10\nh: -0.0\ni:\n")).toEqual({
      a: "yes",
      b: 7,
      c: "7",
      d: 1.5,
      e: null,
      f: true,
      g: 16,
      h: -0,
      i: null,
    });
  });

  test("a bare timestamp is its ISO text, a quoted one is its own text", () => {
    expect(value("a: 2024-01-02\nb: 2024-01-02T03:04:05.678+01:00\nc: '2024-01-02'\nd: [2024-01-02]")).toEqual({
      a: "2024-01-02T00:00:00.000Z",
      b: "2024-01-02T02:04:05.678Z",
      c: "2024-01-02",
      d: ["2024-01-02T00:00:00.000Z"],
    });
  });

  test("numbers that JSON lacks are null", () => {
    expect(value("[.nan, .inf, -.inf]")).toEqual([null, null, null]);
  });

  test("JSON is YAML, and comments and a document mark do no harm", () => {
    expect(value('{"a": [1, {"b": null}]}')).toEqual({ a: [1, { b: null }] });
    expect(value("# a comment\n\n---\n# another\na: 1\n")).toEqual({ a: 1 });
  });

  test("keys are texts", () => {
    expect(value("503: a\ntrue: b\nnull: c\n1.0: d\n")).toEqual({ "503": "a", true: "b", null: "c", "1": "d" });
  });

  test("__proto__ is an ordinary key", () => {
    const result = value("__proto__: { a: 1 }\nconstructor: 2\n");

    expect(Object.keys(Object(result))).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  });

  test("an alias stands for what its anchor names", () => {
    expect(value("a: &x { n: 1 }\nb: *x\nc: [*x, &y two, *y]")).toEqual({
      a: { n: 1 },
      b: { n: 1 },
      c: [{ n: 1 }, "two", "two"],
    });
  });

  test("of merged maps the first that has a key wins, and the map's own keys win over all", () => {
    const text = "a: &a { x: 1, y: 1 }\nb: &b { y: 2, z: 2 }\nc: { x: 3, <<: [*a, *b] }\nd:\n  <<: *a\n  y: 4\n";

    expect(value(text)).toMatchObject({ c: { x: 3, y: 1, z: 2 }, d: { x: 1, y: 4 } });
  });

  test("a quoted << is an ordinary key", () => {
    expect(value('"<<": { a: 1 }')).toEqual({ "<<": { a: 1 } });
  });

  test("empty text says nothing", () => {
    expect(parseDocument("")).toEqual({ root: null, problems: [] });
    expect(parseDocument("# only a comment\n").problems).toEqual([]);
  });
});

describe("places", () => {
  const text = "app:\n  id: demo\n  list:\n    - one\n    - { a: 1, 'b c': [2] }\n  none:\n";

  test.each([
    [["app"], "value", "2:3"],
    [["app"], "key", "1:1"],
    [["app", "id"], "value", "2:7"],
    [["app", "id"], "key", "2:3"],
    [["app", "list"], "value", "4:5"],
    [["app", "list", 0], "value", "4:7"],
    [["app", "list", 1], "value", "5:7"],
    [["app", "list", 1, "a"], "key", "5:9"],
    [["app", "list", 1, "b c", 0], "value", "5:23"],
    [["app", "none"], "key", "6:3"],
  ] as const)("%j, its %s, is at %s", (path, of, at) => {
    expect(place(text, path, of)).toBe(at);
  });

  test("what is missing is at the value that lacks it", () => {
    expect(place(text, ["app", "version"])).toBe("2:3");
    expect(place(text, ["app", "list", 7, "x"])).toBe("4:5");
  });

  test("an aliased value is where it was written", () => {
    expect(place("a: &x { n: 1 }\nb: *x\n", ["b", "n"])).toBe("1:12");
    expect(place("a: &x { n: 1 }\nb:\n  <<: *x\n", ["b", "n"], "key")).toBe("1:9");
  });

  test("the file is part of a place", () => {
    const { root } = parseDocument("a: 1", "app.yaml");

    expect(root && placeAt(root, ["a"])).toEqual({ line: 1, column: 4, file: "app.yaml" });
  });
});

describe("defects", () => {
  test.each([
    ["an open list", "a: [1\n", ["2:1 malformed-yaml"]],
    ["a tab for indentation", "a:\n\t- 1\n", ["2:1 malformed-yaml"]],
    ["a key twice", "a:\n  b: 1\n  b: 2\n", ["3:3 malformed-yaml a.b"]],
    ["a key twice, once as a number", "1: a\n'1': b\n", ["2:1 malformed-yaml 1"]],
    ["each key twice", "a: 1\na: 2\nb: 3\nb: 4\n", ["2:1 malformed-yaml a", "4:1 malformed-yaml b"]],
    ["an alias without anchor", "a: *x\n", ["1:4 malformed-yaml a"]],
    ["an alias inside its own anchor", "a: &x [*x]\n", ["1:8 malformed-yaml a[0]"]],
    ["a map as a key", "? { a: 1 }\n: 2\n", ["1:3 malformed-yaml"]],
    ["a merge of something that is no map", "a: { <<: 5 }\n", ['1:10 malformed-yaml a["<<"]']],
    ["two documents", "a: 1\n---\nb: 2\n", ["2:1 malformed-yaml"]],
  ])("%s is malformed", (_name, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test("nesting without end is refused, not followed", () => {
    expect(problems("[".repeat(2_000))).toEqual(["1:601 malformed-yaml"]);
    expect(value(`${"[".repeat(600)}${"]".repeat(600)}`)).toBeDefined();
  });

  test("aliases that nest without end are refused", () => {
    const levels = Array.from({ length: 1_000 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}]\n`);

    expect(problems(`a0: &a0 [x]\n${levels.join("")}`)[0]).toBe("601:13 malformed-yaml a600");
  });

  test("aliases that multiply are refused before they are followed", () => {
    const levels = Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]\n`);

    expect(problems(`a0: &a0 [x]\n${levels.join("")}`)).toEqual(["1:1 malformed-yaml"]);
  });
});
