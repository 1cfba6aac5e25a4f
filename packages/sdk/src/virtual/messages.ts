/** How the runs of a schedule follow each other. */
export type CronInterval =
  | { readonly every: "seconds"; readonly seconds: number }
  | { readonly every: "tick"; readonly expression: string };

/** The payload of a call. */
export interface CallPayload {
  readonly id: string;
  readonly topic: string;
  readonly arguments: readonly unknown[];
  /** Seconds the answer is kept. */
  readonly expire: number;
}

/** The payload of a schedule. */
export interface CronPayload {
  readonly id: string;
  readonly topic: string;
  readonly arguments: readonly unknown[];
  readonly interval: CronInterval;
  readonly maxCycles: number;
  readonly onError: "end" | "continue";
  readonly first: Turn;
}

/** One run of a schedule. */
export interface Turn {
  /** Seconds to wait before it. */
  readonly delay: number;
  /** How many came before it. */
  readonly count: number;
  /** Of a cron expression: the tick it is for, in epoch milliseconds; 0 of a duration. */
  readonly tick: number;
}
