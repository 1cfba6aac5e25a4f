import { after, type Instant, type Lease, type LeaseToken, type Stream } from "@hotmesh/core";

export interface LeaseKeeperOptions {
  readonly stream: Pick<Stream, "extend">;
  readonly leaseMs: number;
  /** No lease is kept longer. */
  readonly capMs: number;
}

/** Leases that ended without an answer. */
export interface KeptReport {
  /** Somebody else has the message, or it is gone. */
  readonly lost: readonly Lease[];
  /** Held for the longest time allowed; not prolonged any more. */
  readonly capped: readonly Lease[];
}

interface Held {
  readonly lease: Lease;
  readonly capAt: Instant;
}

/** Prolongs the leases of running callbacks at half time, all of them in one call. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #held = new Map<LeaseToken, Held>();
  #extendAt: Instant | null = null;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  hold(lease: Lease, now: Instant): void {
    this.#held.set(lease.token, { lease, capAt: after(now, this.#options.capMs) });
    this.#extendAt ??= this.#halfTime(now);
  }

  drop(token: LeaseToken): void {
    this.#held.delete(token);
    if (this.#held.size === 0) this.#extendAt = null;
  }

  holds(token: LeaseToken): boolean {
    return this.#held.has(token);
  }

  get leases(): readonly Lease[] {
    return [...this.#held.values()].map((held) => held.lease);
  }

  /** When to call `keep` next; null: nothing is held. */
  get dueAt(): Instant | null {
    let due = this.#extendAt;
    for (const { capAt } of this.#held.values()) if (due === null || capAt < due) due = capAt;
    return due;
  }

  /** Prolongs what is due. Rejects when the storage fails; the leases are tried again soon, long before they end. */
  async keep(now: Instant): Promise<KeptReport> {
    const capped = [...this.#held.values()].filter((held) => held.capAt <= now).map((held) => held.lease);
    for (const lease of capped) this.drop(lease.token);
    if (this.#extendAt === null || now < this.#extendAt) return { lost: [], capped };
    const tokens = [...this.#held.keys()];
    this.#extendAt = after(now, Math.max(1, Math.floor(this.#options.leaseMs / 10)));
    const kept = new Set(await this.#options.stream.extend(tokens, this.#options.leaseMs));
    const lost = tokens.flatMap((token) => (kept.has(token) ? [] : (this.#held.get(token)?.lease ?? [])));
    for (const lease of lost) this.drop(lease.token);
    if (this.#held.size > 0) this.#extendAt = this.#halfTime(now);
    return { lost, capped };
  }

  #halfTime(now: Instant): Instant {
    return after(now, Math.floor(this.#options.leaseMs / 2));
  }
}
