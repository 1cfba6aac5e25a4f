import type { CounterChange, CounterRange, CounterRecord, CounterSpan } from "../../ports/records.js";
import { summed } from "./database.js";
import { frozenCopy } from "./frozen.js";
import type { CounterRow } from "./tables.js";
import type { Unit } from "./unit.js";

export function count(unit: Unit, change: CounterChange): void {
  const id = String(unit.next());
  unit.tables.counters.put(id, frozenCopy({ id, change }));
}

export function drop(unit: Unit, span: CounterSpan): void {
  for (const { id } of rowsIn(unit, span)) unit.tables.counters.remove(id);
}

export function pageOf(unit: Unit, range: CounterRange): readonly CounterRecord[] {
  const { after, limit } = range;
  return summed(rowsIn(unit, range).map(({ change }) => change))
    .map(({ name, slice, field, add }): CounterRecord => ({ name, slice, field, value: add }))
    .filter((record) => after === null || inOrder(after, record) < 0)
    .sort(inOrder)
    .slice(0, limit);
}

function rowsIn(unit: Unit, { name, from, to, prefix }: CounterSpan): readonly CounterRow[] {
  return unit.tables.counters
    .group("name", name)
    .filter(({ change: { slice } }) => byCodePoint(from, slice) <= 0 && byCodePoint(slice, to) <= 0)
    .filter(({ change: { field } }) => field.startsWith(prefix));
}

interface Place {
  readonly slice: string;
  readonly field: string;
}

function inOrder(a: Place, b: Place): number {
  return byCodePoint(a.slice, b.slice) || byCodePoint(a.field, b.field);
}

/** Code units would put what lies beyond the basic plane before the end of it. */
function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((character, place) => character !== right[place]);
  if (at < 0) return left.length - right.length;
  return (left[at]?.codePointAt(0) ?? -1) - (right[at]?.codePointAt(0) ?? -1);
}
