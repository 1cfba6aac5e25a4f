import { described } from "./conversion.js";
import { spend } from "./meter.js";

const INTEGER = /^-?\d+$/;
const ISO = /^(\d{4}|[+-]\d{6})-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?$/;
const MINUTE_MS = 60_000;

/** The parts of an instant in UTC, month from 0. */
export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
  /** What the zone is ahead of UTC. */
  readonly offsetMinutes: number;
}

/** A Date at an instant; out of range it is an invalid Date. */
export function dateAt(epochMs: number): Date {
  return new Date(epochMs);
}

/**
 * Reads a DateInput: whole-integer text, ISO 8601 text (UTC without zone), Date or number.
 * A well-formed text that names no date gives an invalid Date; anything else throws.
 */
export function dateOf(input: unknown): Date {
  if (input instanceof Date) return dateAt(input.getTime());
  if (typeof input === "number") return dateAt(Math.trunc(input));
  if (typeof input === "string") {
    // A fraction may be as long as it likes, and reading it costs several times what other texts cost.
    spend(input.length);
    if (INTEGER.test(input)) return dateAt(Number(input));
    const instant = isoInstant(input);
    if (instant !== null) return dateAt(instant);
    throw new TypeError(`"${input.slice(0, 40)}" is no date: epoch milliseconds or ISO 8601 text were expected`);
  }
  throw new TypeError(`a date was expected, not ${described(input)}`);
}

/** Epoch ms of an ISO 8601 text, NaN when it names no date, null when it has another form. */
export function isoInstant(text: string): number | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, year = "", month = "", day = "01", hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] =
    match;
  if (year === "-000000") return Number.NaN;
  return instantOf({
    year: Number(year),
    month: Number(month) - 1,
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    ms: Number(fraction.slice(0, 3).padEnd(3, "0")),
    offsetMinutes: offsetOf(zone),
  });
}

/** Epoch ms of the parts; NaN when a part is out of its range. `24:00:00` is the next midnight. */
export function instantOf(parts: DateParts): number {
  const { year, month, day, hour, minute, second, ms, offsetMinutes } = parts;
  const isMidnight = hour === 24 && minute === 0 && second === 0 && ms === 0;
  const isClock = (hour < 24 || isMidnight) && minute < 60 && second < 60;
  const date = dateAt(0);
  // The year is set by itself because Date.UTC takes 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month, day);
  const isDay = date.getUTCMonth() === month && date.getUTCDate() === day;
  if (!isClock || !isDay) return Number.NaN;
  return date.setUTCHours(hour, minute, second, ms) - offsetMinutes * MINUTE_MS;
}

/** Minutes that a zone `Z`, `±HH`, `±HHmm` or `±HH:mm` is ahead of UTC; NaN when there is no such zone. */
export function offsetOf(zone: string): number {
  if (zone === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(":", "") || "0");
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
