/** A place in a trace, by the ids of W3C Trace Context. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. Null: the trace is known, and no span of it. */
  readonly spanId: string | null;
  /** False: whoever began the trace does not want it recorded. */
  readonly sampled: boolean;
}

const traceId = /^(?!0{32})[0-9a-f]{32}$/;
const spanId = /^(?!0{16})[0-9a-f]{16}$/;
const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])$/;

/** The context of a caller's ids. Null: there is no such trace. */
export function traceContext(trace: unknown, span: unknown): TraceContext | null {
  if (typeof trace !== "string" || !traceId.test(trace)) return null;
  return { traceId: trace, spanId: typeof span === "string" && spanId.test(span) ? span : null, sampled: true };
}

/** As starts and messages carry it: a `traceparent`, or the id of the trace alone. */
export function traceText(context: TraceContext): string {
  if (context.spanId === null) return context.traceId;
  return `00-${context.traceId}-${context.spanId}-${context.sampled ? "01" : "00"}`;
}

/** What {@link traceText} has written. Null for any other text: a caller may call a trace what they like. */
export function traceContextOf(text: string | null): TraceContext | null {
  const [, trace, span, flags] = traceparent.exec(text ?? "") ?? [];
  const context = traceContext(trace ?? text, span);
  return context === null ? null : { ...context, sampled: flags !== "00" };
}

/** The id of the trace, `trc`; text that is no context is one by itself. */
export function traceIdOf(text: string | null): string | null {
  return traceContextOf(text)?.traceId ?? text;
}
