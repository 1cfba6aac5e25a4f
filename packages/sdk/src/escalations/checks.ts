import { HotMeshError, parseSeconds } from "@hotmesh/core";

export function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", message);
}

/** Minutes that a claim lasts; 1 unless given. */
export function claimMinutes(given: number | undefined): number {
  const minutes = given ?? 1;
  // A year, in minutes: no claim of a person outlasts it.
  if (typeof minutes === "number" && minutes > 0 && minutes <= 525_600) return minutes;
  throw invalid(`durationMinutes is ${minutes}; expected a number above 0 and at most 525600`);
}

export function count(
  name: string,
  given: number,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  if (Number.isInteger(given) && given >= from && given <= to) return given;
  throw invalid(`${name} is ${given}; expected an integer from ${from} to ${to}`);
}

/** A Date, its ISO text, or a duration back from now. */
export function horizon(given: Date | string, now: number): Date {
  const seconds = typeof given === "string" ? parseSeconds(given) : undefined;
  const date = seconds !== undefined ? new Date(now - seconds * 1_000) : new Date(given);
  if (!Number.isNaN(date.getTime())) return date;
  throw invalid(`olderThan is ${String(given)}; expected a Date, ISO text, or a duration such as '30 days'`);
}

export function distinct(ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    const known = id.toLowerCase();
    if (seen.has(known)) throw invalid(`resolveAllOrNone: duplicate id ${id}`);
    seen.add(known);
  }
}
