import type { CounterRange, CounterRecord, CounterSpan } from "@hotmesh/core";
import { restored, stored } from "./stored-text.js";

/** A row of `counter` as row_to_json makes it. */
export interface CounterRow {
  readonly name: string;
  readonly slice: string;
  readonly field: string;
  readonly value: number;
}

/** What counter_pages returns: for each range its place among those that were asked for. */
export interface CounterPage {
  readonly place: number;
  readonly counters: readonly CounterRow[];
}

export function counterOf({ name, slice, field, value }: CounterRow): CounterRecord {
  return { name: restored(name), slice: restored(slice), field: restored(field), value };
}

export function spanParameter({ name, from, to, prefix }: CounterSpan) {
  const begin = stored(prefix);
  return {
    name: stored(name),
    from_slice: stored(from),
    to_slice: stored(to),
    prefix: begin,
    below: firstBehind(begin),
  };
}

/** The page begins where the span does, or right behind the counter that it follows: no text lies between. */
export function rangeParameter(range: CounterRange, place: number) {
  const { after, limit } = range;
  const span = spanParameter(range);
  const begin =
    after === null
      ? { first_slice: span.from_slice, first_field: span.prefix }
      : { first_slice: stored(after.slice), first_field: `${stored(after.field)}\u0001` };
  return { ...span, ...begin, place, limit };
}

/** The first text behind all that begin with the prefix, by code point. Null: nothing is behind them. */
export function firstBehind(prefix: string): string | null {
  const characters = [...prefix];
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point < 0x10ffff) return characters.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return null;
}
