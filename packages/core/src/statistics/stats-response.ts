import type { CounterRecord } from "../ports/records.js";
import { counterField, facetText } from "./counter-field.js";
import type { StatsQuery } from "./query.js";
import { sliceTime } from "./time-range.js";

/**
 * Something that was counted: with `count` the target is `<path>:<value>`, with the others a path. `mdn` is the true
 * median, of two middle values their mean.
 */
export interface StatsMeasure {
  /** What was measured, a path; of a count by value `<path>:<value>`. */
  readonly target: string;
  /** Number of jobs, sum, mean or median. */
  readonly type: "count" | "sum" | "avg" | "mdn";
  /** The number. */
  readonly value: number;
}

/** What was counted in one slice of time. */
export interface StatsSegment {
  /** When the slice begins, `2026-11-22T16:00Z`; `0` where there are no slices. */
  readonly time: string;
  /** Jobs. */
  readonly count: number;
  /** One per target and type. */
  readonly measures: readonly StatsMeasure[];
}

/** What was counted of the jobs of a graph. */
export interface StatsResponse extends Omit<StatsSegment, "time"> {
  /** What `stats.key` made of the data that were asked about. */
  readonly key: string;
  /** Length of a slice: `5m`, `10m`, `15m`, `30m`, `1h` or `infinity`. */
  readonly granularity: string;
  /** As it was asked for. */
  readonly range?: string;
  /** As it was asked for, `NOW` too, else where the slices end: `2026-11-22T18:00Z`. */
  readonly end?: string;
  /** The slices in which anything was counted, oldest first; absent when the question was sparse. */
  readonly segments?: readonly StatsSegment[];
}

/** What the counters of a question say, as a whole and slice by slice. */
export function statsResponse(query: StatsQuery, records: readonly CounterRecord[]): StatsResponse {
  const { key, granularity, range, end, sparse } = query.options;
  const whole = {
    key,
    granularity,
    ...(range !== undefined && { range }),
    ...(end !== undefined && { end }),
    ...summary(records),
  };
  if (sparse) return whole;
  const slices = new Map<string, CounterRecord[]>();
  for (const record of records) {
    const own = slices.get(record.slice);
    if (own === undefined) slices.set(record.slice, [record]);
    else own.push(record);
  }
  const ordered = [...slices].sort(([one], [other]) => (one < other ? -1 : 1));
  return { ...whole, segments: ordered.map(([slice, own]) => ({ time: sliceTime(slice), ...summary(own) })) };
}

/** Counters of several slices are one counter. */
interface Tally {
  count: number;
  readonly counts: Map<string, number>;
  readonly sums: Map<string, number>;
  readonly means: Map<string, { sum: number; values: number }>;
  readonly medians: Map<string, Map<number, number>>;
}

function summary(records: readonly CounterRecord[]): Omit<StatsSegment, "time"> {
  const tally: Tally = { count: 0, counts: new Map(), sums: new Map(), means: new Map(), medians: new Map() };
  for (const record of records) add(tally, record);
  const measures: StatsMeasure[] = [
    ...[...tally.counts].map(([target, value]) => ({ target, type: "count" as const, value })),
    ...[...tally.sums].map(([target, value]) => ({ target, type: "sum" as const, value })),
    ...[...tally.means].map(([target, mean]) => ({ target, type: "avg" as const, value: mean.sum / mean.values })),
    ...[...tally.medians].map(([target, values]) => ({ target, type: "mdn" as const, value: median(values) })),
  ];
  return { count: tally.count, measures: measures.sort(byTarget) };
}

function add(tally: Tally, { field: text, value }: CounterRecord): void {
  const field = counterField(text);
  switch (field?.kind) {
    case "total":
      tally.count += value;
      return;
    case "count":
      raise(tally.counts, facetText(field), value);
      return;
    case "sum":
      raise(tally.sums, field.label, value);
      return;
    case "avg":
    case "values": {
      const mean = tally.means.get(field.label) ?? { sum: 0, values: 0 };
      if (field.kind === "avg") mean.sum += value;
      else mean.values += value;
      tally.means.set(field.label, mean);
      return;
    }
    case "mdn": {
      const values = tally.medians.get(field.label) ?? new Map<number, number>();
      raise(values, field.number, value);
      tally.medians.set(field.label, values);
      return;
    }
    case "index":
    case undefined:
  }
}

function raise<Key>(sums: Map<Key, number>, key: Key, by: number): void {
  sums.set(key, (sums.get(key) ?? 0) + by);
}

function median(values: ReadonlyMap<number, number>): number {
  const ordered = [...values].sort(([one], [other]) => one - other);
  const total = ordered.reduce((sum, [, times]) => sum + times, 0);
  const at = (place: number): number => {
    let passed = 0;
    for (const [value, times] of ordered) {
      passed += times;
      if (place < passed) return value;
    }
    return Number.NaN;
  };
  return (at(Math.floor((total - 1) / 2)) + at(Math.floor(total / 2))) / 2;
}

const typeOrder: readonly StatsMeasure["type"][] = ["count", "sum", "avg", "mdn"];

function byTarget(one: StatsMeasure, other: StatsMeasure): number {
  const types = typeOrder.indexOf(one.type) - typeOrder.indexOf(other.type);
  return types !== 0 ? types : one.target < other.target ? -1 : 1;
}
