import { HotMeshError } from "../../errors.js";

/** Someone who keeps locks until it ends: an open transaction of a caller. */
export interface Holder {
  readonly ended: Promise<void>;
}

/** What the unit of work needs is in another open transaction: wait for its end and begin again. */
export class Blocked extends Error {
  readonly by: Holder;

  constructor(name: string, by: Holder) {
    super(`${name} is locked by an open transaction`);
    this.by = by;
  }
}

/** The locks of the open transactions of a database. Everything else is over before anybody could meet it. */
export class Locks {
  readonly #held = new Map<string, { readonly shared: boolean; readonly holders: Set<Holder> }>();
  readonly #waiting = new Map<Holder, Holder>();

  /** Whether `asking` would have to wait for the lock. */
  isHeld(name: string, asking: Holder | null, shared = false): boolean {
    return this.#blocker(name, asking, shared) !== null;
  }

  /** Throws {@link Blocked} when another holder is in the way. Without a holder nothing is kept. */
  take(name: string, holder: Holder | null, shared = false): void {
    const blocker = this.#blocker(name, holder, shared);
    if (blocker !== null) throw new Blocked(name, blocker);
    if (holder === null) return;
    const lock = this.#held.get(name);
    if (lock === undefined || (lock.shared && !shared)) this.#held.set(name, { shared, holders: new Set([holder]) });
    else lock.holders.add(holder);
  }

  release(holder: Holder): void {
    for (const [name, lock] of this.#held) {
      lock.holders.delete(holder);
      if (lock.holders.size === 0) this.#held.delete(name);
    }
  }

  /** Resolves when `by` has ended. Rejects when `by` itself waits for `waiting`, however indirectly. */
  async wait(waiting: Holder | null, by: Holder): Promise<void> {
    if (waiting === null) return by.ended;
    for (let next: Holder | undefined = by; next !== undefined; next = this.#waiting.get(next)) {
      if (next === waiting) throw new HotMeshError("storage-busy", "Two transactions wait for each other");
    }
    this.#waiting.set(waiting, by);
    await by.ended;
    this.#waiting.delete(waiting);
  }

  #blocker(name: string, asking: Holder | null, shared: boolean): Holder | null {
    const lock = this.#held.get(name);
    if (lock === undefined || (shared && lock.shared)) return null;
    for (const holder of lock.holders) if (holder !== asking) return holder;
    return null;
  }
}

export const jobLock = (job: string): string => `job ${job}`;
export const messageLock = (key: string): string => `message ${key}`;
export const waitLock = (wait: string): string => `wait ${wait}`;
export const escalationLock = (key: string): string => `escalation ${key}`;
export const activationLock = "activation";
