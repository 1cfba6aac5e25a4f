import type {
  Clock,
  Handoff,
  Lease,
  LegObservation,
  Limits,
  Logger,
  PayloadCheck,
  RetryPolicy,
  Store,
  Sub,
} from "@hotmesh/core";
import type { DuressOptions, DuressReport } from "./duress.js";

export interface EngineOptions<Tx = never> {
  readonly appId: string;
  readonly store: Store<Tx>;
  readonly sub: Pick<Sub, "subscribe" | "onGap">;
  readonly clock: Clock;
  /** Stamped on the worker messages of this engine. */
  readonly policy?: RetryPolicy | null;
  /** Most jobs one step claims; 100. */
  readonly batch?: number;
  /** Steps in parallel; 1. */
  readonly concurrency?: number;
  /** Longest time between two looks; 5,000. */
  readonly pollMs?: number;
  /** Hands work that a step writes to workers of this process. */
  readonly handoff?: EngineHandoff;
  /** Never claims. */
  readonly readonly?: boolean;
  readonly limits?: Partial<Limits>;
  /** Needed by apps whose graphs validate their payloads: `payloadCheck` of `@hotmesh/core/compiler` is one. */
  readonly violations?: PayloadCheck;
  /**
   * A channel of this engine's own, on which steps tell what they did. Problems are logged; with `leg` it is called for
   * every leg of an activity, from which a tracer can make spans.
   */
  readonly observe?: { readonly channel: string; readonly leg?: (leg: LegObservation) => void };
  /** Where duress begins, and how it is measured. */
  readonly duress?: Partial<DuressOptions>;
  /** Hears of changes, not too often. */
  readonly onDuress?: (report: DuressReport) => void;
  readonly random?: () => number;
  readonly logger?: Logger;
}

/** Every `offer` is followed by one `deliver` with what came of it, also when the step failed. */
export interface EngineHandoff {
  offer(): Handoff | null;
  deliver(leases: readonly Lease[], offered: Handoff): void;
}

/** What an engine shows of itself. */
export interface EngineActivity {
  readonly inFlight: number;
  /** Steps that failed in a row. */
  readonly errorCount: number;
  /** Stored messages decided since the start. */
  readonly claimed: number;
  /** Messages decided since the start, those of local workers included, by what became of them. */
  readonly counts: Readonly<Record<string, number>>;
  readonly duress: DuressReport;
  /** Milliseconds that messages took of late, by their type. */
  readonly averages: Readonly<Record<string, number>>;
}
