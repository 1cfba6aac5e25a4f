import type { OutgoingMessage } from "../../ports/message.js";
import type { Publication } from "../../ports/records.js";

/** What may go wrong, for a simulator to decide. Each hook is asked whenever its moment comes. */
export interface Faults {
  /** Throws: the process died, or lost its connection, before the commit. Nothing happened. */
  beforeCommit?(): void;
  /** Throws: the commit happened, but its caller never hears of it. */
  afterCommit?(): void;
  /** True: the publication, or the hint, does not reach the listeners of this process (`local`) or of the others. */
  losesPublication?(publication: Publication, local: boolean): boolean;
  /** Milliseconds by which a message becomes visible too late. */
  delayMs?(message: OutgoingMessage): number;
  /** Guards to leave out: bugs planted on purpose, so that tests can show that they would be noticed. */
  readonly without?: ReadonlySet<Guard>;
}

/**
 * `lease`: only the holder of a lease answers. `revision`: a job is written on the revision it was read at. `key`: a
 * key is stored once. `due`: nothing is seen early. `parked`: a parked message stops its job. `open`: no work of closed
 * jobs. `item`: one pending work item of a key.
 */
export type Guard = "lease" | "revision" | "key" | "due" | "parked" | "open" | "item";
