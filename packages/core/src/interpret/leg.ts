import type { Arrival, OpenPass } from "../job/control.js";
import { type TraceContext, traceContext, traceText } from "../job/trace-context.js";
import type { Json } from "../json.js";
import type { ActivityPlan } from "../plan/plan.js";
import type { Draft } from "./draft.js";

/** Begins a leg, with a span if somebody wants one. The first span of a job names its trace. */
export function beginLeg(
  draft: Draft,
  { id, type }: ActivityPlan,
  { leg, parent }: { readonly leg: 1 | 2; readonly parent: TraceContext | null },
): void {
  const { observer } = draft.moment;
  const begun =
    observer?.span?.({ app: draft.plan.app, graph: draft.graph.topic, activity: id, type, leg, parent }) ?? null;
  if (begun === null) {
    draft.leg = parent === null ? null : { context: parent, isOwn: false, isRecorded: false };
    return;
  }
  const { isRecorded, ...context } = begun;
  draft.leg = { context, isOwn: true, isRecorded };
  draft.trace = context.traceId;
  draft.isSampled = context.sampled;
}

/** A span of the job's trace, by its id. */
export function contextIn(draft: Draft, span: Json | undefined): TraceContext | null {
  const context = traceContext(draft.trace, span);
  return context === null ? null : { ...context, sampled: draft.isSampled };
}

/** The trace as messages of this leg carry it. */
export function traceOf({ leg, trace }: Draft): string | null {
  return leg === null ? trace : traceText(leg.context);
}

/** What an arrival remembers of the leg it follows from. */
export function spanBelow({ leg }: Draft): Pick<Arrival, "span"> {
  const span = leg?.context.spanId ?? null;
  return span === null ? {} : { span };
}

/** What a pass that waits remembers of its first leg. */
export function spanOfWait(draft: Draft): Pick<OpenPass, "l1s" | "span"> {
  const l1s = ownSpan(draft);
  return l1s === null ? spanBelow(draft) : { l1s };
}

/** The id of the leg's own span; null: it has none. */
export function ownSpan({ leg }: Draft): string | null {
  return leg?.isOwn === true ? leg.context.spanId : null;
}
