import { expect, test } from "vitest";
import { type Checklist, checklists, coverageOf, itemsNamed, summaryOf, type TestReport } from "./checklists.js";
import { readSources } from "./source-files.js";

const wishes: Checklist = { name: "wishes", letter: "W", items: 20, notYet: new Map([[5, "there is no time"]]) };
const all = Array.from({ length: wishes.items }, (_, index) => index + 1);

function reportOf(...tests: readonly (readonly [title: string, status: string])[]): TestReport {
  return { testResults: [{ assertionResults: tests.map(([title, status]) => ({ title, status })) }] };
}

/** Every item but these has a test that passed. */
const allBut = (...items: readonly number[]) =>
  all.filter((item) => !items.includes(item)).map((item) => [`W${item} holds`, "passed"] as const);

test("a test names the items that its name begins with, and no others", () => {
  expect(itemsNamed("S12 pub starts a job", "S")).toEqual([12]);
  expect(itemsNamed("A6 S25 F4 S32 policies are stored", "S")).toEqual([25, 32]);
  expect(itemsNamed("A6 S25 F4 S32 policies are stored", "F")).toEqual([4]);
  expect(itemsNamed("a job that S12 tells of", "S")).toEqual([]);
  expect(itemsNamed("S12pub", "S")).toEqual([]);
});

test("an item has a test when one that names it has passed", () => {
  expect(coverageOf(reportOf(...allBut(5)), wishes)).toEqual({ without: [], notYet: [5], overdue: [] });
  expect(coverageOf(reportOf(...allBut(5, 7, 20)), wishes).without).toEqual([7, 20]);
  expect(coverageOf(reportOf(), wishes).without).toHaveLength(wishes.items - 1);
});

test.each(["failed", "skipped", "pending", "todo"])("a test that has %s is none", (status) => {
  expect(coverageOf(reportOf(...allBut(5, 9), ["W9 holds", status]), wishes).without).toEqual([9]);
});

test("an item of which one test fails has none", () => {
  expect(coverageOf(reportOf(["W9 also", "failed"], ...allBut(5)), wishes).without).toEqual([9]);
});

test("an item that is tested is not listed as not built", () => {
  expect(coverageOf(reportOf(...allBut()), wishes)).toEqual({ without: [], notYet: [], overdue: [5] });
});

test("the summary names what has no test, and that is a problem", () => {
  expect(summaryOf(wishes, { without: [], notYet: [], overdue: [] })).toEqual({
    lines: ["wishes without a test: none"],
    problems: [],
  });
  expect(summaryOf(wishes, { without: [3, 9], notYet: [5], overdue: [5] })).toEqual({
    lines: ["wishes without a test: W3 W9", "not built yet: W5, because there is no time"],
    problems: ["wishes without a test that passed: W3 W9", "wishes that are tested and still listed as not built: W5"],
  });
});

test.each(checklists)("each of the $name is named by a test on PostgreSQL", (checklist) => {
  const sources = readSources().filter(({ path }) => path.endsWith(".pg.test.ts"));
  const titles = sources.flatMap(({ text }) =>
    [...text.matchAll(/(["'`])((?:[A-Z]\d+ )+)/g)].map(([, , head = ""]) => ({ title: head, status: "passed" })),
  );

  const { without, overdue } = coverageOf({ testResults: [{ assertionResults: titles }] }, checklist);

  expect(titles.length).toBeGreaterThan(checklist.items);
  expect({ without, overdue }).toEqual({ without: [], overdue: [] });
});
