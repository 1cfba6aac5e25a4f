import type { LeaseToken } from "@hotmesh/core";

/**
 * Who uses the slots of a worker. `running`: callbacks. `answering`: an answer that the engine of this process has, but
 * has not committed. `storing`: an outcome on its way to the storage. `reserved`: offered to a step of the engine.
 * `claiming`: asked for in a claim under way.
 */
export class Slots {
  readonly concurrency: number;
  readonly running = new Set<LeaseToken>();
  answering = 0;
  storing = 0;
  reserved = 0;
  claiming = 0;

  constructor(concurrency: number) {
    this.concurrency = concurrency;
  }

  get free(): number {
    const { running, answering, storing, reserved, claiming } = this;
    return Math.max(0, this.concurrency - running.size - answering - storing - reserved - claiming);
  }

  /** What a step that commits all answers will leave free. */
  get freeAfterAnswers(): number {
    const { running, storing, reserved, claiming } = this;
    return Math.max(0, this.concurrency - running.size - storing - reserved - claiming);
  }

  /** Runs `work` in one slot of the given use. */
  async use<T>(purpose: "answering" | "storing", work: () => Promise<T>): Promise<T> {
    this[purpose] += 1;
    try {
      return await work();
    } finally {
      this[purpose] -= 1;
    }
  }
}
