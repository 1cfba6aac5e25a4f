import type { Activation, CounterRange, CounterRecord, Instant, ReadSet } from "@hotmesh/core";
import type { Statement } from "../connection/database.js";
import { callOf } from "../rows/call.js";
import { type CounterPage, counterOf, rangeParameter } from "../rows/counter-row.js";
import type { PendingRow } from "../rows/escalation-row.js";
import type { PassRow } from "../rows/pass-row.js";
import { restored, stored } from "../rows/stored-text.js";

/** What step_read returns. Null: it was not asked for. */
export interface Reading {
  readonly passes: readonly PassRow[];
  readonly activation: Activation | null;
  readonly counters: readonly CounterPage[] | null;
  readonly escalations: readonly PendingRow[] | null;
}

/** Reads what a program asks for, and whose items are pending of the keys, under the locks of step_open. */
export function readStatement(
  schema: string,
  reads: ReadSet,
  { now, escalations }: { readonly now: Instant; readonly escalations: readonly string[] },
): Statement {
  const request = { now, activation: reads.activation, ...readParameters(reads, escalations) };
  return callOf(schema, "step_read", JSON.stringify(request));
}

/** As step_open and step_read take it. What is empty is left out, so that the server skips it. */
export function readParameters({ passes, ranges, counters = new Map() }: ReadSet, escalations: readonly string[]) {
  return {
    passes: passes.map(({ job, activity, address }) => ({ job: stored(job), activity: stored(activity), address })),
    ranges: ranges.map(({ job, activity, under }) => ({ job: stored(job), activity: stored(activity), under })),
    ...(counters.size > 0 && { counters: [...counters.values()].map(rangeParameter) }),
    ...(escalations.length > 0 && { escalations: escalations.map((key) => stored(key)) }),
  };
}

/** Nothing is asked for that was not foreseen. */
export function covers(foreseen: ReadSet | null, reads: ReadSet): boolean {
  if (reads.activation && foreseen?.activation !== true) return false;
  const passes = new Set(foreseen?.passes.map((key) => JSON.stringify([key.job, key.activity, key.address])));
  const ranges = new Set(foreseen?.ranges.map((range) => JSON.stringify([range.job, range.activity, range.under])));
  return (
    [...(reads.counters ?? [])].every(([name, range]) => sameRange(foreseen?.counters?.get(name), range)) &&
    reads.passes.every((key) => passes.has(JSON.stringify([key.job, key.activity, key.address]))) &&
    reads.ranges.every((range) => ranges.has(JSON.stringify([range.job, range.activity, range.under])))
  );
}

function sameRange(one: CounterRange | undefined, other: CounterRange): boolean {
  const valuesOf = ({ name, from, to, prefix, after, limit }: CounterRange) =>
    JSON.stringify([name, from, to, prefix, after?.slice, after?.field, limit]);
  return one !== undefined && valuesOf(one) === valuesOf(other);
}

/** Pages by the names of their ranges. */
export function pagesOf(
  ranges: ReadonlyMap<string, CounterRange>,
  pages: readonly CounterPage[],
): ReadonlyMap<string, readonly CounterRecord[]> {
  const rows = new Map(pages.map(({ place, counters }) => [place, counters.map(counterOf)]));
  return new Map([...ranges.keys()].map((name, place) => [name, rows.get(place) ?? []]));
}

/** Of each key the wait whose item is pending, or null. */
export function pendingAmong(keys: readonly string[], rows: readonly PendingRow[]): ReadonlyMap<string, string | null> {
  const waits = new Map(rows.map(({ key, wait }) => [restored(key), restored(wait)]));
  return new Map(keys.map((key) => [key, waits.get(key) ?? null]));
}
