import { type CronSchedule, cronSchedule } from "./cron-schedule.js";
import { dateAt } from "./date-input.js";
import type { Namespace } from "./mapping-function.js";

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const SHORTEST_DELAY = 5;
// 29 February is at most eight years away (1896 to 1904); what matches nothing in nine years matches nothing ever.
const DAYS_MAX = 9 * 366;

/** Schedules in cron notation, in UTC. */
export const cronFunctions: Namespace = {
  /**
   * `(schedule: text) => number`
   * Whole seconds to the next match, in UTC, rounded and never below 5. Five fields, or six with the seconds first, or
   * `@hourly` and its like; lists, ranges, steps, names, `L` for the last day of the month. When day and weekday are
   * both restricted either may match. What is no text gives -1; bad text, an impossible schedule and one of more than
   * 1,000 units throw.
   * @example ["0 12 * * *"] -> 6750
   * @example ["15 * * * * *"] -> 45
   * @example [null] -> -1
   * @example ["0 0 30 2 *"] -> throws
   */
  nextDelay: ([expression], context) => {
    if (typeof expression !== "string") return -1;
    return Math.max(SHORTEST_DELAY, Math.round((nextTick(expression, context.now) - context.now) / SECOND_MS));
  },
};

/** When a schedule comes next after `now`, both in epoch ms. Throws for bad text and for what never comes. */
export function nextTick(expression: string, now: number): number {
  const next = nextMatch(cronSchedule(expression), now);
  if (next === null) throw new RangeError(`the schedule "${expression}" never comes`);
  return next;
}

/** The first instant after `now`, in epoch ms. */
function nextMatch(schedule: CronSchedule, now: number): number | null {
  const earliest = (Math.floor(now / SECOND_MS) + 1) * SECOND_MS;
  const today = Math.floor(earliest / DAY_MS) * DAY_MS;
  for (let days = 0; days <= DAYS_MAX; days++) {
    const midnight = today + days * DAY_MS;
    if (!isOnDay(schedule, dateAt(midnight))) continue;
    const second = firstSecond(schedule, days === 0 ? (earliest - midnight) / SECOND_MS : 0);
    if (second !== null) return midnight + second * SECOND_MS;
  }
  return null;
}

function isOnDay(schedule: CronSchedule, date: Date): boolean {
  if (!schedule.months.has(date.getUTCMonth() + 1)) return false;
  const isLast = dateAt(date.getTime() + DAY_MS).getUTCDate() === 1;
  const isDay = schedule.days.has(date.getUTCDate()) || (schedule.isLastDay && isLast);
  const isWeekday = schedule.weekdays.has(date.getUTCDay());
  // As in every cron: when both are restricted, either may match.
  if (schedule.isDayRestricted && schedule.isWeekdayRestricted) return isDay || isWeekday;
  return isDay && isWeekday;
}

/** The first second of a day, from `from` on, at which the schedule comes. */
function firstSecond({ hours, minutes, seconds }: CronSchedule, from: number): number | null {
  for (let hour = Math.floor(from / 3_600); hour < 24; hour++) {
    if (!hours.has(hour)) continue;
    for (let minute = 0; minute < 60; minute++) {
      const start = hour * 3_600 + minute * 60;
      if (!minutes.has(minute) || start + 60 <= from) continue;
      for (let second = 0; second < 60; second++)
        if (seconds.has(second) && start + second >= from) return start + second;
    }
  }
  return null;
}
