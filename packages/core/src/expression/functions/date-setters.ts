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
  /** (d, ms): replaces the milliseconds; overflow carries. `["2024-02-29T13:45:30.250Z", 7] -> 1709214330007` */
  setMilliseconds: changed(MS, 1),
  /** (d, s, ms?): replaces the seconds, and the ms when given. `["2024-02-29T13:45:30.250Z", 5, 0] -> 1709214305000` */
  setSeconds: changed(SECOND, 2),
  /**
   * (d, min, s?, ms?): replaces the minutes and what is given behind them; null counts as 0.
   * `["2024-02-29T13:45:30.250Z", 5, 0, 0] -> 1709211900000`
   */
  setMinutes: changed(MINUTE, 3),
  /**
   * (d, h, min?, s?, ms?): replaces the hours and what is given behind them.
   * `["2024-02-29T13:45:30.250Z", 5, 0, 0, 0] -> 1709182800000`
   */
  setHours: changed(HOUR, 4),
  /**
   * (d, day): replaces the day; 0 is the last day of the month before.
   * `["2024-02-29T13:45:30.250Z", 1] -> 1706795130250`
   */
  setDate: changed(DAY, 1),
  /**
   * (d, month0, day?): replaces the month, and the day when given; a day that the month lacks overflows.
   * `["2024-02-29T13:45:30.250Z", 0, 15] -> 1705326330250`
   */
  setMonth: changed(MONTH, 2),
  /**
   * (d, year, month0?, day?): replaces the year, and what is given behind it.
   * `["2024-02-29T13:45:30.250Z", 2023, 5, 1] -> 1685627130250`
   */
  setFullYear: changed(YEAR, 3),
  /** (d, ms): replaces the milliseconds; overflow carries. `["2024-02-29T13:45:30.250Z", 7] -> 1709214330007` */
  setUTCMilliseconds: changed(MS, 1),
  /** (d, s, ms?): replaces the seconds, and the ms when given. `["2024-02-29T13:45:30.250Z", 5, 0] -> 1709214305000` */
  setUTCSeconds: changed(SECOND, 2),
  /**
   * (d, min, s?, ms?): replaces the minutes and what is given behind them; null counts as 0.
   * `["2024-02-29T13:45:30.250Z", 5, 0, 0] -> 1709211900000`
   */
  setUTCMinutes: changed(MINUTE, 3),
  /**
   * (d, h, min?, s?, ms?): replaces the hours and what is given behind them.
   * `["2024-02-29T13:45:30.250Z", 5, 0, 0, 0] -> 1709182800000`
   */
  setUTCHours: changed(HOUR, 4),
  /**
   * (d, day): replaces the day; 0 is the last day of the month before.
   * `["2024-02-29T13:45:30.250Z", 1] -> 1706795130250`
   */
  setUTCDate: changed(DAY, 1),
  /**
   * (d, month0, day?): replaces the month, and the day when given; a day that the month lacks overflows.
   * `["2024-02-29T13:45:30.250Z", 0, 15] -> 1705326330250`
   */
  setUTCMonth: changed(MONTH, 2),
  /**
   * (d, year, month0?, day?): replaces the year, and what is given behind it.
   * `["2024-02-29T13:45:30.250Z", 2023, 5, 1] -> 1685627130250`
   */
  setUTCFullYear: changed(YEAR, 3),
  /** (d, ms): replaces the instant. `["2024-02-29T13:45:30.250Z", 0] -> 0` */
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
