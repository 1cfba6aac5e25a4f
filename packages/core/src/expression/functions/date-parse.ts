import { textOf } from "./conversion.js";
import { instantOf, isoInstant, offsetOf } from "./date-input.js";
import { monthNamed, weekdayNamed } from "./date-text.js";

const MAIL = /^(?:([A-Za-z]{3}), )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))? (GMT|UTC|[+-]\d{4})$/;

/** Epoch ms of a date text: an ISO form, or the form of mail and HTTP; anything else is NaN. A Date is its instant. */
export function parsedInstant(input: unknown): number {
  if (input instanceof Date) return input.getTime();
  const text = textOf(input);
  return isoInstant(text) ?? mailInstant(text);
}

function mailInstant(text: string): number {
  const match = MAIL.exec(text);
  if (match === null) return Number.NaN;
  const [, weekday, day, month = "", year, hour, minute, second = "00", zone = ""] = match;
  if (weekday !== undefined && weekdayNamed(weekday) === -1) return Number.NaN;
  return instantOf({
    year: Number(year),
    month: monthNamed(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    ms: 0,
    offsetMinutes: offsetOf(zone === "GMT" || zone === "UTC" ? "Z" : zone),
  });
}
