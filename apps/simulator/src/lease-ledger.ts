import { after, type Instant, type Lease, type Settlement } from "@hotmesh/core";
import { Violation } from "./violation.js";

interface Entry {
  readonly token: string;
  /** The storage has promised it until then. */
  readonly sureUntil: Instant;
  /** It may hold until then: somebody tried to prolong it and never heard back. */
  readonly maybeUntil: Instant;
}

/** Who was given what, as the processes were told: a second opinion on the leases of the storage. */
export class LeaseLedger {
  readonly #now: () => Instant;
  readonly #byMessage = new Map<string, Entry>();

  constructor(now: () => Instant) {
    this.#now = now;
  }

  handedOut(leases: readonly Lease[]): void {
    for (const lease of leases) {
      const known = this.#byMessage.get(lease.key);
      if (known !== undefined && known.sureUntil > this.#now()) {
        throw new Violation("a lease keeps others out", `${lease.key} was handed out twice`);
      }
      this.#byMessage.set(lease.key, { token: lease.token, sureUntil: lease.until, maybeUntil: lease.until });
    }
  }

  prolonging(tokens: readonly string[], leaseMs: number): void {
    const until = after(this.#now(), leaseMs);
    for (const [key, entry] of this.#byMessage) {
      if (tokens.includes(entry.token)) this.#byMessage.set(key, { ...entry, maybeUntil: until });
    }
  }

  prolonged(tokens: readonly string[]): void {
    for (const [key, entry] of this.#byMessage) {
      if (tokens.includes(entry.token)) this.#byMessage.set(key, { ...entry, sureUntil: entry.maybeUntil });
    }
  }

  /** A lease that is being given back keeps nobody out any more. */
  answering(settlements: readonly Settlement[]): void {
    for (const { lease } of settlements) {
      const entry = this.#byMessage.get(lease.key);
      if (entry?.token === lease.token) this.#byMessage.set(lease.key, { ...entry, sureUntil: this.#now() });
    }
  }

  accepted(lease: Lease): void {
    const entry = this.#byMessage.get(lease.key);
    if (entry === undefined) return;
    if (entry.token !== lease.token || entry.maybeUntil <= this.#now()) {
      throw new Violation("only the holder of a lease answers", `${lease.key} was answered without its lease`);
    }
  }
}
