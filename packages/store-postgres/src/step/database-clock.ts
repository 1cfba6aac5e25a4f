import { after, type Instant } from "@hotmesh/core";

/** What this process knows of the database's time: the last instant it was told, plus its own monotonic clock since. */
export class DatabaseClock {
  /** Not null: the time is a test's, and every function is told it. */
  readonly override: (() => Instant) | null;
  #told: { readonly at: Instant; readonly monotonicMs: number } | null = null;

  constructor(override: (() => Instant) | null) {
    this.override = override;
  }

  /** The parameter of functions: null lets them read the server's clock. */
  parameter(): Instant | null {
    return this.override?.() ?? null;
  }

  told(at: Instant): void {
    if (this.override === null) this.#told = { at, monotonicMs: performance.now() };
  }

  /** Never ahead of the database by more than the drift of two clocks; null: nothing is known yet. */
  estimate(): Instant | null {
    if (this.override !== null) return this.override();
    if (this.#told === null) return null;
    return after(this.#told.at, Math.floor(performance.now() - this.#told.monotonicMs));
  }
}
