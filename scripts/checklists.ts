import { readFileSync } from "node:fs";

/** A list of numbered promises, each of which has a test on PostgreSQL whose name begins with its number. */
export interface Checklist {
  /** What its items are. */
  readonly name: string;
  /** What the numbers of its items begin with. */
  readonly letter: string;
  /** How many items it has; they are counted from 1. */
  readonly items: number;
  /** What is not built, and why. An item leaves this list when it is. */
  readonly notYet: ReadonlyMap<number, string>;
}

/** Failure modes whose check no test performs as a whole under its number. */
const unnamed = [1, 2, 3, 4, 5, 7, 8, 12, 13, 14, 15, 16, 21, 25, 26, 28, 29, 30, 32, 34];
const unnamedYet = "laws of other names cover parts of it";

/** S1 to S124, the founding checklist; F1 to F36, the failure modes that are designed out. */
export const checklists: readonly Checklist[] = [
  { name: "seed lines", letter: "S", items: 124, notYet: new Map() },
  { name: "failure modes", letter: "F", items: 36, notYet: new Map(unnamed.map((item) => [item, unnamedYet])) },
];

/** A report of Vitest, as far as it is read here. */
export interface TestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

export interface Coverage {
  readonly without: readonly number[];
  /** Items of {@link Checklist.notYet}. Those that are tested by now are in `overdue` instead. */
  readonly notYet: readonly number[];
  readonly overdue: readonly number[];
}

/** The items that the name of a test begins with: `A6 S25 S32 F4 …` has 25 and 32 of the letter S. */
export function itemsNamed(title: string, letter: string): readonly number[] {
  const [head = ""] = /^(?:[A-Z]\d+ )*/.exec(title) ?? [];
  return head.split(" ").flatMap((word) => (word.startsWith(letter) ? [Number(word.slice(1))] : []));
}

/** Which items no test names that has run and passed. One that fails or is skipped counts for nothing. */
export function coverageOf(report: TestReport, { letter, items, notYet }: Checklist): Coverage {
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (status: string): readonly number[] =>
    results.filter((result) => result.status === status).flatMap(({ title }) => itemsNamed(title, letter));
  // Several tests may name an item; all that ran have to have passed.
  const failed = new Set(named("failed"));
  const passed = new Set(named("passed").filter((item) => !failed.has(item)));
  const all = Array.from({ length: items }, (_, index) => index + 1);
  return {
    without: all.filter((item) => !passed.has(item) && !notYet.has(item)),
    notYet: all.filter((item) => !passed.has(item) && notYet.has(item)),
    overdue: all.filter((item) => passed.has(item) && notYet.has(item)),
  };
}

/** What the summary says of a list, and whether all is as it has to be. */
export function summaryOf(
  { name, letter, notYet }: Checklist,
  coverage: Coverage,
): { readonly lines: readonly string[]; readonly problems: readonly string[] } {
  const numbers = (items: readonly number[]): string => items.map((item) => `${letter}${item}`).join(" ");
  const { without, overdue } = coverage;
  const open = coverage.notYet.map((item) => `not built yet: ${letter}${item}, because ${notYet.get(item)}`);
  return {
    lines: [`${name} without a test: ${without.length === 0 ? "none" : numbers(without)}`, ...open],
    problems: [
      ...(without.length === 0 ? [] : [`${name} without a test that passed: ${numbers(without)}`]),
      ...(overdue.length === 0 ? [] : [`${name} that are tested and still listed as not built: ${numbers(overdue)}`]),
    ],
  };
}

/** The summaries of all lists, of the report of a run on PostgreSQL. */
export function summariseChecklists(report: string): readonly ReturnType<typeof summaryOf>[] {
  const parsed: TestReport = JSON.parse(readFileSync(report, "utf8"));
  return checklists.map((checklist) => summaryOf(checklist, coverageOf(parsed, checklist)));
}
