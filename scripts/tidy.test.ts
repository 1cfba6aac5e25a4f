import { expect, test } from "vitest";

import { readSources } from "./source-files.js";
import { checkTidiness } from "./tidy.js";

const core = "packages/core/src/a.ts";
const lines = (count: number) => "// A line.\n".repeat(count);

function check(path: string, text: string): readonly string[] {
  return checkTidiness([{ path, text }]);
}

test("this checkout is tidy", () => {
  expect(checkTidiness(readSources())).toEqual([]);
});

test("a file has 400 lines at most, a test as many as it needs", () => {
  const others = Array.from({ length: 20 }, (_, index) => ({ path: `scripts/${index}.ts`, text: "" }));

  expect(checkTidiness([...others, { path: core, text: lines(400) }])).toEqual([]);
  expect(checkTidiness([...others, { path: core, text: lines(401) }])).toEqual([`${core}: 401 lines, more than 400`]);
  expect(check("packages/core/src/a.test.ts", lines(900))).toEqual([]);
  expect(check("packages/core/src/testing/laws/a.suite.ts", lines(900))).toEqual([]);
});

test("as a rule files are short", () => {
  const ofSizes = (...sizes: number[]) =>
    checkTidiness(sizes.map((size, index) => ({ path: `scripts/${index}.ts`, text: lines(size) })));

  expect(ofSizes(10, 130, 350)).toEqual(["the 90th percentile of all source files has 350 lines, more than 300"]);
  expect(ofSizes(10, 131, 132)).toEqual(["the median of all source files has 131 lines, more than 130"]);
  expect(ofSizes(...Array.from({ length: 19 }, () => 100), 390)).toEqual([]);
});

test("a line has 120 columns at most", () => {
  expect(check(core, `// ${"x".repeat(117)}\n`)).toEqual([]);
  expect(check(core, `// ${"x".repeat(118)}\n`)).toEqual([`${core}:1: 121 columns, more than 120`]);
});

test.for(["function f() {", "const f = () => {", "class A { f() {"])(
  "%s …: a function has 60 lines at most",
  (head) => {
    const tail = head.startsWith("class") ? "} }" : "}";

    expect(check("scripts/a.ts", `${head}\n${lines(58)}${tail}`)).toEqual([]);
    expect(check("scripts/a.ts", `${head}\n${lines(59)}${tail}`)).toEqual([
      expect.stringMatching(/^scripts\/a\.ts:1: a function of 61 lines, more than 60$/),
    ]);
  },
);

test("a group of tests is as long as it has tests, but each of them is short", () => {
  const long = `() => {\n${lines(90)}}`;

  expect(check("scripts/a.test.ts", `describe("a", ${long});`)).toEqual([]);
  expect(check("scripts/a.test.ts", `describe.each([1])("a", ${long});`)).toEqual([]);
  expect(check("packages/core/src/testing/laws/a.suite.ts", `export const a = ${long};`)).toEqual([]);
  expect(check("scripts/a.test.ts", `describe("a", () => { test("b", ${long}); });`)).toHaveLength(1);
});

test("a function has three parameters at most, in types too, and then options", () => {
  expect(check(core, "export type F = (a: 1, b: 2, c: 3, options: 4) => 5;")).toEqual([]);
  expect(check(core, "export type F = (a: 1, b: 2, c: 3) => 4;")).toEqual([]);
  expect(check(core, "export type F = (a: 1, b: 2, c: 3, d: 4) => 5;")).toEqual([
    `${core}:1: 4 parameters, more than 3`,
  ]);
  expect(check(core, "export function f(a: 1, b: 2, c: 3, d: 4) {}")).toEqual([`${core}:1: 4 parameters, more than 3`]);
});

test.for(["export default 1;", "export default function f() {}", "const a = 1; export { a as default };"])(
  "%s: only configuration has a default export",
  (text) => {
    expect(check("scripts/a.ts", text)).toEqual(["scripts/a.ts:1: a default export"]);
    expect(check("packages/core/tsup.config.ts", text)).toEqual([]);
  },
);

test("the default of a switch is no default export", () => {
  expect(check("scripts/a.ts", "switch (1) { default: break; }")).toEqual([]);
});

test.for([
  ["Date.now()", "core must not use Date.now"],
  ["Math.random()", "core must not use Math.random"],
  ["Math['random']()", "core must not use Math['random']"],
  ["new Date()", "core must not ask what time it is"],
  ["new Date", "core must not ask what time it is"],
  ["1 as number", "core must not use as"],
  ["(a: any) => a", "core must not use any"],
] as const)("%s does not belong in core", ([expression, problem]) => {
  expect(check(core, `export const a = ${expression};`)).toEqual([`${core}:1: ${problem}`]);
  expect(check("packages/core/src/a.test.ts", `export const a = ${expression};`)).toEqual([]);
  expect(check("packages/engine/src/a.ts", `export const a = ${expression};`)).toEqual([]);
});

test.for(["enum A { B }", "namespace A { export const b = 1; }"])("%s does not belong in core", (text) => {
  expect(check(core, text)).toHaveLength(1);
});

test("core makes dates of numbers, constants, and casts where types are made", () => {
  expect(check(core, "export const a = new Date(0); export const b = [1] as const;")).toEqual([]);
  expect(check("packages/core/src/brand.ts", "export const a = 1 as number;")).toEqual([]);
  expect(check("packages/core/src/job/job-codec.ts", "export const a = 1 as number;")).toEqual([]);
});

test.for(["process.env", "process.env.HOME", "process['env']"])("a package does not read %s", (expression) => {
  const text = `export const a = ${expression};`;

  expect(check("packages/worker/src/a.ts", text)).toEqual(["packages/worker/src/a.ts:1: reads process.env"]);
  expect(check("packages/worker/src/a.test.ts", text)).toEqual([]);
  expect(check("apps/examples/src/a.ts", text)).toEqual([]);
  expect(check("scripts/a.ts", text)).toEqual([]);
});

test.for([
  ["console.log(1)", "writes past the logger"],
  ["this.#logger.warn('lost ' + 1)", "logs an event without a name such as worker-lease-lost"],
  ["logger.error('It broke')", "logs an event without a name such as worker-lease-lost"],
] as const)("a package does not say %s", ([call, problem]) => {
  const text = `export const a = () => ${call};`;

  expect(check("packages/worker/src/a.ts", text)).toEqual([`packages/worker/src/a.ts:1: ${problem}`]);
  expect(check("packages/worker/src/a.test.ts", text)).toEqual([]);
  expect(check("apps/examples/src/a.ts", text)).toEqual([]);
});

test("an event has a name that stays", () => {
  const text = "export const a = () => this.#options.logger.warn('worker-lease-lost', { error: 1 });";

  expect(check("packages/worker/src/a.ts", text)).toEqual([]);
});

test("nothing is left to be done", () => {
  expect(check("scripts/a.ts", `// ${"TO"}DO: more\n`)).toEqual(["scripts/a.ts:1: something was left to be done"]);
  expect(check("scripts/a.ts", `// ${"FIX"}ME\n`)).toEqual(["scripts/a.ts:1: something was left to be done"]);
});
