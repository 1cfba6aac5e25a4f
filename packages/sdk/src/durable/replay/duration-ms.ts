import { parseSeconds } from "@hotmesh/core";

/** A duration in milliseconds: a number is milliseconds, a text without a unit seconds. Undefined: it is none. */
export function durationMs(duration: string | number): number | undefined {
  const seconds = typeof duration === "number" ? parseSeconds(duration / 1_000) : parseSeconds(duration);
  // Tenths of seconds are no binary fractions.
  return seconds === undefined ? undefined : Math.round(seconds * 1_000_000) / 1_000;
}
