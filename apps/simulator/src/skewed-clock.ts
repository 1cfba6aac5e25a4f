import { after, type Cancel, type Clock, type Instant } from "@hotmesh/core";

/** The clock of one process: it runs with the true one, but is wrong by an offset that may change at any time. */
export class SkewedClock implements Clock {
  offsetMs: number;
  readonly #base: Clock;

  constructor(base: Clock, offsetMs: number) {
    this.#base = base;
    this.offsetMs = offsetMs;
  }

  now(): Instant {
    return after(this.#base.now(), this.offsetMs);
  }

  sleep(until: Instant, cancel?: Cancel): Promise<void> {
    return this.#base.sleep(this.trueTime(until), cancel);
  }

  /** When the true clock will show what this one calls `at`. */
  trueTime(at: Instant): Instant {
    return after(at, -this.offsetMs);
  }
}
