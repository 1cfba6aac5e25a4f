import { type Instant, instant } from "../brand.js";
import { type Cancel, Canceller, type Clock } from "../ports/clock.js";

/** Far enough away to mean never, near enough for every clock. */
const never: Instant = instant(8.64e15);

/** The sleep of a pump between two ticks. Ringing it before the sleep begins ends the sleep at once. */
export class Alarm {
  #rung = false;
  readonly #sleeps = new Set<Canceller>();

  /** Ends the sleep. */
  ring(): void {
    this.#rung = true;
    for (const sleep of this.#sleeps) sleep.cancel();
  }

  /** Resolves at `until` (null: never by itself), when the alarm rings, or when `cancel` fires. */
  async wait(clock: Clock, until: Instant | null, cancel: Cancel): Promise<void> {
    if (!this.#rung && !cancel.cancelled) {
      const sleep = new Canceller();
      this.#sleeps.add(sleep);
      const takeBack = cancel.onCancel(() => sleep.cancel());
      await clock.sleep(until ?? never, sleep);
      takeBack();
      this.#sleeps.delete(sleep);
    }
    this.#rung = false;
  }
}
