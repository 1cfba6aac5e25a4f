import { evaluateAt } from "../../expression/evaluate-at.js";
import { childGeneration, childJobId, keyOf } from "../../job/keys.js";
import { pathOf } from "../../job/path.js";
import { type JsonObject, jsonObjectOf } from "../../json.js";
import type { AwaitPlan } from "../../plan/plan.js";
import { spanOfWait, traceOf } from "../leg.js";
import { scopeOf } from "../scope.js";
import { prepareStart } from "../start-event.js";
import type { Visit } from "../visit.js";

/** Leg 1 of an await: a child job is started on the version active now, and the pass waits for it. */
export function enterAwait(visit: Visit<AwaitPlan>): void {
  const { draft, activity, position } = visit;
  const environment = scopeOf(visit);
  const payload = activity.input === null ? {} : jsonObjectOf(evaluateAt("input.maps", activity.input, environment));
  const topic = evaluateAt("topic", activity.topic, environment);
  if (typeof topic !== "string") {
    throw new Error(`the topic of await ${activity.id} must be text, got ${JSON.stringify(topic) ?? "undefined"}`);
  }
  const awaits = activity.awaits === null || evaluateAt("await", activity.awaits, environment) !== false;
  const { record, moment } = draft;
  const plan = moment.active ?? draft.plan;
  const path = pathOf(activity.id, position.address);
  const message = prepareStart(plan, {
    topic,
    payload,
    generatedId: childJobId(record.generation, path),
    generation: childGeneration(record.generation, path),
    key: keyOf({ generation: record.generation, path }, "child"),
    origin: record.origin ?? record.id,
    parent: { job: record.id, generation: record.generation, path, awaits },
    trace: traceOf(draft),
    now: moment.now,
    violations: moment.violations,
  });
  draft.effects.push({ kind: "send", message });
  writeSentPass(visit, { topic, payload });
  draft.open.set(path, {
    activity: activity.id,
    address: position.address,
    via: position.via,
    waits: "child",
    enteredAt: moment.now,
    passes: 0,
    handled: [],
    child: message.job,
    escalation: null,
    topic,
    ...spanOfWait(draft),
  });
  draft.current = 0;
}

/** The payload is stored at once: the message that carries it is consumed by the child's start, in another step. */
function writeSentPass({ draft, activity, position, self }: Visit<AwaitPlan>, sent: Sent): void {
  draft.writePass(
    {
      job: draft.record.id,
      generation: draft.record.generation,
      activity: activity.id,
      address: position.address,
      type: activity.type,
      topic: sent.topic,
      open: true,
      output: null,
      hook: null,
      metadata: { ...self.metadata, stp: sent.topic },
      input: sent.payload,
      startedAt: draft.moment.now,
      completedAt: null,
    },
    null,
  );
}

interface Sent {
  readonly topic: string;
  readonly payload: JsonObject;
}
