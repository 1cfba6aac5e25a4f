import type { Instant, MessageKey } from "../brand.js";
import type { JsonObject } from "../json.js";
import type { Plan } from "../plan/plan.js";
import type { SpanSource } from "./span-source.js";

/** What a decision may know besides the job and the event. */
export interface Moment {
  /** The database's time of the step. */
  readonly now: Instant;
  /** The active plan, on which children start. Null: nothing is active, or the step did not need to know. */
  readonly active: Plan | null;
  readonly limits: Limits;
  /** The message that is decided: `guid` of the job's metadata. Not given: it has none. */
  readonly message?: MessageKey;
  /** Who is told of legs and problems. Not given: nobody. */
  readonly observer?: Observer;
  /** Checks the payloads of graphs with `input.validate`. Null: this process cannot, and refuses such starts. */
  readonly violations: PayloadCheck | null;
  /**
   * The wait whose work item of this key is pending, as the decisions before this one have left it; null: none is;
   * undefined: it was not read. Not given: nothing is pending.
   */
  readonly pendingItem?: (key: string) => string | null | undefined;
}

/** Who listens, of the process that decides. */
export interface Observer {
  readonly channel: string;
  /** False: for problems alone, which costs nothing as long as there are none. */
  readonly legs: boolean;
  /** Begins spans of legs; a leg whose span is recorded is told, whatever `legs` says. */
  readonly span?: SpanSource;
}

/** How a payload breaks a JSON Schema, `path` a JSON pointer into the payload; nothing for a valid one. */
export type PayloadCheck = (
  schema: JsonObject | boolean,
  payload: JsonObject,
) => readonly { readonly path: string; readonly message: string }[];

/** How much one step may do, and how long things are kept. */
export interface Limits {
  /** Hops of one decision; what is left over goes on in the job's next step. */
  readonly hopsMax: number;
  /** Passes of one cycle pivot under one outer pass. */
  readonly cyclesMax: number;
  /** How long a finished job without `expire` is kept. */
  readonly retentionSeconds: number;
  /** How long a signal without a waiter is kept. */
  readonly signalKeepMs: number;
  /** Jobs of an index that one step signals. */
  readonly broadcastPage: number;
}

/** What holds unless a program is told otherwise. */
export const defaultLimits: Limits = {
  hopsMax: 1_000,
  cyclesMax: 10_000,
  retentionSeconds: 86_400,
  signalKeepMs: 600_000,
  broadcastPage: 500,
};
