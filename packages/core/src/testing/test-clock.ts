import { after, type Instant, instant } from "../brand.js";
import type { Cancel, Clock } from "../ports/clock.js";

interface Sleeper {
  readonly until: Instant;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  #now: Instant;
  #sleepers: readonly Sleeper[] = [];

  constructor(start: Instant = instant(1_800_000_000_000)) {
    this.#now = start;
  }

  now(): Instant {
    return this.#now;
  }

  /** How many callers sleep. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** When the next sleeper is due: null when nobody sleeps. */
  get nextDueAt(): Instant | null {
    return this.#sleepers[0]?.until ?? null;
  }

  /** Moves time forward; sleepers that are due wake in due order. */
  advance(ms: number): void {
    this.set(after(this.#now, ms));
  }

  /** Sets the time, also backwards: clocks do jump. Nobody wakes early. */
  set(now: Instant): void {
    this.#now = now;
    const due = this.#sleepers.filter((sleeper) => sleeper.until <= now);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.until > now);
    for (const sleeper of due) sleeper.wake();
  }

  sleep(until: Instant, cancel?: Cancel): Promise<void> {
    if (until <= this.#now || cancel?.cancelled === true) return Promise.resolve();
    return new Promise((resolve) => {
      let takeBack = (): void => {};
      const sleeper: Sleeper = {
        until,
        wake: () => {
          takeBack();
          resolve();
        },
      };
      // A stable sort: of two sleepers due at one instant the first to lie down wakes first.
      this.#sleepers = [...this.#sleepers, sleeper].sort((a, b) => a.until - b.until);
      if (cancel === undefined) return;
      takeBack = cancel.onCancel(() => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });
  }
}
