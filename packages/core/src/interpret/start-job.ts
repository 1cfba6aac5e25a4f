import { emptyControl } from "../job/control.js";
import { encodeControl } from "../job/control-codec.js";
import { type Decision, unchanged } from "../job/decision.js";
import type { StartEvent } from "../job/event.js";
import { failureOf } from "../job/failure.js";
import { timeSlice } from "../job/time-text.js";
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
    return unchanged(null, { outcome: "rejected", kind: "mapping-failed", failure: failureOf(thrown) });
  }
}

function newDraft(
  on: { readonly plan: Plan; readonly graph: GraphPlan; readonly trigger: TriggerPlan },
  event: StartEvent,
  moment: Moment,
): Draft {
  const { plan, graph, trigger } = on;
  const { body } = event;
  const control = {
    ...emptyControl,
    app: plan.app,
    trigger: trigger.id,
    slice: timeSlice(moment.now, trigger.stats.granularity),
  };
  const record: JobRecord = {
    id: event.job,
    generation: event.generation,
    revision: 0,
    plan: plan.id,
    topic: graph.topic,
    version: plan.version,
    phase: "running",
    status: 0,
    control: encodeControl(control),
    data: null,
    fields: body.fields,
    failure: null,
    key: identity(trigger.stats.key, payloadScope(trigger, body.payload, moment.now)) ?? null,
    entity: body.entity,
    parent: body.parent,
    origin: originOf(event),
    waiter: body.waiter,
    trace: body.trace,
    createdAt: moment.now,
    updatedAt: moment.now,
    expireAt: null,
  };
  return new Draft(on, { record, control, passes: new Map(), asked: null }, moment);
}

/** The payload may name the job's origin (language.md 9.3). */
function originOf(event: StartEvent): string | null {
  const origin = event.body.payload["originJobId"];
  return typeof origin === "string" ? origin : null;
}
