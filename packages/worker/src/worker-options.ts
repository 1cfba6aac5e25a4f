import type { Clock, Logger, RetryPolicy, Settled, Settlement, Stream, StreamData, Sub } from "@hotmesh/core";
import type { WorkerEntry } from "./pick-callback.js";

/** What a worker is made of. */
export interface WorkerOptions {
  /** Topic of the worker activities it serves. */
  readonly topic: string;
  /** Its callbacks: one without a name, or several with names of their own. */
  readonly entries: readonly WorkerEntry[];
  /** Where messages are claimed from, and answered. */
  readonly stream: Pick<Stream, "claim" | "extend" | "settle">;
  /** Where hints about new messages come from. */
  readonly sub: Pick<Sub, "subscribe" | "onGap">;
  /** Says when to look again, and when leases have to be extended. */
  readonly clock: Clock;
  /** Shown as the holder of the leases. */
  readonly guid: string;
  /** Most callbacks at once; 10. */
  readonly concurrency?: number;
  /** 30,000. */
  readonly leaseMs?: number;
  /** Longest time a callback may run; 1,800,000. */
  readonly capMs?: number;
  /** For messages without a policy of their own. */
  readonly policy?: RetryPolicy | null;
  /** Longest time between two looks; 5,000. */
  readonly pollMs?: number;
  /** How long `run` waits for running callbacks when it is cancelled; 5,000. */
  readonly drainMs?: number;
  /** Deliveries without an answer before a message counts as poison; 5. */
  readonly poisonThreshold?: number;
  /**
   * Takes answers to an engine of this process, whose next step decides them. Otherwise, and when it gives null because
   * that engine is throttled, they are stored.
   */
  readonly settle?: (settlement: Settlement) => Promise<Settled> | null;
  /** Never claims. */
  readonly readonly?: boolean;
  /** Runs each callback inside of something, such as a span, and gives what the callback gives; `run` as it is. */
  readonly around?: (execution: Execution, run: () => Promise<unknown>) => Promise<unknown>;
  /** Spreads retries of what failed; `Math.random`. */
  readonly random?: () => number;
  /** Silent unless given. */
  readonly logger?: Logger;
}

/** One call of a callback. */
export interface Execution {
  /** What the callback receives. */
  readonly message: StreamData;
  /** The trace as the message carries it: a W3C `traceparent`, or the id of a trace; null: it carries none. */
  readonly trace: string | null;
}
