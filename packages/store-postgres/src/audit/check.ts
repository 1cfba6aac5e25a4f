/**
 * `broken`: the stored state contradicts itself, which no engine does. `attention`: it does not, but it will not get
 * better by itself. `information`: what may be good to know.
 */
export type Severity = "broken" | "attention" | "information";

/** One thing an audit looks for. */
export interface Check {
  readonly name: string;
  readonly severity: Severity;
  /** What a finding means, as a sentence. */
  readonly meaning: string;
  /**
   * A query of the columns job, message and detail, with a row for each finding. It may use the queries of
   * `stored-state.ts` by their names, `$1` for the time, and the names that migrations are filled with.
   */
  readonly sql: string;
}

/** Waits that last for so long are nobody's turn any more: milliseconds. */
export const patienceMs = {
  /** Engines sweep once a minute, and in portions. */
  sweep: 600_000,
  /** Engines claim what is due within seconds. */
  engine: 300_000,
  /** So long a lease may be over before somebody takes the message. */
  lease: 300_000,
  /** So long work may be due on a topic that nobody serves. */
  worker: 60_000,
  /** A lease that ends later than this from now. */
  longestLease: 86_400_000,
} as const;
