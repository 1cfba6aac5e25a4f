import { evaluate } from "../expression/evaluate.js";
import { placed } from "../expression/evaluate-at.js";
import { newControl } from "../job/control.js";
import { type Decision, unchanged } from "../job/decision.js";
import type { StartEvent } from "../job/event.js";
import { failureOf } from "../job/failure.js";
import { timeSlice } from "../job/time-text.js";
import { traceIdOf } from "../job/trace-context.js";
import type { Json } from "../json.js";
import type { GraphPlan, Plan, TriggerPlan } from "../plan/plan.js";
import { planIndex } from "../plan/plan-index.js";
import type { JobRecord } from "../ports/records.js";
import { Draft } from "./draft.js";
import { enterTrigger } from "./enter/trigger.js";
import type { Moment } from "./moment.js";
import { identity, payloadScope } from "./start-event.js";

/** A new job whose trigger has run; or why there is none. */
export function startJob(plan: Plan, event: StartEvent, moment: Moment): Draft | Decision {
  if (event.body.plan !== plan.id) return unchanged(null, { outcome: "stale", reason: "superseded" });
  const index = planIndex(plan);
  const graph = index.graphFor(event.body.topic);
  const trigger = graph === undefined ? undefined : index.activity(graph.trigger);
  if (graph === undefined || trigger?.type !== "trigger") {
    const where = `in app ${plan.app} for app version ${plan.version}`;
    const message = `no subscription found for topic ${event.body.topic} ${where}`;
    return unchanged(null, { outcome: "rejected", kind: "topic-not-found", failure: { message, code: 404 } });
  }
  try {
    const draft = newDraft({ plan, graph, trigger }, event, moment);
    enterTrigger(draft, trigger, event);
    return draft;
  } catch (thrown) {
    return unchanged(null, {
      outcome: "rejected",
      kind: "mapping-failed",
      failure: failureOf(placed(thrown, [trigger.id])),
    });
  }
}

function newDraft(
  on: { readonly plan: Plan; readonly graph: GraphPlan; readonly trigger: TriggerPlan },
  event: StartEvent,
  moment: Moment,
): Draft {
  const { plan, graph, trigger } = on;
  const { body } = event;
  const slice = timeSlice(moment.now, trigger.stats.granularity);
  const control = newControl({
    app: plan.app,
    trigger: trigger.id,
    slice,
    persistent: graph.persistent?.op === "literal" ? graph.persistent.value : null,
    parentId: labelOf(body.payload["parentWorkflowId"]),
    numericId: isNumeric(event, trigger, moment),
  });
  const record: JobRecord = {
    id: event.job,
    generation: event.generation,
    revision: 0,
    plan: plan.id,
    topic: graph.topic,
    version: plan.version,
    phase: "running",
    status: 0,
    // Encoded once, when the decision is finished.
    control: null,
    data: null,
    fields: body.fields,
    failure: null,
    key: identity(trigger.stats.key, payloadScope(trigger, body.payload, moment.now), ["stats", "key"]) ?? null,
    entity: body.entity,
    parent: body.parent,
    origin: labelOf(body.payload["originJobId"]) ?? body.origin,
    waiter: body.waiter,
    trace: traceIdOf(body.trace),
    createdAt: moment.now,
    updatedAt: moment.now,
    expireAt: null,
  };
  return new Draft(on, { record, control, passes: new Map(), asked: null }, moment);
}

/** The payload may name the job's origin and its parent. */
function labelOf(value: Json | undefined): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

/** A number for an id is told from its text by asking again, which only ids that look like one are worth. */
function isNumeric({ job, body }: StartEvent, trigger: TriggerPlan, { now }: Moment): boolean {
  const { id } = trigger.stats;
  if (id === null || !/^-?\d/.test(job)) return false;
  const value = evaluate(id, payloadScope(trigger, body.payload, now));
  return typeof value === "number" && Number(job) === value;
}
