import { type Instant, instant } from "../brand.js";

/**
 * When a pump looks at the storage next. A hint that comes while a look is under way counts for the look after it, so
 * no hint is lost. The first look is due at once.
 */
export class Agenda {
  #hinted = true;
  #nextAt: Instant = instant(0);
  /** No look before this instant, whatever the hints say: the storage failed, or somebody throttles. */
  #notBefore: Instant = instant(0);

  /** There may be something to do. */
  hint(): void {
    this.#hinted = true;
  }

  /** Is it time to look? */
  isDue(now: Instant): boolean {
    return now >= this.#notBefore && (this.#hinted || now >= this.#nextAt);
  }

  /** Takes the hints that have come so far. */
  begin(): void {
    this.#hinted = false;
  }

  /** The look has ended: the next one is due at `at` unless a hint comes. */
  end(at: Instant): void {
    this.#nextAt = at;
  }

  /** Something becomes due at `at`; an earlier look stays. */
  sooner(at: Instant): void {
    if (at < this.#nextAt) this.#nextAt = at;
  }

  /** The look failed: it is due again at `at`, not before. */
  hold(at: Instant): void {
    this.#hinted = true;
    this.#notBefore = at;
  }

  /** When it is time to look, unless a hint comes before. */
  get nextAt(): Instant {
    const wanted = this.#hinted ? instant(0) : this.#nextAt;
    return instant(Math.max(wanted, this.#notBefore));
  }
}
