import { monthNamed, weekdayNamed } from "./date-text.js";
import { SCHEDULE_MAX } from "./limits.js";

/** A cron expression as the values that each field may have. */
export interface CronSchedule {
  readonly seconds: ReadonlySet<number>;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  /** `L`: the last day of the month, beside `days`. */
  readonly isLastDay: boolean;
  readonly isDayRestricted: boolean;
  /** From 1. */
  readonly months: ReadonlySet<number>;
  /** Sunday 0. */
  readonly weekdays: ReadonlySet<number>;
  readonly isWeekdayRestricted: boolean;
}

const NAMED = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
]);

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly named?: (name: string) => number;
}

const SECOND: Field = { name: "second", first: 0, last: 59 };
const MINUTE: Field = { name: "minute", first: 0, last: 59 };
const HOUR: Field = { name: "hour", first: 0, last: 23 };
const DAY: Field = { name: "day of month", first: 1, last: 31 };
const MONTH: Field = { name: "month", first: 1, last: 12, named: (name) => monthNamed(name) + 1 };
// 7 is Sunday too, so that MON-SUN and 5-7 are ranges.
const WEEKDAY: Field = { name: "weekday", first: 0, last: 7, named: weekdayNamed };

/** Reads five fields, or six with the seconds first; bad text throws. Outer blanks are ignored. */
export function cronSchedule(expression: string): CronSchedule {
  if (expression.length > SCHEDULE_MAX) throw new RangeError(`a schedule is limited to ${SCHEDULE_MAX} UTF-16 units`);
  const text = expression.trim();
  const fields = (NAMED.get(text.toLowerCase()) ?? text).split(/\s+/);
  const six = fields.length === 5 ? ["0", ...fields] : fields;
  if (six.length !== 6) throw new SyntaxError(`a schedule has five or six fields, "${text}" has ${fields.length}`);
  const [second = "", minute = "", hour = "", day = "", month = "", weekday = ""] = six;
  const dayItems = day.split(",");
  const isLastDay = dayItems.some(isLast);
  const days = valuesOf(
    dayItems.filter((item) => !isLast(item)),
    DAY,
  );
  const weekdays = new Set([...valuesOf(weekday.split(","), WEEKDAY)].map((value) => value % 7));
  return {
    seconds: valuesOf(second.split(","), SECOND),
    minutes: valuesOf(minute.split(","), MINUTE),
    hours: valuesOf(hour.split(","), HOUR),
    days,
    isLastDay,
    isDayRestricted: days.size < 31,
    months: valuesOf(month.split(","), MONTH),
    weekdays,
    isWeekdayRestricted: weekdays.size < 7,
  };
}

function isLast(item: string): boolean {
  return item === "L" || item === "l";
}

function valuesOf(items: readonly string[], field: Field): Set<number> {
  return new Set(items.flatMap((item) => itemValues(item, field)));
}

/** `*`, `a`, `a-b`, each with an optional `/step`; `a/step` runs to the end of the field. */
function itemValues(item: string, field: Field): number[] {
  const [, range = "", step = ""] = /^([^/]+)(?:\/(\d+))?$/.exec(item) ?? [];
  const [from, to] = bounds(range, step !== "", field);
  const stride = step === "" ? 1 : Number(step);
  if (from === null || to === null || from > to || stride < 1) {
    throw new SyntaxError(`"${item}" is no ${field.name} of a schedule`);
  }
  return Array.from({ length: Math.floor((to - from) / stride) + 1 }, (_, index) => from + index * stride);
}

function bounds(range: string, isStepped: boolean, field: Field): readonly [number | null, number | null] {
  const last = field === WEEKDAY ? 6 : field.last;
  if (range === "*" || (range === "?" && (field === DAY || field === WEEKDAY))) return [field.first, last];
  const [from = "", to, ...rest] = range.split("-");
  if (rest.length > 0) return [null, null];
  const start = unitOf(from, field);
  if (to === undefined) return [start, isStepped ? last : start];
  const end = unitOf(to, field);
  return [start, field === WEEKDAY && end === 0 && start !== 0 ? 7 : end];
}

function unitOf(text: string, field: Field): number | null {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : /^[A-Za-z]{3}$/.test(text) ? (field.named?.(text) ?? -1) : -1;
  return value >= field.first && value <= field.last ? value : null;
}
