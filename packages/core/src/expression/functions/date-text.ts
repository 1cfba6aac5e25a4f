const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const INVALID = "Invalid Date";

/** `Thu Feb 29 2024`, in UTC whatever the zone of the process. */
export function utcDayText(date: Date): string {
  if (Number.isNaN(date.getTime())) return INVALID;
  const year = date.getUTCFullYear();
  const day = String(date.getUTCDate()).padStart(2, "0");
  const fullYear = `${year < 0 ? "-" : ""}${String(Math.abs(year)).padStart(4, "0")}`;
  return `${WEEKDAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${fullYear}`;
}

/**
 * `Thu Feb 29 2024 13:45:30 GMT+0000 (Coordinated Universal Time)`: also the text that a Date becomes in other texts.
 */
export function utcLongText(date: Date): string {
  if (Number.isNaN(date.getTime())) return INVALID;
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  const time = clock.map((part) => String(part).padStart(2, "0")).join(":");
  return `${utcDayText(date)} ${time} GMT+0000 (Coordinated Universal Time)`;
}

/** Position of an English month or weekday name (three letters, any case) or -1. */
export function monthNamed(name: string): number {
  return MONTHS.findIndex((month) => month.toLowerCase() === name.toLowerCase());
}

export function weekdayNamed(name: string): number {
  return WEEKDAYS.findIndex((weekday) => weekday.toLowerCase() === name.toLowerCase());
}
