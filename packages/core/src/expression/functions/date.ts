import { isNullish, numberOf, numberOr } from "./conversion.js";
import { dateGetters } from "./date-getters.js";
import { dateAt, dateOf } from "./date-input.js";
import { localeText } from "./date-locale.js";
import { parsedInstant } from "./date-parse.js";
import { dateSetters } from "./date-setters.js";
import { utcDayText, utcLongText } from "./date-text.js";
import type { Namespace } from "./mapping-function.js";

/** Dates: every function works in UTC, whatever the zone of the process. `d` is a DateInput (see `dateOf`). */
export const dateFunctions: Namespace = {
  ...dateGetters,
  ...dateSetters,
  /**
   * `(d: DateInput) => Date`
   * A Date. A text that is well formed and names no day gives an invalid one; what is no DateInput throws, null and
   * undefined included.
   * @example ["2024-02-29T13:45:30.250Z"] -> Date(2024-02-29T13:45:30.250Z)
   * @example ["2024-02-30"] -> Date(invalid)
   * @example [null] -> throws
   */
  fromISOString: ([d]) => dateOf(d),
  /**
   * `() => number`
   * The epoch milliseconds of the step; inputs are ignored.
   * @example [] -> 1714558050000
   */
  now: (_, context) => context.now,
  /**
   * `() => text`
   * The UTC day of the step; inputs are ignored.
   * @example [] -> "2024-05-01"
   */
  yyyymmdd: (_, context) => dateAt(context.now).toISOString().slice(0, -"T00:00:00.000Z".length),
  /**
   * `(text: any) => number`
   * The epoch milliseconds of a text in an ISO form or in that of mail and HTTP. The input becomes text first; anything
   * else is NaN, and nothing throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> 1709214330250
   * @example ["Thu, 29 Feb 2024 13:45:30 GMT"] -> 1709214330000
   * @example ["yesterday"] -> NaN
   */
  parse: ([text]) => parsedInstant(text),
  /**
   * `(year: number, month0: number = 0, day: number = 1, h: number = 0, min: number = 0, s: number = 0, ms: number = 0)
   * => number`
   * The epoch milliseconds of parts in UTC. Years 0-99 mean 1900-1999, null is 0, parts out of their range carry;
   * without a year NaN.
   * @example [2024, 1, 29, 13, 45, 30, 250] -> 1709214330250
   * @example [99, 11, 31] -> 946598400000
   * @example [] -> NaN
   */
  UTC: ([year, month, day, hour, minute, second, ms]) =>
    Date.UTC(
      numberOf(year),
      numberOr(month, 0),
      numberOr(day, 1),
      numberOr(hour, 0),
      numberOr(minute, 0),
      numberOr(second, 0),
      numberOr(ms, 0),
    ),
  /**
   * `(d: DateInput) => text`
   * The English text of the day, in UTC; of an invalid date `Invalid Date`.
   * @example ["2024-02-29T13:45:30.250Z"] -> "Thu Feb 29 2024"
   * @example ["2024-13-01"] -> "Invalid Date"
   */
  toDateString: ([d]) => utcDayText(dateOf(d)),
  /**
   * `(d: DateInput) => text`
   * ISO 8601 in UTC with milliseconds; an invalid date throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> "2024-02-29T13:45:30.250Z"
   * @example ["2024-02-29T13:45-05:00"] -> "2024-02-29T18:45:00.000Z"
   * @example ["2024-13-01"] -> throws
   */
  toISOString: ([d]) => dateOf(d).toISOString(),
  /**
   * `(d?: DateInput) => text`
   * ISO 8601 in UTC without dashes, colons, T and Z. Nullish and blank input means the instant of the step; a year
   * outside 0000-9999 keeps its sign; an invalid date throws.
   * @example ["2024-02-29T13:45:30.250Z"] -> "20240229134530.250"
   * @example [] -> "20240501100730.000"
   * @example [0] -> "19700101000000.000"
   */
  toISOXString: ([d], context) => compactText(isNullish(d) || d === "" ? dateAt(context.now) : dateOf(d)),
  /**
   * `(d: DateInput) => text | null`
   * ISO 8601 in UTC with milliseconds; of an invalid date null.
   * @example ["2024-02-29T13:45:30.250Z"] -> "2024-02-29T13:45:30.250Z"
   * @example ["2024-13-01"] -> null
   */
  toJSON: ([d]) => dateOf(d).toJSON(),
  /**
   * `(d: DateInput, locale: text | list = "en-US", options?: object) => text`
   * The day for a locale. The zone is UTC unless the options name one; it is a name, not an offset. A clock of 24 hours
   * calls midnight 00:00, also with the hour cycle `h24`. Ordinary blanks only. A bad tag throws; of an invalid date
   * `Invalid Date`.
   * @example ["2024-02-29T13:45:30.250Z"] -> "2/29/2024"
   * @example ["2024-02-29T13:45:30.250Z", "en-GB"] -> "29/02/2024"
   * @example ["2024-02-29T13:45:30.250Z", null] -> throws
   */
  toLocaleDateString: localeText("toLocaleDateString"),
  /**
   * `(d: DateInput, locale: text | list = "en-US", options?: object) => text`
   * Day and time for a locale, by the rules of toLocaleDateString.
   * @example ["2024-02-29T13:45:30.250Z"] -> "2/29/2024, 1:45:30 PM"
   * @example ["2024-02-29T13:45:30.250Z", "en-US", {"timeZone": "Asia/Kolkata"}] -> "2/29/2024, 7:15:30 PM"
   * @example ["2024-13-01"] -> "Invalid Date"
   */
  toLocaleString: localeText("toLocaleString"),
  /**
   * `(d: DateInput, locale: text | list = "en-US", options?: object) => text`
   * The time for a locale, by the rules of toLocaleDateString.
   * @example ["2024-02-29T13:45:30.250Z"] -> "1:45:30 PM"
   * @example ["2024-02-29", "en-US", {"hour12": false}] -> "00:00:00"
   * @example ["2024-02-29T13:45:30.250Z", "en-US", {"timeZone": "+05:30"}] -> throws
   */
  toLocaleTimeString: localeText("toLocaleTimeString"),
  /**
   * `(d: DateInput) => text`
   * The long form of JavaScript, in UTC; of an invalid date `Invalid Date`.
   * @example ["2024-02-29T13:45:30.250Z"] -> "Thu Feb 29 2024 13:45:30 GMT+0000 (Coordinated Universal Time)"
   * @example ["2024-13-01"] -> "Invalid Date"
   */
  toString: ([d]: readonly unknown[]) => utcLongText(dateOf(d)),
};

function compactText(date: Date): string {
  const iso = date.toISOString();
  const sign = /^[+-]/.exec(iso)?.[0] ?? "";
  return sign + iso.slice(sign.length).replace(/[-:TZ]/g, "");
}
