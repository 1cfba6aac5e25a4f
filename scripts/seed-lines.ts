import { readFileSync } from "node:fs";

/** How many numbered statements the founding checklist has: S1 to S124. */
export const seedLines = 124;

/** What of the founding checklist is not built, and why. A line leaves this list when it is. */
export const notYet: ReadonlyMap<number, string> = new Map([
  [58, "the code-first layer with waitFor() is not built"],
  [108, "the wrappers that are to be preferred, Durable and Virtual, are not built"],
]);

/** A report of Vitest, as far as it is read here. */
export interface TestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

export interface Coverage {
  readonly without: readonly number[];
  /** Lines of {@link notYet}. Those that are tested by now are in `overdue` instead. */
  readonly notYet: readonly number[];
  readonly overdue: readonly number[];
}

/** The lines that the name of a test begins with: `S25 S32 F4 …` has 25 and 32. */
export function linesNamed(title: string): readonly number[] {
  const [head = ""] = /^(?:[SF]\d+ )*/.exec(title) ?? [];
  return [...head.matchAll(/S(\d+)/g)].map(([, line]) => Number(line));
}

/** Which lines no test names that has run and passed. One that fails or is skipped counts for nothing. */
export function coverageOf(report: TestReport, open: ReadonlyMap<number, string> = notYet): Coverage {
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  // Several tests may name a line; all that ran have to have passed.
  const passed = new Set(results.filter(({ status }) => status === "passed").flatMap(({ title }) => linesNamed(title)));
  for (const { status, title } of results)
    if (status === "failed") for (const line of linesNamed(title)) passed.delete(line);
  const lines = Array.from({ length: seedLines }, (_, index) => index + 1);
  return {
    without: lines.filter((line) => !passed.has(line) && !open.has(line)),
    notYet: lines.filter((line) => !passed.has(line) && open.has(line)),
    overdue: lines.filter((line) => passed.has(line) && open.has(line)),
  };
}

/** What the summary says, and whether all is as it has to be. */
export function summaryOf(coverage: Coverage): { readonly lines: readonly string[]; readonly problem: string | null } {
  const { without, overdue } = coverage;
  const list = without.length === 0 ? "none" : without.map((line) => `S${line}`).join(" ");
  const open = coverage.notYet.map((line) => `not built yet: S${line}, because ${notYet.get(line)}`);
  const named = overdue.map((line) => `S${line}`).join(" ");
  const problems = [
    ...(without.length === 0 ? [] : [`seed lines without a test that passed: ${list}`]),
    ...(overdue.length === 0 ? [] : [`seed lines that are tested and still listed as not built: ${named}`]),
  ];
  return {
    lines: [`seed lines without a test: ${list}`, ...open],
    problem: problems.length === 0 ? null : problems.join("; "),
  };
}

/** The summary of the report of a run on PostgreSQL. */
export function summariseSeedLines(report: string): ReturnType<typeof summaryOf> {
  return summaryOf(coverageOf(JSON.parse(readFileSync(report, "utf8"))));
}
