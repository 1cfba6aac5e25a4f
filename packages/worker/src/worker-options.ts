import type { Clock, Logger, RetryPolicy, Settled, Settlement, Stream, Sub } from "@hotmesh/core";
import type { WorkerEntry } from "./pick-callback.js";

export interface WorkerOptions {
  readonly topic: string;
  readonly entries: readonly WorkerEntry[];
  readonly stream: Pick<Stream, "claim" | "extend" | "settle">;
  readonly sub: Pick<Sub, "subscribe" | "onGap">;
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
  readonly random?: () => number;
  readonly logger?: Logger;
}
