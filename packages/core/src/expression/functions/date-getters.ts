import { dateOf } from "./date-input.js";
import type { Namespace } from "./mapping-function.js";

/**
 * Parts of a date, all in UTC: the names with and without `UTC` are the same. An invalid date gives NaN, an input that
 * is no DateInput throws.
 */
export const dateGetters: Namespace = {
  /** (d): the day of the month, 1-31. `["2024-02-29T13:45:30.250Z"] -> 29` */
  getDate: ([d]) => dateOf(d).getUTCDate(),
  /** (d): the weekday, 0-6 from Sunday. `["2024-02-29T13:45:30.250Z"] -> 4` */
  getDay: ([d]) => dateOf(d).getUTCDay(),
  /** (d): the year. `["2024-02-29T13:45:30.250Z"] -> 2024` */
  getFullYear: ([d]) => dateOf(d).getUTCFullYear(),
  /** (d): the hour, 0-23. `["2024-02-29T13:45:30.250Z"] -> 13` */
  getHours: ([d]) => dateOf(d).getUTCHours(),
  /** (d): the milliseconds, 0-999. `["2024-02-29T13:45:30.250Z"] -> 250` */
  getMilliseconds: ([d]) => dateOf(d).getUTCMilliseconds(),
  /** (d): the minutes, 0-59. `["2024-02-29T13:45:30.250Z"] -> 45` */
  getMinutes: ([d]) => dateOf(d).getUTCMinutes(),
  /** (d): the month, 0-11. `["2024-02-29T13:45:30.250Z"] -> 1` */
  getMonth: ([d]) => dateOf(d).getUTCMonth(),
  /** (d): the seconds, 0-59. `["2024-02-29T13:45:30.250Z"] -> 30` */
  getSeconds: ([d]) => dateOf(d).getUTCSeconds(),
  /** (d): the day of the month, 1-31. `["2024-02-29T13:45:30.250Z"] -> 29` */
  getUTCDate: ([d]) => dateOf(d).getUTCDate(),
  /** (d): the weekday, 0-6 from Sunday. `["2024-02-29T13:45:30.250Z"] -> 4` */
  getUTCDay: ([d]) => dateOf(d).getUTCDay(),
  /** (d): the year. `["2024-02-29T13:45:30.250Z"] -> 2024` */
  getUTCFullYear: ([d]) => dateOf(d).getUTCFullYear(),
  /** (d): the hour, 0-23. `["2024-02-29T13:45:30.250Z"] -> 13` */
  getUTCHours: ([d]) => dateOf(d).getUTCHours(),
  /** (d): the milliseconds, 0-999. `["2024-02-29T13:45:30.250Z"] -> 250` */
  getUTCMilliseconds: ([d]) => dateOf(d).getUTCMilliseconds(),
  /** (d): the minutes, 0-59. `["2024-02-29T13:45:30.250Z"] -> 45` */
  getUTCMinutes: ([d]) => dateOf(d).getUTCMinutes(),
  /** (d): the month, 0-11. `["2024-02-29T13:45:30.250Z"] -> 1` */
  getUTCMonth: ([d]) => dateOf(d).getUTCMonth(),
  /** (d): the seconds, 0-59. `["2024-02-29T13:45:30.250Z"] -> 30` */
  getUTCSeconds: ([d]) => dateOf(d).getUTCSeconds(),
  /** (d): epoch ms, the usual way to do arithmetic. `["2024-02-29T13:45:30.250Z"] -> 1709214330250` */
  getTime: ([d]) => dateOf(d).getTime(),
  /** (d): the same as getTime. `["2024-02-29T13:45:30.250Z"] -> 1709214330250` */
  valueOf: ([d]: readonly unknown[]) => dateOf(d).getTime(),
  /** (d): always 0, as everything is UTC. `["2024-02-29T13:45:30.250Z"] -> 0` */
  getTimezoneOffset: ([d]) => (Number.isNaN(dateOf(d).getTime()) ? Number.NaN : 0),
};
