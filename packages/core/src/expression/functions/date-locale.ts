import { described } from "./conversion.js";
import { dateOf } from "./date-input.js";
import { LOCALES_MAX } from "./limits.js";
import type { MappingFunction } from "./mapping-function.js";
import { isKeyed, isList } from "./own.js";

type Method = "toLocaleDateString" | "toLocaleString" | "toLocaleTimeString";

/** (d, locale?, options?) as one of the three locale methods of Date, with `en-US` and UTC as its defaults. */
export function localeText(method: Method): MappingFunction {
  return ([d, locale, options]) => {
    const text = dateOf(d)[method](localesOf(locale), formatOf(options));
    // Newer locale data puts narrow no-break spaces where older data had blanks.
    return text.replace(/[\u00a0\u2009\u202f]/g, " ");
  };
}

// The last resort is always en-US: otherwise an unknown tag would fall back to the locale of the process.
function localesOf(locale: unknown): string[] {
  if (locale === undefined) return ["en-US"];
  if (typeof locale === "string") return [locale, "en-US"];
  if (!isList(locale)) throw new TypeError(`a locale is a text or a list of texts, not ${described(locale)}`);
  if (locale.length > LOCALES_MAX) throw new RangeError(`a list of locales is limited to ${LOCALES_MAX}`);
  return [...locale.map(localeTag), "en-US"];
}

function localeTag(tag: unknown): string {
  if (typeof tag !== "string") throw new TypeError(`a locale is a text, not ${described(tag)}`);
  return tag;
}

function formatOf(options: unknown): Intl.DateTimeFormatOptions {
  if (options === undefined) return { timeZone: "UTC" };
  if (!isKeyed(options)) throw new TypeError(`the options of a locale text are an object, not ${described(options)}`);
  const own = { __proto__: null, ...options };
  if (!isFormat(own)) throw new TypeError("the options of a locale text are texts, numbers and booleans");
  const timeZone = own.timeZone ?? "UTC";
  // Some platforms know offsets and some do not.
  if (/^[+-]/.test(timeZone)) throw new RangeError("the zone of a locale text is a name, not an offset");
  return withHourCycle({ ...own, timeZone });
}

/**
 * Platforms disagree about midnight: with `hour12: false` older ones call it 24:00, and newer ones take `h11` and `h24`
 * for the cycle that is usual. Here a clock of 24 hours begins at 00:00 and one of twelve at 12:00.
 */
function withHourCycle({ hour12, hourCycle, ...format }: Intl.DateTimeFormatOptions): Intl.DateTimeFormatOptions {
  if (hour12 !== undefined) return { ...format, hourCycle: hour12 ? "h12" : "h23" };
  if (hourCycle === "h11") return { ...format, hourCycle: "h12" };
  return hourCycle === "h24" ? { ...format, hourCycle: "h23" } : { ...format, hourCycle };
}

// Which values an option accepts is checked, with a RangeError, by the formatter itself.
function isFormat(options: object): options is Intl.DateTimeFormatOptions {
  return Object.values(options).every((value) => value === undefined || !(isKeyed(value) || value === null));
}
