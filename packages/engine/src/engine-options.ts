import type {
  Clock,
  Handoff,
  Lease,
  LegObservation,
  Limits,
  Logger,
  OutgoingMessage,
  PayloadCheck,
  RetryPolicy,
  SpanSource,
  Store,
  Sub,
} from "@hotmesh/core";
import type { DuressOptions, DuressReport } from "./duress.js";

/** What an engine is made of. */
export interface EngineOptions<Tx = never> {
  /** The app; shown in errors. */
  readonly appId: string;
  /** Where its jobs live. */
  readonly store: Store<Tx>;
  /** Where hints about new messages come from. */
  readonly sub: Pick<Sub, "subscribe" | "onGap">;
  /** The time of this process: says when to look again. */
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
  /** How much one step may do; `defaultLimits` of `@hotmesh/core`. */
  readonly limits?: Partial<Limits>;
  /** Needed by apps whose graphs validate their payloads: `payloadCheck` of `@hotmesh/core/compiler` is one. */
  readonly violations?: PayloadCheck;
  /** Who is told of what steps did, after their commits. Problems with expressions are logged, whoever listens. */
  readonly observe?: EngineObserver;
  /** Where duress begins, and how it is measured. */
  readonly duress?: Partial<DuressOptions>;
  /** Hears of changes, not too often. */
  readonly onDuress?: (report: DuressReport) => void;
  /** Spreads retries of what failed; `Math.random`. */
  readonly random?: () => number;
  /** Silent unless given. */
  readonly logger?: Logger;
}

/** Every `offer` is followed by one `deliver` with what came of it, also when the step failed. */
export interface EngineHandoff {
  /** What workers of this process could take from the next step; null: nothing. */
  offer(): Handoff | null;
  /** Gives them what they took. */
  deliver(leases: readonly Lease[], offered: Handoff): void;
}

/** What an engine shows of itself. */
export interface EngineActivity {
  /** Steps under way. */
  readonly inFlight: number;
  /** Steps that failed in a row. */
  readonly errorCount: number;
  /** Stored messages decided since the start. */
  readonly claimed: number;
  /** Messages decided since the start, those of local workers included, by what became of them. */
  readonly counts: Readonly<Record<string, number>>;
  /** Its load. */
  readonly duress: DuressReport;
  /** Milliseconds that messages took of late, by their type. */
  readonly averages: Readonly<Record<string, number>>;
}

/** What a tracer wants to know of an engine. Nothing it does may throw. */
export interface EngineObserver {
  /** A channel of this engine's own, on which steps tell what they did. */
  readonly channel: string;
  /** Begins the spans of legs while they are decided; what is not told afterwards has not happened. */
  readonly span?: SpanSource;
  /** Hears of legs of activities: of those whose span is recorded; without `span`, of every one. */
  readonly leg?: (leg: LegObservation) => void;
  /** Hears of every stored message that a step took or wrote. */
  readonly message?: (flow: MessageFlow) => void;
}

/** A stored message on its way in or out of an engine. */
export interface MessageFlow {
  /** `in`: a step took it. `out`: a step wrote it. */
  readonly direction: "in" | "out";
  /** A word of the `type` that messages have in their stream. */
  readonly type: string;
  /** The message as it was written. */
  readonly message: OutgoingMessage;
}
