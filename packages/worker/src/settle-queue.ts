import {
  after,
  backoffMs,
  HotMeshError,
  type Instant,
  type Settled,
  type Settlement,
  type Stream,
} from "@hotmesh/core";

interface Waiting {
  readonly settlement: Settlement;
  readonly resolve: (settled: Settled) => void;
  readonly reject: (error: unknown) => void;
}

/** Gathers the outcomes of callbacks and stores all that came since the last flush in one call. */
export class SettleQueue {
  readonly #stream: Pick<Stream, "settle">;
  readonly #random: () => number;
  #waiting: Waiting[] = [];
  #failures = 0;
  #notBefore: Instant | null = null;

  constructor(stream: Pick<Stream, "settle">, random: () => number) {
    this.#stream = stream;
    this.#random = random;
  }

  /** Resolves once stored. Rejects when it can never be stored; while the storage fails it is tried again. */
  add(settlement: Settlement): Promise<Settled> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ settlement, resolve, reject });
    });
  }

  /** When a flush has something to do: an instant after a failure, `now` otherwise; null: nothing waits. */
  nextAt(now: Instant): Instant | null {
    if (this.#waiting.length === 0) return null;
    return this.#notBefore !== null && this.#notBefore > now ? this.#notBefore : now;
  }

  async flush(now: Instant): Promise<void> {
    const dueAt = this.nextAt(now);
    if (dueAt === null || dueAt > now) return;
    const batch = this.#waiting;
    this.#waiting = [];
    await this.#store(batch, now);
  }

  async #store(batch: readonly Waiting[], now: Instant): Promise<void> {
    try {
      const settled = await this.#stream.settle(batch.map((waiting) => waiting.settlement));
      this.#failures = 0;
      this.#notBefore = null;
      batch.forEach((waiting, position) => {
        waiting.resolve(settled[position] ?? "lease-lost");
      });
    } catch (error) {
      await this.#failed(batch, now, error);
    }
  }

  async #failed(batch: readonly Waiting[], now: Instant, error: unknown): Promise<void> {
    const [only] = batch;
    if (HotMeshError.is(error) && error.retryable) {
      this.#failures += 1;
      this.#notBefore = after(now, backoffMs(this.#failures, this.#random));
      this.#waiting = [...batch, ...this.#waiting];
    } else if (batch.length === 1) {
      only?.reject(error);
    } else {
      // One of them cannot be stored. Each by itself, so that it does not take its neighbours with it.
      for (const waiting of batch) await this.#store([waiting], now);
    }
  }
}
