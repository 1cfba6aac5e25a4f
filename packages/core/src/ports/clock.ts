import type { Instant } from "../brand.js";

/** Time of this process: when to look again. What is due is decided by the storage's clock alone. */
export interface Clock {
  /** The present. */
  now(): Instant;
  /** Resolves at `until`, or as soon as `cancel` fires, whichever comes first. */
  sleep(until: Instant, cancel?: Cancel): Promise<void>;
}

/** A one-way switch that others can watch. */
export interface Cancel {
  /** Has it fired? */
  readonly cancelled: boolean;
  /** Runs the listener once, when it fires, or at once when it has fired. The returned function takes it back. */
  onCancel(listener: () => void): () => void;
}

/** A switch that its owner can fire. */
export class Canceller implements Cancel {
  #cancelled = false;
  readonly #listeners = new Set<() => void>();

  get cancelled(): boolean {
    return this.#cancelled;
  }

  onCancel(listener: () => void): () => void {
    if (this.#cancelled) {
      listener();
      return () => {};
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Fires it. Doing it again does nothing. */
  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
