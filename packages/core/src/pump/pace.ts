import { after, type Instant, instant } from "../brand.js";

/**
 * How fast a member may claim. Rate n: one message, then none for n ms; 0: as many as it likes; -1: none. A look that
 * is under way counts as a claim until it has ended, so that two looks at once do not take two messages. Changing the
 * rate counts from the last claim: a lower one ends a wait at once, a higher one extends it.
 */
export class Pace {
  #rate = 0;
  #floor = 0;
  #looking = 0;
  /** Whether the looks under way began without a rate. */
  #isFree = true;
  #lastAt: Instant | null = null;
  /** Messages of the last claim at a rate: each of them is paid for. */
  #taken = 1;

  /** What the member was told, in milliseconds between two messages; -1: a pause. */
  throttle(ms: number): void {
    this.#rate = ms;
  }

  /** What the member asks of itself: it never goes faster than that. */
  floor(ms: number): void {
    this.#floor = ms;
  }

  /** What the member was told. */
  get told(): number {
    return this.#rate;
  }

  /** The rate in force: the slower of what it was told and its floor; a pause wins. */
  get rate(): number {
    return this.#rate < 0 ? -1 : Math.max(this.#rate, this.#floor);
  }

  /** May nothing be claimed until somebody lifts the pause? */
  get isPaused(): boolean {
    return this.rate < 0;
  }

  /** How many messages may be claimed now, of as many as are wanted. */
  allows(now: Instant, wanted: number): number {
    const { rate, freeAt } = this;
    if (rate === 0) return wanted;
    return freeAt === null || now < freeAt ? 0 : Math.min(1, wanted);
  }

  /** When the next message may be claimed; null: not before the pause is lifted, or the look under way has ended. */
  get freeAt(): Instant | null {
    const { rate } = this;
    if (rate === 0) return instant(0);
    if (rate < 0 || this.#looking > 0) return null;
    return this.#lastAt === null ? instant(0) : after(this.#lastAt, rate * this.#taken);
  }

  /** The first instant from `at` on when a message may be claimed; null as above. */
  freeFrom(at: Instant): Instant | null {
    const { freeAt } = this;
    return freeAt === null ? null : instant(Math.max(at, freeAt));
  }

  /** A look begins that may claim. */
  begin(): void {
    if (this.#looking === 0) this.#isFree = this.rate === 0;
    this.#looking += 1;
  }

  /** It has ended, and this many messages were claimed. */
  end(now: Instant, claimed: number): void {
    this.#looking -= 1;
    if (claimed === 0) return;
    this.#lastAt = now;
    this.#taken = this.#isFree ? 1 : claimed;
  }
}
