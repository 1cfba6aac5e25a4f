import { textCell } from "./cell.js";
import type { Expression, Row } from "./expression.js";
import { described } from "./functions/conversion.js";
import { isList } from "./functions/own.js";
import { literal } from "./literal.js";
import { type RawRow, rawRow } from "./raw-row.js";

/** Pipes and reduces may stand inside one another this often, the outermost pipe included. */
export const NESTING_MAX = 256;

/** Where a list of rows stands. */
export interface RowsPlace {
  /** 1 for an outermost pipe. */
  readonly depth: number;
  /** A reduce body starts with the accumulator as its carry: even its first list row needs an operator. */
  readonly isBody: boolean;
}

/** What has run before a row, as far as it decides what the row means. */
export interface Before {
  readonly index: number;
  readonly hasListRun: boolean;
  readonly hasNestedRun: boolean;
}

const OUTERMOST: RowsPlace = { depth: 1, isBody: false };

/** Compiles the rows of a pipe or reduce body. Whatever always throws becomes a bad row. */
export function compileRows(value: unknown, place: RowsPlace = OUTERMOST): readonly Row[] {
  const problem = rowsProblem(value, place);
  if (problem !== null || !isList(value)) return [bad(problem ?? "")];
  const rows: Row[] = [];
  let before: Before = { index: 0, hasListRun: false, hasNestedRun: false };
  for (const item of value) {
    const raw = rawRow(item, before.hasListRun);
    const reason = rowProblem(raw, before, place);
    rows.push(reason === null ? compileRow(raw, before, place) : bad(reason));
    before = following(raw, before);
  }
  return rows.length > 0 && rows.every(({ row }) => row === "pipe") ? [...rows, bad(NESTED_ONLY)] : rows;
}

export const NESTED_ONLY = "a pipe of nested pipes only has no value: a row that takes their results is missing";

/** Why the list of rows as such cannot run, or null. */
export function rowsProblem(value: unknown, place: RowsPlace): string | null {
  const mark = place.isBody ? "@reduce" : "@pipe";
  if (place.depth > NESTING_MAX) return `pipes and reduces are nested deeper than ${NESTING_MAX}`;
  if (!isList(value)) return `${mark} is a list of rows, not ${described(value)}`;
  return value.length === 0 && !place.isBody ? "a pipe needs at least one row" : null;
}

/** Why a row always throws when it is reached, or null. */
export function rowProblem(raw: RawRow, before: Before, place: RowsPlace): string | null {
  const isFirst = before.index === 0 && !place.isBody;
  switch (raw.kind) {
    case "cells":
      return isFirst ? null : operatorProblem(raw.cells);
    case "pipe":
      return null;
    case "reduce":
      return before.hasNestedRun && !before.hasListRun ? "@reduce after nested pipes has nothing to reduce" : null;
    case "unmarked":
      return isFirst ? null : "a row is a list, or an object with @pipe or @reduce";
    case "scalar":
      return `a row is a list, or an object with @pipe or @reduce, not ${described(raw.value)}`;
  }
}

export function following(raw: RawRow, before: Before): Before {
  return {
    index: before.index + 1,
    hasListRun: before.hasListRun || raw.kind === "cells",
    hasNestedRun: before.hasNestedRun || raw.kind === "pipe",
  };
}

function operatorProblem(cells: readonly unknown[]): string | null {
  if (cells.length === 0) return "a row needs a function or a context variable as its first cell";
  const [first] = cells;
  const cell = typeof first === "string" ? textCell(first) : null;
  if (cell?.op === "call" || cell?.op === "variable") return null;
  const found = typeof first === "string" ? `"${first.slice(0, 60)}"` : described(first);
  return `the first cell of a row is a function or a context variable, not ${found}`;
}

function compileRow(raw: RawRow, before: Before, place: RowsPlace): Row {
  const depth = place.depth + 1;
  switch (raw.kind) {
    case "cells":
      return { row: "cells", cells: Array.from(raw.cells, cell) };
    case "pipe":
      return { row: "pipe", rows: compileRows(raw.rows, { depth, isBody: false }) };
    case "reduce":
      // As the first row of a pipe it stands for undefined: there is no carry to reduce.
      if (before.index === 0 && !place.isBody) return UNDEFINED_ROW;
      return { row: "reduce", rows: compileRows(raw.rows, { depth, isBody: true }) };
    case "unmarked":
    case "scalar":
      return UNDEFINED_ROW;
  }
}

const UNDEFINED_ROW: Row = { row: "cells", cells: [{ op: "undefined" }] };

function cell(value: unknown): Expression {
  return typeof value === "string" ? textCell(value) : { op: "literal", value: literal(value) };
}

function bad(reason: string): Row {
  return { row: "bad", reason };
}
