import type { Expression, Row } from "./expression.js";
import { textOf } from "./functions/conversion.js";
import { limitedItems } from "./functions/limits.js";
import { isKeyed, isList, type Keyed, writeOwn } from "./functions/own.js";

/** The last row of a reduce body, working on an accumulator that nobody else can see. */
export type Fold = (inputs: readonly unknown[]) => unknown;

// Copying the accumulator in each pass would make building a list of n items cost n² copies.
const FOLDS: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ["array.push", ([list, ...items]) => append(list, items)],
  ["array.concat", ([list, more]) => append(list, isList(more) ? more : more === undefined ? [] : [more])],
  ["object.set", ([target, key, value]) => set(target, key, value)],
]);

/**
 * The fold of a body whose only look at the accumulator is to hand it, as first input, to a function that gives back a
 * grown copy. After the first pass that copy is known to nobody else, so it can grow itself. Null for all other bodies.
 */
export function inPlaceFold(body: readonly Row[]): Fold | null {
  const last = body.at(-1);
  const operator = last?.row === "cells" && last.cells.length === 1 ? last.cells[0] : undefined;
  const fold = operator?.op === "call" ? FOLDS.get(operator.fn) : undefined;
  if (fold === undefined) return null;
  const before = body.slice(0, -1);
  return firstInput(before) && outputsIn(before) === 1 ? fold : null;
}

/** Is `{$output}` what these rows pass on first? Either all are nested pipes, or it is the only list row. */
function firstInput(rows: readonly Row[]): boolean {
  const [first] = rows;
  if (first?.row === "cells") return rows.length === 1 && isOutput(first.cells[0]);
  if (first?.row !== "pipe" || !rows.every(({ row }) => row === "pipe")) return false;
  const [opening] = first.rows;
  return first.rows.length === 1 && opening?.row === "cells" && isOutput(opening.cells[0]);
}

function isOutput(cell: Expression | undefined): boolean {
  return cell?.op === "variable" && cell.name === "output" && cell.path.length === 0;
}

/** How often the accumulator is mentioned at any depth; a `$output` of an inner reduce is counted too, to be safe. */
function outputsIn(rows: readonly Row[]): number {
  let count = 0;
  for (const row of rows) {
    if (row.row === "cells") {
      for (const cell of row.cells) if (cell.op === "variable" && cell.name === "output") count += 1;
    } else if (row.row !== "bad") count += outputsIn(row.rows);
  }
  return count;
}

function append(list: unknown, items: readonly unknown[]): unknown {
  if (!Array.isArray(list)) throw new TypeError("the accumulator is no list");
  limitedItems(list.length + items.length);
  for (const item of items) list.push(item);
  return list;
}

function set(target: unknown, key: unknown, value: unknown): unknown {
  if (!isKeyed(target)) throw new TypeError("the accumulator is no object");
  const owned: Keyed | unknown[] = target;
  writeOwn(owned, textOf(key), value);
  return target;
}
