import { textCell } from "./cell.js";
import { type Before, following, NESTED_ONLY, rowProblem, rowsProblem } from "./compile-rows.js";
import type { Place } from "./expression-error.js";
import { isKeyed, isList } from "./functions/own.js";
import { badPipe, deadCell, deadRow, type LintFinding, textFindings } from "./lint-finding.js";
import { isPipe, type RawRow, rawRow } from "./raw-row.js";

/** Where a list of rows stands in a value. */
export interface LintPlace {
  readonly path: Place;
  readonly depth: number;
  readonly isBody: boolean;
  readonly isInReduce: boolean;
}

/** What has run before a row, with the places of the inputs that the next list row gets. */
interface Progress extends Before {
  readonly carry: readonly Place[];
  readonly queue: readonly Place[];
}

interface RowAt {
  readonly raw: RawRow;
  readonly path: Place;
  readonly isLast: boolean;
}

/** Functions that look at two inputs only, where a third is a likely mistake. */
const TWO_INPUTS = new Set(["logical.and", "logical.or", "conditional.nullish"]);

/** Findings in the rows of a pipe or of a reduce body. */
export function lintRows(value: unknown, place: LintPlace): LintFinding[] {
  const problem = rowsProblem(value, place);
  if (problem !== null || !isList(value)) return [badPipe(place.path, problem ?? "")];
  const findings: LintFinding[] = [];
  let progress: Progress = { index: 0, hasListRun: false, hasNestedRun: false, carry: [], queue: [] };
  let isNestedOnly = value.length > 0;
  for (const item of value) {
    const raw = rawRow(item, progress.hasListRun);
    isNestedOnly &&= raw.kind === "pipe";
    const path = [...place.path, progress.index];
    findings.push(...lintRow({ raw, path, isLast: progress.index === value.length - 1 }, progress, place));
    progress = advanced(raw, path, progress);
  }
  return isNestedOnly ? [badPipe(place.path, NESTED_ONLY), ...findings] : findings;
}

function lintRow(row: RowAt, before: Progress, place: LintPlace): LintFinding[] {
  const problem = rowProblem(row.raw, before, place);
  if (problem !== null) return [badPipe(problemPath(row), problem)];
  const isFirst = before.index === 0 && !place.isBody;
  switch (row.raw.kind) {
    case "cells":
      return lintCells(row.raw.cells, row, { before, isInReduce: place.isInReduce, isFirst });
    case "pipe":
      return [
        ...lastNested(row, before),
        ...lintNested(row.raw.rows, [...row.path, "@pipe"], { ...place, isBody: false }),
      ];
    case "reduce": {
      // As the first row it is never run, so that nothing inside it matters.
      if (isFirst) return [deadRow(row.path, "@reduce as the first row has nothing to reduce: it is undefined")];
      const inside = lintNested(row.raw.rows, [...row.path, "@reduce"], { ...place, isBody: true, isInReduce: true });
      return before.queue.length === 0
        ? inside
        : [deadRow(row.path, "the result of @reduce is replaced by those of the nested pipes before it"), ...inside];
    }
    case "unmarked":
    case "scalar":
      return [deadRow(row.path, "an object without @pipe or @reduce has no effect: it is undefined")];
  }
}

function lintNested(rows: unknown, path: Place, place: LintPlace): LintFinding[] {
  return lintRows(rows, { ...place, path, depth: place.depth + 1 });
}

function lastNested(row: RowAt, before: Progress): LintFinding[] {
  const hasValue = before.carry.length > 0 || before.hasListRun;
  return row.isLast && hasValue ? [deadRow(row.path, "the result of a nested pipe as the last row is dropped")] : [];
}

/** The operator, when it is the operator that is wrong. */
function problemPath({ raw, path }: RowAt): Place {
  return raw.kind === "cells" && raw.cells.length > 0 ? [...path, 0] : path;
}

function lintCells(
  cells: readonly unknown[],
  row: RowAt,
  { before, isInReduce, isFirst }: { before: Progress; isInReduce: boolean; isFirst: boolean },
): LintFinding[] {
  const findings = isFirst ? [] : thirdInput(cells[0], before);
  for (const [index, cell] of cells.entries()) {
    const path = [...row.path, index];
    if (typeof cell === "string") findings.push(...textFindings(textCell(cell), path, isInReduce));
    else if (holdsPipe(cell, 0)) findings.push(deadCell(path, "a pipe inside a cell is not run: it is a literal"));
  }
  if (row.isLast && cells.length > 1) {
    findings.push(deadCell([...row.path, 1], "cells behind the first one of the last row are dropped"));
  }
  return findings;
}

function thirdInput(operator: unknown, before: Progress): LintFinding[] {
  const cell = typeof operator === "string" ? textCell(operator) : null;
  if (cell?.op !== "call" || !TWO_INPUTS.has(cell.fn)) return [];
  const third = (before.queue.length > 0 ? before.queue : before.carry)[2];
  return third === undefined ? [] : [deadCell(third, `{@${cell.fn}} looks at two inputs only`)];
}

function advanced(raw: RawRow, path: Place, before: Progress): Progress {
  const next = { ...before, ...following(raw, before) };
  switch (raw.kind) {
    case "cells":
      return { ...next, carry: raw.cells.map((_, index) => [...path, index]), queue: [] };
    case "pipe":
      return { ...next, queue: [...before.queue, path] };
    case "reduce":
      return { ...next, carry: [path] };
    case "unmarked":
    case "scalar":
      return { ...next, carry: [path] };
  }
}

const LITERAL_DEPTH = 50;

function holdsPipe(cell: unknown, depth: number): boolean {
  if (!isKeyed(cell) || depth > LITERAL_DEPTH) return false;
  return isPipe(cell) || Object.values(cell).some((item) => holdsPipe(item, depth + 1));
}
