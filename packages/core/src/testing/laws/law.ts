import type { Backend } from "../../ports/backend.js";
import type { TestClock } from "../test-clock.js";

/** A fresh, empty database with a clock that a law can move. */
export interface LawBackend<Tx> {
  /** The storage's time. */
  readonly clock: TestClock;
  readonly backend: Backend<Tx>;
  /** A second process on the same database. Closed with the harness. */
  another(): Promise<Backend<Tx>>;
  /** Closes what was opened for it. */
  close(): Promise<void>;
}

/** What a law works with. */
export interface Bench<Tx> {
  readonly harness: LawBackend<Tx>;
  readonly backend: Backend<Tx>;
  readonly clock: TestClock;
  /** A second process on the same database. */
  another(): Promise<Backend<Tx>>;
  /** Runs `body` in a caller's transaction and ends it so. */
  transact(end: "commit" | "rollback", body: (tx: Tx) => Promise<void>): Promise<void>;
  /** Breaks and mends the connection that `backend` hears hints with. */
  interrupt(): Promise<void>;
}

/** What a law needs of a harness beyond a backend. */
export type Need = "transact" | "interrupt";

/** One promise of the ports, as a sentence and its proof. */
export interface Law {
  readonly name: string;
  readonly needs: readonly Need[];
  /** Resolves when the law holds, and rejects when it does not. */
  run<Tx>(bench: Bench<Tx>): Promise<void>;
}

export function law(name: string, run: <Tx>(bench: Bench<Tx>) => Promise<void>, needs: readonly Need[] = []): Law {
  return { name, needs, run };
}
