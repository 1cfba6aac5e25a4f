import { after, type Instant, instant } from "../brand.js";
import { granularities } from "../document/graph-document.js";
import { HotMeshError } from "../errors.js";
import { isoInstant } from "../expression/functions/date-input.js";
import { timeSlice } from "../job/time-text.js";

/** When the jobs of a query were started; two of the three, and none where there are no slices. */
export interface RangeInput {
  /** A length: minutes, hours or days, `90m`, `2h`, `1d`. */
  readonly range?: string | undefined;
  /** ISO 8601; UTC where it names no zone. */
  readonly start?: string | undefined;
  /** ISO 8601, or `NOW`. */
  readonly end?: string | undefined;
}

export interface TimeRange {
  /** The first slice and the last, as counters have them. */
  readonly from: string;
  readonly to: string;
  /** The borders in the form of {@link sliceTime}, or as they were given; absent for the granularity `infinity`. */
  readonly start?: string;
  readonly end?: string;
}

const rangeMinutes: ReadonlyMap<string, number> = new Map([
  ["m", 1],
  ["h", 60],
  ["d", 1_440],
]);

/** After every slice: nothing is counted in the future, and so nobody's clock decides what is now. */
const noEnd = "999999999999";

/**
 * The slices that hold any moment from `start` on and before `end`; up to `NOW` means to the last one there is. Throws
 * `invalid-argument` (400) for a range that cannot be meant.
 */
export function timeRange(input: RangeInput, granularity: string, now: Instant): TimeRange {
  if (!granularities.some((known) => known === granularity)) throw invalid("Invalid granularity value.");
  if (granularity === "infinity") return { from: "0", to: "0", ...given(input) };
  const { start, end, range } = input;
  if ([start, end, range].filter((value) => value !== undefined).length !== 2) throw combination(input);
  const lengthMs = range === undefined ? null : lengthOf(range);
  const startAt = start === undefined ? null : timeOf(start, "start");
  const endAt = end === undefined ? null : end === "NOW" ? now : timeOf(end, "end");
  const from = startAt ?? after(endAt ?? now, -(lengthMs ?? 0));
  const to = endAt ?? after(from, lengthMs ?? 0);
  if (range !== undefined && !(isDate(from) && isDate(to))) throw badRange(range);
  if (from > to || (from === to && end !== "NOW")) throw combination(input);
  return {
    from: timeSlice(from, granularity),
    to: end === "NOW" ? noEnd : timeSlice(instant(to - 1), granularity),
    start: start ?? minuteText(from),
    end: end ?? minuteText(to),
  };
}

/** A slice as people read it, `2026-11-22T16:00Z`; `0` where there are no slices. */
export function sliceTime(slice: string): string {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(slice);
  if (match === null) return slice;
  const [, year, month, day, hour, minute] = match;
  return `${year}-${month}-${day}T${hour}:${minute}Z`;
}

function minuteText(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}

function given({ start, end }: RangeInput): Pick<TimeRange, "start" | "end"> {
  return { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
}

function lengthOf(range: string): number {
  const [, amount, unit = ""] = /^(\d+)([mhd])$/.exec(range) ?? [];
  const minutes = rangeMinutes.get(unit);
  const ms = Number(amount) * (minutes ?? 0) * 60_000;
  if (!(ms > 0)) throw badRange(range);
  return ms;
}

function timeOf(text: string, name: string): Instant {
  const ms = isoInstant(text);
  if (ms === null || !isDate(ms)) throw invalid(`Invalid ${name} value. ${text} is no ISO 8601 time`);
  return instant(ms);
}

/** True from the year 0 to 9999: slices have four digits for it. */
function isDate(ms: number): boolean {
  return ms >= -62_167_219_200_000 && ms < 253_402_300_800_000;
}

function combination({ start, end, range }: RangeInput): HotMeshError {
  const found = `start ${start ?? "absent"}, end ${end ?? "absent"}, range ${range ?? "absent"}`;
  return invalid(`Invalid combination of start, end, and range values: ${found}; two of them make a range`);
}

function badRange(range: string): HotMeshError {
  return invalid(`Invalid range value. ${range} was found; expected a length like 90m, 2h or 1d`);
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", message);
}
