import type { InboundMessage, Lease, Plan, Program, Settlement } from "@hotmesh/core";
import type { Guard, MemoryDatabase, Prng } from "@hotmesh/core/testing";

/** A bug planted on purpose, at the seams of a process; the sources stay as they are. */
export interface Sabotage {
  /** Guards that the storage forgets. */
  readonly without?: readonly Guard[];
  /** Replaces what decides inside the steps of an engine. */
  program?(program: Program, prng: Prng): Program;
  /** Replaces plans on their way to an engine. */
  plan?(plan: Plan): Plan;
  /** Replaces leases on their way to a worker. */
  lease?(lease: Lease): Lease;
  /** The time for which work is handed out. */
  leaseMs?(leaseMs: number): number;
  /** Runs after a step failed that was to decide these messages. */
  crashed?(messages: readonly InboundMessage[], database: MemoryDatabase): void;
  /** Runs after answers were stored. */
  settled?(settlements: readonly Settlement[], database: MemoryDatabase): void;
}
