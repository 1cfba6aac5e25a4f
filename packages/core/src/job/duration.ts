const unitSeconds: ReadonlyMap<string, number> = new Map([
  ["ms", 0.001],
  ["s", 1],
  ["m", 60],
  ["h", 3_600],
  ["d", 86_400],
  ["w", 604_800],
]);

const spelled: ReadonlyMap<string, string> = new Map(
  Object.entries({
    milliseconds: "ms",
    millisecond: "ms",
    msecs: "ms",
    sec: "s",
    secs: "s",
    second: "s",
    seconds: "s",
    min: "m",
    mins: "m",
    minute: "m",
    minutes: "m",
    hr: "h",
    hrs: "h",
    hour: "h",
    hours: "h",
    day: "d",
    days: "d",
    week: "w",
    weeks: "w",
  }),
);

/**
 * A duration in seconds: a number, or text such as `30`, `'30s'`, `'2 minutes'`, `'1.5h'`; without a unit seconds.
 * Undefined for anything else, negative durations included.
 */
export function parseSeconds(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== "string") return undefined;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value);
  if (match === null) return undefined;
  const [, amount = "", written = ""] = match;
  const word = written.toLowerCase();
  const factor = unitSeconds.get(word === "" ? "s" : (spelled.get(word) ?? word));
  const seconds = factor === undefined ? undefined : Number(amount) * factor;
  return seconds !== undefined && Number.isFinite(seconds) ? seconds : undefined;
}
