import type { TraceContext } from "../job/trace-context.js";

/** What is known of a leg of an activity when it begins. */
export interface LegStart {
  readonly app: string;
  /** The topic of its graph. */
  readonly graph: string;
  readonly activity: string;
  /** The type of the activity. */
  readonly type: string;
  readonly leg: 1 | 2;
  /** What it follows from; null: it begins a trace. */
  readonly parent: TraceContext | null;
}

/** A span that was begun for a leg. It ends when the leg is told of, which is after the commit, or never. */
export interface BegunSpan extends TraceContext {
  readonly spanId: string;
  /** Somebody wants to be told of the leg. */
  readonly isRecorded: boolean;
}

/**
 * Draws the ids that a step stores of its spans, and may begin the spans; null: the leg has none. As with time, a
 * decision is a function of what it is given: the same answers give the same decision. Asked again for a leg when its
 * step has to be decided again.
 */
export type SpanSource = (leg: LegStart) => BegunSpan | null;

/** A leg under way. */
export interface TracedLeg {
  /** Its own span, or what it would have followed from. */
  readonly context: TraceContext;
  /** It has a span. */
  readonly isOwn: boolean;
  readonly isRecorded: boolean;
}
