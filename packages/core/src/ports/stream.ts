import type { LeaseToken, MessageKey, Topic } from "../brand.js";
import type { Lease, OutgoingMessage, Settled, Settlement } from "./message.js";
import type { Postponed } from "./store.js";

/** The edge where workers take work out. */
export interface Stream<Tx = never> {
  /**
   * Leases at most `limit` due messages of a topic, earliest first. Nobody else gets them before the lease ends.
   * Messages of jobs that are not open any more are not handed out.
   */
  claim(options: ClaimOptions): Promise<ClaimReport>;
  /** Prolongs leases to `leaseMs` from now; the tokens that are still held. */
  extend(leases: readonly LeaseToken[], leaseMs: number): Promise<readonly LeaseToken[]>;
  /** Consumes and answers in one transaction, each settlement by itself: a lost lease changes nothing. */
  settle(settlements: readonly Settlement[]): Promise<readonly Settled[]>;
  /** Stores messages; a key that is already there is left alone. The keys, by position. */
  send(messages: readonly OutgoingMessage[], options?: { readonly within?: Tx }): Promise<readonly MessageKey[]>;
}

/** What to lease, to whom, and for how long. */
export interface ClaimOptions {
  readonly topic: Topic;
  readonly limit: number;
  readonly leaseMs: number;
  /** Shown to people as the holder. */
  readonly holder: string;
}

/** What was leased, and when to ask again. */
export interface ClaimReport {
  readonly leases: readonly Lease[];
  /** Milliseconds until the next message of the topic becomes due or a lease of it ends; null: none known. */
  readonly nextDueInMs: number | null;
  /** What was due and could not be read. */
  readonly postponed?: Postponed;
}
