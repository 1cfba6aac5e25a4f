import { traceContext, traceText } from "@hotmesh/core";
import { context, trace } from "@opentelemetry/api";

/**
 * The trace that a job goes on with: the one that the caller names, by its id and a span's, else the one of the span
 * that the caller is in. Null: there is none.
 */
export function callerTrace(named: { readonly trc?: unknown; readonly spn?: unknown } | undefined): string | null {
  const { trc, spn } = named ?? {};
  if (typeof trc === "string" && !/^0*$/.test(trc)) {
    const given = traceContext(trc, spn);
    return given === null ? trc : traceText(given);
  }
  const active = trace.getSpanContext(context.active());
  const given = traceContext(active?.traceId, active?.spanId);
  return given === null ? null : traceText({ ...given, sampled: ((active?.traceFlags ?? 0) & 1) === 1 });
}
