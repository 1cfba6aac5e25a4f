import { dateOf } from "./date-input.js";
import type { Namespace } from "./mapping-function.js";

/**
 * Parts of a date, all in UTC: the names with and without `UTC` are the same. An invalid date gives NaN, an input that
 * is no DateInput throws.
 */
export const dateGetters: Namespace = {
  /**
   * `(d: DateInput) => number`
   * The day of the month, 1-31, in UTC. Of an invalid date NaN; what is no DateInput throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> 29
   * @example ["2024-02-30"] -> NaN
   */
  getDate: ([d]) => dateOf(d).getUTCDate(),
  /**
   * `(d: DateInput) => number`
   * The weekday, 0-6 from Sunday, in UTC. Of an invalid date NaN; what is no DateInput throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> 4
   * @example ["2024-02"] -> 4
   */
  getDay: ([d]) => dateOf(d).getUTCDay(),
  /**
   * `(d: DateInput) => number`
   * The year, in UTC. Of an invalid date NaN; what is no DateInput throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> 2024
   * @example ["-000001-06-01"] -> -1
   */
  getFullYear: ([d]) => dateOf(d).getUTCFullYear(),
  /**
   * `(d: DateInput) => number`
   * The hour, 0-23, in UTC. Of an invalid date NaN; what is no DateInput throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> 13
   * @example ["2024-02-29T23:00:00-05:00"] -> 4
   */
  getHours: ([d]) => dateOf(d).getUTCHours(),
  /**
   * `(d: DateInput) => number`
   * The milliseconds, 0-999, in UTC. Of an invalid date NaN; what is no DateInput throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> 250
   * @example [-1] -> 999
   */
  getMilliseconds: ([d]) => dateOf(d).getUTCMilliseconds(),
  /**
   * `(d: DateInput) => number`
   * The minutes, 0-59, in UTC. Of an invalid date NaN; what is no DateInput throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> 45
   * @example ["2024-02-29"] -> 0
   */
  getMinutes: ([d]) => dateOf(d).getUTCMinutes(),
  /**
   * `(d: DateInput) => number`
   * The month, 0-11, in UTC. Of an invalid date NaN; what is no DateInput throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> 1
   * @example ["2024-13-01"] -> NaN
   */
  getMonth: ([d]) => dateOf(d).getUTCMonth(),
  /**
   * `(d: DateInput) => number`
   * The seconds, 0-59, in UTC. Of an invalid date NaN; what is no DateInput throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> 30
   * @example [null] -> throws
   */
  getSeconds: ([d]) => dateOf(d).getUTCSeconds(),
  /**
   * `(d: DateInput) => number`
   * The same as getDate.
   * @example ["2024-02-29T13:45:30.250Z"] -> 29
   * @example ["2024-02-30"] -> NaN
   */
  getUTCDate: ([d]) => dateOf(d).getUTCDate(),
  /**
   * `(d: DateInput) => number`
   * The same as getDay.
   * @example ["2024-02-29T13:45:30.250Z"] -> 4
   * @example ["2024-02"] -> 4
   */
  getUTCDay: ([d]) => dateOf(d).getUTCDay(),
  /**
   * `(d: DateInput) => number`
   * The same as getFullYear.
   * @example ["2024-02-29T13:45:30.250Z"] -> 2024
   * @example ["-000001-06-01"] -> -1
   */
  getUTCFullYear: ([d]) => dateOf(d).getUTCFullYear(),
  /**
   * `(d: DateInput) => number`
   * The same as getHours.
   * @example ["2024-02-29T13:45:30.250Z"] -> 13
   * @example ["2024-02-29T23:00:00-05:00"] -> 4
   */
  getUTCHours: ([d]) => dateOf(d).getUTCHours(),
  /**
   * `(d: DateInput) => number`
   * The same as getMilliseconds.
   * @example ["2024-02-29T13:45:30.250Z"] -> 250
   * @example [-1] -> 999
   */
  getUTCMilliseconds: ([d]) => dateOf(d).getUTCMilliseconds(),
  /**
   * `(d: DateInput) => number`
   * The same as getMinutes.
   * @example ["2024-02-29T13:45:30.250Z"] -> 45
   * @example ["2024-02-29"] -> 0
   */
  getUTCMinutes: ([d]) => dateOf(d).getUTCMinutes(),
  /**
   * `(d: DateInput) => number`
   * The same as getMonth.
   * @example ["2024-02-29T13:45:30.250Z"] -> 1
   * @example ["2024-13-01"] -> NaN
   */
  getUTCMonth: ([d]) => dateOf(d).getUTCMonth(),
  /**
   * `(d: DateInput) => number`
   * The same as getSeconds.
   * @example ["2024-02-29T13:45:30.250Z"] -> 30
   * @example [null] -> throws
   */
  getUTCSeconds: ([d]) => dateOf(d).getUTCSeconds(),
  /**
   * `(d: DateInput) => number`
   * The epoch milliseconds, the usual way to do arithmetic. Of an invalid date NaN; what is no DateInput throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> 1709214330250
   * @example ["2024-02-29T13:45"] -> 1709214300000
   * @example ["tomorrow"] -> throws
   */
  getTime: ([d]) => dateOf(d).getTime(),
  /**
   * `(d: DateInput) => number`
   * The same as getTime.
   * @example ["2024-02-29T13:45:30.250Z"] -> 1709214330250
   * @example ["1709214330250"] -> 1709214330250
   */
  valueOf: ([d]: readonly unknown[]) => dateOf(d).getTime(),
  /**
   * `(d: DateInput) => number`
   * Always 0, as everything is UTC; of an invalid date NaN.
   * @example ["2024-02-29T13:45:30.250Z"] -> 0
   * @example ["2024-13-01"] -> NaN
   */
  getTimezoneOffset: ([d]) => (Number.isNaN(dateOf(d).getTime()) ? Number.NaN : 0),
};
