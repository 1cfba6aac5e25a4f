import { type Instant, instant } from "../brand.js";

const dayMs = 86_400_000;

/** The day that was written last: one process writes times of the same day again and again. */
let written = { day: 0, text: "19700101" };

/** `YYYYMMDDhhmmss.mmm`, UTC: the form of every time in metadata. */
export function timeText(at: Instant): string {
  const day = Math.floor(at / dayMs);
  if (day !== written.day) written = { day, text: dayText(day) };
  const ms = Math.trunc(at - day * dayMs);
  const clock =
    Math.floor(ms / 3_600_000) * 10_000 + (Math.floor(ms / 60_000) % 60) * 100 + (Math.floor(ms / 1_000) % 60);
  // By arithmetic, because every pass writes its times: 0.1 µs instead of 2.5 µs for an ISO text that is cut.
  return `${written.text}${String(1_000_000 + clock).slice(1)}.${String(1_000 + (ms % 1_000)).slice(1)}`;
}

/** `YYYYMMDD`; what is no time throws, as it does everywhere. */
function dayText(day: number): string {
  const [date = ""] = new Date(day * dayMs).toISOString().split("T");
  return date.replace(/-/g, "");
}

const sliceMinutes: ReadonlyMap<string, number> = new Map([
  ["5m", 5],
  ["10m", 10],
  ["15m", 15],
  ["30m", 30],
  ["1h", 60],
]);

/** `YYYYMMDDhhmm` cut to the statistics granularity; `0` for `infinity`. */
export function timeSlice(at: Instant, granularity: string): string {
  if (granularity === "infinity") return "0";
  const ms = (sliceMinutes.get(granularity) ?? 5) * 60_000;
  return timeText(instant(Math.floor(at / ms) * ms)).slice(0, 12);
}
