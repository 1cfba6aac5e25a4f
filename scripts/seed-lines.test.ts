import { expect, test } from "vitest";
import { coverageOf, linesNamed, notYet, seedLines, summaryOf, type TestReport } from "./seed-lines.js";
import { readSources } from "./source-files.js";

const all = Array.from({ length: seedLines }, (_, index) => index + 1);
const open = new Map([[58, "there is none"]]);

function reportOf(...tests: readonly (readonly [title: string, status: string])[]): TestReport {
  return { testResults: [{ assertionResults: tests.map(([title, status]) => ({ title, status })) }] };
}

/** Every line but these has a test that passed. */
const allBut = (...lines: readonly number[]) =>
  all.filter((line) => !lines.includes(line)).map((line) => [`S${line} holds`, "passed"] as const);

test("a test names the lines that its name begins with, and no others", () => {
  expect(linesNamed("S12 pub starts a job")).toEqual([12]);
  expect(linesNamed("S25 F4 S32 policies are stored")).toEqual([25, 32]);
  expect(linesNamed("a job that S12 tells of")).toEqual([]);
  expect(linesNamed("S12pub")).toEqual([]);
});

test("a line has a test when one that names it has passed", () => {
  expect(coverageOf(reportOf(...allBut(58)), open)).toEqual({ without: [], notYet: [58], overdue: [] });
  expect(coverageOf(reportOf(...allBut(7, 58, 124)), open).without).toEqual([7, 124]);
  expect(coverageOf(reportOf(), open).without).toHaveLength(seedLines - 1);
});

test.each(["failed", "skipped", "pending", "todo"])("a test that has %s is none", (status) => {
  expect(coverageOf(reportOf(...allBut(58, 9), ["S9 holds", status]), open).without).toEqual([9]);
});

test("a line of which one test fails has none", () => {
  expect(coverageOf(reportOf(["S9 also", "failed"], ...allBut(58)), open).without).toEqual([9]);
});

test("a line that is tested is not listed as not built", () => {
  expect(coverageOf(reportOf(...allBut()), open)).toEqual({ without: [], notYet: [], overdue: [58] });
});

test("the summary names what has no test, and that is a problem", () => {
  const [built] = notYet.keys();

  expect(summaryOf({ without: [], notYet: [], overdue: [] })).toEqual({
    lines: ["seed lines without a test: none"],
    problem: null,
  });
  expect(summaryOf({ without: [3, 9], notYet: [], overdue: [] })).toEqual({
    lines: ["seed lines without a test: S3 S9"],
    problem: "seed lines without a test that passed: S3 S9",
  });
  if (built === undefined) return;
  const summary = summaryOf({ without: [], notYet: [built], overdue: [] });
  expect(summary.lines[1]).toBe(`not built yet: S${built}, because ${notYet.get(built)}`);
  expect(summary.problem).toBeNull();
});

test("every line is named by a test on PostgreSQL", () => {
  const sources = readSources().filter(({ path }) => path.endsWith(".pg.test.ts"));
  const titles = sources.flatMap(({ text }) =>
    [...text.matchAll(/(["'`])((?:[SF]\d+ )+)/g)].map(([, , head = ""]) => ({ title: head, status: "passed" })),
  );

  const { without, overdue } = coverageOf({ testResults: [{ assertionResults: titles }] });

  expect(titles.length).toBeGreaterThan(100);
  expect({ without, overdue }).toEqual({ without: [], overdue: [] });
});
