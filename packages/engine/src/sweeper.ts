import { after, type Instant, type Logger, type Store } from "@hotmesh/core";

export interface SweeperOptions {
  readonly store: Pick<Store, "sweep">;
  readonly now: Instant;
  readonly random: () => number;
  readonly logger: Logger;
}

const batch = 200;
const intervalMs = 60_000;
const backlogIntervalMs = 250;

/** Deletes expired jobs in small batches, at least once a minute; the engines of a mesh do it at different times. */
export class Sweeper {
  readonly #options: SweeperOptions;
  nextAt: Instant;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.nextAt = this.#inAMinute(options.now);
  }

  async tick(now: Instant): Promise<void> {
    if (now < this.nextAt) return;
    this.nextAt = this.#inAMinute(now);
    try {
      const deleted = await this.#options.store.sweep(batch);
      if (deleted >= batch) this.nextAt = after(now, backlogIntervalMs);
    } catch (error) {
      this.#options.logger.error("engine-sweep-failed", { error });
    }
  }

  #inAMinute(now: Instant): Instant {
    return after(now, Math.round(intervalMs * (0.5 + this.#options.random() / 2)));
  }
}
