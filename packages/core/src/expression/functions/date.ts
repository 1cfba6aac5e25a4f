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
   * (d): a Date; what is no DateInput throws, null and undefined included.
   * `["2024-02-29"] -> Date(2024-02-29T00:00:00.000Z)`
   */
  fromISOString: ([d]) => dateOf(d),
  /** (): epoch ms of the step. `[] -> 1714558050000` at 2024-05-01T10:07:30.000Z */
  now: (_, context) => context.now,
  /** (): the UTC day of the step. `[] -> "2024-05-01"` at 2024-05-01T10:07:30.000Z */
  yyyymmdd: (_, context) => dateAt(context.now).toISOString().slice(0, -"T00:00:00.000Z".length),
  /** (text): epoch ms of an ISO or mail/HTTP text, else NaN. `["Thu, 29 Feb 2024 13:45:30 GMT"] -> 1709214330000` */
  parse: ([text]) => parsedInstant(text),
  /**
   * (y, month0?, day?, h?, min?, s?, ms?): epoch ms of UTC parts; years 0-99 mean 19xx; no year: NaN.
   * `[2024, 1, 29] -> 1709164800000`
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
  /** (d): the English day. `["2024-02-29"] -> "Thu Feb 29 2024"` */
  toDateString: ([d]) => utcDayText(dateOf(d)),
  /** (d): ISO 8601 in UTC with ms; an invalid date throws. `[0] -> "1970-01-01T00:00:00.000Z"` */
  toISOString: ([d]) => dateOf(d).toISOString(),
  /**
   * (d = now): ISO without dashes, colons, T and Z; nullish and blank mean now, 0 the epoch.
   * `[0] -> "19700101000000.000"`
   */
  toISOXString: ([d], context) => compactText(isNullish(d) || d === "" ? dateAt(context.now) : dateOf(d)),
  /** (d): as toISOString, but null for an invalid date. `[0] -> "1970-01-01T00:00:00.000Z"` */
  toJSON: ([d]) => dateOf(d).toJSON(),
  /** (d, locale = "en-US", options?): the day for a locale. `["2024-02-29"] -> "2/29/2024"` */
  toLocaleDateString: localeText("toLocaleDateString"),
  /** (d, locale = "en-US", options?): day and time for a locale. `["2024-02-29"] -> "2/29/2024, 12:00:00 AM"` */
  toLocaleString: localeText("toLocaleString"),
  /** (d, locale = "en-US", options?): the time for a locale. `["2024-02-29"] -> "12:00:00 AM"` */
  toLocaleTimeString: localeText("toLocaleTimeString"),
  /**
   * (d): JavaScript's long form, in UTC. `["2024-02-29"] -> "Thu Feb 29 2024 00:00:00 GMT+0000 (Coordinated Universal
   * Time)"`
   */
  toString: ([d]: readonly unknown[]) => utcLongText(dateOf(d)),
};

function compactText(date: Date): string {
  const iso = date.toISOString();
  const sign = /^[+-]/.exec(iso)?.[0] ?? "";
  return sign + iso.slice(sign.length).replace(/[-:TZ]/g, "");
}
