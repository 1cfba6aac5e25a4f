import { numberOf, numberOr } from "./conversion.js";
import { dateAt, dateOf } from "./date-input.js";
import type { MappingFunction, Namespace } from "./mapping-function.js";

// Places of the parts of a date, largest first.
const YEAR = 0;
const MONTH = 1;
const DAY = 2;
const HOUR = 3;
const MINUTE = 4;
const SECOND = 5;
const MS = 6;

/**
 * (d, value, further parts?): the epoch ms of a changed date, in UTC; the names with and without `UTC` are the same,
 * and a Date that came in stays as it is. A missing value and an invalid date give NaN; omitted or undefined parts are
 * kept.
 */
export const dateSetters: Namespace = {
  /**
   * `(d: DateInput, ms: number) => number`
   * Replaces the milliseconds; what overflows carries. The result is epoch milliseconds; without a value, and of an
   * invalid date, NaN.
   * @example ["2024-02-29T13:45:30.250Z", 7] -> 1709214330007
   * @example ["2024-02-29T13:45:30.250Z", 1000] -> 1709214331000
   * @example ["2024-02-29T13:45:30.250Z"] -> NaN
   */
  setMilliseconds: changed(MS, 1),
  /**
   * `(d: DateInput, s: number, ms?: number) => number`
   * Replaces the seconds, and the milliseconds when given; what overflows carries. The result is epoch milliseconds;
   * without a value, and of an invalid date, NaN.
   * @example ["2024-02-29T13:45:30.250Z", 5, 0] -> 1709214305000
   * @example ["2024-02-29T13:45:30.250Z", 5] -> 1709214305250
   */
  setSeconds: changed(SECOND, 2),
  /**
   * `(d: DateInput, min: number, s?: number, ms?: number) => number`
   * Replaces the minutes and what is given behind them. Omitted or undefined parts are kept, null counts as 0. The
   * result is epoch milliseconds; without a value, and of an invalid date, NaN.
   * @example ["2024-02-29T13:45:30.250Z", 5, 0, 0] -> 1709211900000
   * @example ["2024-02-29T13:45:30.250Z", 5, undefined, null] -> 1709211930000
   */
  setMinutes: changed(MINUTE, 3),
  /**
   * `(d: DateInput, h: number, min?: number, s?: number, ms?: number) => number`
   * Replaces the hours and what is given behind them, as setMinutes does. The result is epoch milliseconds; without a
   * value, and of an invalid date, NaN.
   * @example ["2024-02-29T13:45:30.250Z", 5, 0, 0, 0] -> 1709182800000
   * @example ["2024-02-29T13:45:30.250Z", 24] -> 1709253930250
   */
  setHours: changed(HOUR, 4),
  /**
   * `(d: DateInput, day: number) => number`
   * Replaces the day; 0 is the last one of the month before, and what overflows carries. The result is epoch
   * milliseconds; without a value, and of an invalid date, NaN.
   * @example ["2024-02-29T13:45:30.250Z", 1] -> 1706795130250
   * @example ["2024-02-29T13:45:30.250Z", 0] -> 1706708730250
   */
  setDate: changed(DAY, 1),
  /**
   * `(d: DateInput, month0: number, day?: number) => number`
   * Replaces the month, counted from 0, and the day when given; a day that the month lacks overflows. The result is
   * epoch milliseconds; without a value, and of an invalid date, NaN.
   * @example ["2024-02-29T13:45:30.250Z", 0, 15] -> 1705326330250
   * @example ["2024-01-31", 1] -> 1709337600000
   */
  setMonth: changed(MONTH, 2),
  /**
   * `(d: DateInput, year: number, month0?: number, day?: number) => number`
   * Replaces the year and what is given behind it; a day that the month lacks overflows. The result is epoch
   * milliseconds; without a value, and of an invalid date, NaN.
   * @example ["2024-02-29T13:45:30.250Z", 2023, 5, 1] -> 1685627130250
   * @example ["2024-02-29T13:45:30.250Z", 2023] -> 1677678330250
   */
  setFullYear: changed(YEAR, 3),
  /**
   * `(d: DateInput, ms: number) => number`
   * The same as setMilliseconds.
   * @example ["2024-02-29T13:45:30.250Z", 7] -> 1709214330007
   * @example ["2024-02-29T13:45:30.250Z", 1000] -> 1709214331000
   * @example ["2024-02-29T13:45:30.250Z"] -> NaN
   */
  setUTCMilliseconds: changed(MS, 1),
  /**
   * `(d: DateInput, s: number, ms?: number) => number`
   * The same as setSeconds.
   * @example ["2024-02-29T13:45:30.250Z", 5, 0] -> 1709214305000
   * @example ["2024-02-29T13:45:30.250Z", 5] -> 1709214305250
   */
  setUTCSeconds: changed(SECOND, 2),
  /**
   * `(d: DateInput, min: number, s?: number, ms?: number) => number`
   * The same as setMinutes.
   * @example ["2024-02-29T13:45:30.250Z", 5, 0, 0] -> 1709211900000
   * @example ["2024-02-29T13:45:30.250Z", 5, undefined, null] -> 1709211930000
   */
  setUTCMinutes: changed(MINUTE, 3),
  /**
   * `(d: DateInput, h: number, min?: number, s?: number, ms?: number) => number`
   * The same as setHours.
   * @example ["2024-02-29T13:45:30.250Z", 5, 0, 0, 0] -> 1709182800000
   * @example ["2024-02-29T13:45:30.250Z", 24] -> 1709253930250
   */
  setUTCHours: changed(HOUR, 4),
  /**
   * `(d: DateInput, day: number) => number`
   * The same as setDate.
   * @example ["2024-02-29T13:45:30.250Z", 1] -> 1706795130250
   * @example ["2024-02-29T13:45:30.250Z", 0] -> 1706708730250
   */
  setUTCDate: changed(DAY, 1),
  /**
   * `(d: DateInput, month0: number, day?: number) => number`
   * The same as setMonth.
   * @example ["2024-02-29T13:45:30.250Z", 0, 15] -> 1705326330250
   * @example ["2024-01-31", 1] -> 1709337600000
   */
  setUTCMonth: changed(MONTH, 2),
  /**
   * `(d: DateInput, year: number, month0?: number, day?: number) => number`
   * The same as setFullYear.
   * @example ["2024-02-29T13:45:30.250Z", 2023, 5, 1] -> 1685627130250
   * @example ["2024-02-29T13:45:30.250Z", 2023] -> 1677678330250
   */
  setUTCFullYear: changed(YEAR, 3),
  /**
   * `(d: DateInput, ms: number) => number`
   * Replaces the instant. The result is epoch milliseconds; without a value, and of an invalid date, NaN.
   * @example ["2024-02-29T13:45:30.250Z", 0] -> 0
   * @example ["2024-02-29T13:45:30.250Z"] -> NaN
   */
  setTime: ([d, ms]) => {
    const date = dateOf(d);
    return Number.isNaN(date.getTime()) ? Number.NaN : date.setTime(numberOf(ms));
  },
};

/** Replaces up to `count` parts, from `place` on. */
function changed(place: number, count: number): MappingFunction {
  return ([d, ...values]) => {
    const date = dateOf(d);
    if (Number.isNaN(date.getTime())) return Number.NaN;
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = partsOf(date).map((part, at) => {
      const index = at - place;
      if (index < 0 || index >= count) return part;
      return index === 0 ? numberOf(values[0]) : numberOr(values[index], part);
    });
    const made = dateAt(0);
    made.setUTCFullYear(year, month, day);
    return made.setUTCHours(hour, minute, second, ms);
  };
}

function partsOf(date: Date): number[] {
  const day = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  return [...day, date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds()];
}
