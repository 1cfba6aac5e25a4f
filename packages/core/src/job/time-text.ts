import type { Instant } from "../brand.js";

/** `YYYYMMDDhhmmss.mmm`, UTC: the form of every time in metadata. */
export function timeText(at: Instant): string {
  return new Date(at).toISOString().replace(/[-:TZ]/g, "");
}

const sliceMinutes: ReadonlyMap<string, number> = new Map([
  ["5m", 5],
  ["10m", 10],
  ["15m", 15],
  ["30m", 30],
  ["1h", 60],
]);

/** `YYYYMMDDhhmm` cut to the statistics granularity; `0` for `infinity` (language.md 8.9). */
export function timeSlice(at: Instant, granularity: string): string {
  if (granularity === "infinity") return "0";
  const ms = (sliceMinutes.get(granularity) ?? 5) * 60_000;
  return new Date(Math.floor(at / ms) * ms)
    .toISOString()
    .replace(/[-:TZ]/g, "")
    .slice(0, 12);
}
