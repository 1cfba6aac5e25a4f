import { type Decision, unchanged } from "../job/decision.js";
import type { StartEvent } from "../job/event.js";
import { type Failure, failureData, failureOf } from "../job/failure.js";
import { childJobId, keyAfter } from "../job/keys.js";
import type { Plan } from "../plan/plan.js";
import type { OutgoingMessage } from "../ports/message.js";
import type { ParentLink } from "../ports/records.js";
import type { Moment } from "./moment.js";
import { prepareStart } from "./start-event.js";

interface Start {
  readonly plan: Plan;
  readonly event: StartEvent;
  readonly moment: Moment;
}

/**
 * A child that cannot be started: its parent hears why, so that it never waits for ever. A child
 * whose id was computed for a version that is no longer active is addressed anew. A child that this very pass started
 * before is awaited already: silence.
 */
export function refuseChild(start: Start, refusal: Decision): Decision {
  const { event } = start;
  const { parent } = event.body;
  const { verdict, job } = refusal;
  if (parent === null || verdict.outcome === "applied") return refusal;
  if (verdict.outcome === "stale") return addressAnew(start, parent);
  if (verdict.outcome === "duplicate") {
    const own = job?.record.parent;
    if (own !== undefined && own !== null && own.generation === parent.generation && own.path === parent.path) {
      return refusal;
    }
    return refuse(refusal, event, { message: `Duplicate job: ${event.job}`, code: 409 });
  }
  return refuse(refusal, event, verdict.failure.code === 422 ? verdict.failure : { ...verdict.failure, code: 500 });
}

/**
 * The start of a child, on the active plan. When that gives it the id it has anyway, the child starts at once: a second
 * message would come after an interruption that was meant for the child.
 */
export function onActivePlan(start: Start): StartEvent {
  const { plan, event } = start;
  const { parent } = event.body;
  if (parent === null || event.body.plan === plan.id) return event;
  try {
    const isSame = prepareAnew(start, parent).job === event.job;
    return isSame ? { ...event, body: { ...event.body, plan: plan.id } } : event;
  } catch {
    // What is wrong with it is told where it is refused.
    return event;
  }
}

function addressAnew(start: Start, parent: ParentLink): Decision {
  const again = unchanged(null, { outcome: "stale", reason: "superseded" });
  try {
    return { ...again, effects: [{ kind: "send", message: prepareAnew(start, parent) }] };
  } catch (thrown) {
    return refuse(again, start.event, { ...failureOf(thrown), code: 500 });
  }
}

function prepareAnew({ plan, event, moment }: Start, parent: ParentLink): OutgoingMessage {
  const { body } = event;
  return prepareStart(plan, {
    topic: body.topic,
    payload: body.payload,
    generatedId: childJobId(parent.generation, parent.path),
    generation: event.generation,
    key: keyAfter(event.key, "again", plan.id),
    parent,
    origin: body.origin,
    trace: body.trace,
    now: moment.now,
    violations: moment.violations,
  });
}

function refuse(refusal: Decision, event: StartEvent, failure: Failure): Decision {
  const { parent } = event.body;
  if (parent === null) return refusal;
  const { stack: _, ...shown } = failure;
  const message: OutgoingMessage = {
    key: keyAfter(event.key, "refused"),
    topic: null,
    kind: "complete",
    job: parent.job,
    generation: parent.generation,
    path: parent.path,
    body: { status: "error", code: failure.code, data: { ...failureData(shown), is_stream_error: true } },
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: event.body.trace,
  };
  return { ...refusal, effects: [{ kind: "send", message }] };
}
