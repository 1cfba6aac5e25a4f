import { evaluateAt } from "../../expression/evaluate-at.js";
import { parseSeconds } from "../../job/duration.js";
import { keyOf } from "../../job/keys.js";
import { checkName } from "../../job/name-size.js";
import { pathOf } from "../../job/path.js";
import { type JsonObject, jsonObjectOf } from "../../json.js";
import type { WorkerPlan } from "../../plan/plan.js";
import type { RetryPolicy } from "../../ports/message.js";
import type { Draft } from "../draft.js";
import { spanOfWait, traceOf } from "../leg.js";
import { scopeOf } from "../scope.js";
import type { Visit } from "../visit.js";

/** Leg 1 of a worker: its payload goes to the topic, and the pass waits. */
export function enterWorker(visit: Visit<WorkerPlan>): void {
  const { draft, activity, position } = visit;
  const environment = scopeOf(visit);
  const body = activity.input === null ? {} : jsonObjectOf(evaluateAt("input.maps", activity.input, environment));
  const topic = evaluateAt("topic", activity.topic, environment);
  if (typeof topic !== "string" || topic === "") {
    throw new Error(`the topic of worker ${activity.id} must be text, got ${JSON.stringify(topic) ?? "undefined"}`);
  }
  checkName(`the topic of worker ${activity.id}`, topic);
  const path = pathOf(activity.id, position.address);
  draft.effects.push({
    kind: "send",
    message: {
      key: keyOf({ generation: draft.record.generation, path }, "work"),
      topic,
      kind: "work",
      job: draft.record.id,
      generation: draft.record.generation,
      path,
      body,
      visibleAt: null,
      attempt: 0,
      policy: policyOf(body),
      codeRetries: activity.retry,
      workflow: workflowOf(draft, body, topic),
      trace: traceOf(draft),
    },
  });
  draft.open.set(path, {
    activity: activity.id,
    address: position.address,
    via: position.via,
    waits: "work",
    enteredAt: draft.moment.now,
    passes: 0,
    handled: [],
    child: null,
    escalation: null,
    topic,
    ...spanOfWait(draft),
  });
  draft.current = 0;
}

/** Reserved inputs make a retry policy of their own, with a counting of its own. */
function policyOf(body: JsonObject): RetryPolicy | null {
  const names = ["maximumAttempts", "backoffCoefficient", "maximumInterval", "initialInterval"];
  if (!names.some((name) => Object.hasOwn(body, name))) return null;
  return {
    maximumAttempts: Math.floor(numberOr(body["maximumAttempts"], 50)) + 1,
    backoffCoefficient: numberOr(body["backoffCoefficient"], 10),
    maximumIntervalSeconds: parseSeconds(body["maximumInterval"]) ?? 120,
    initialIntervalSeconds: parseSeconds(body["initialInterval"]) ?? 1,
  };
}

function numberOr(value: unknown, fallback: number): number {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : fallback;
}

function workflowOf(draft: Draft, body: JsonObject, topic: string): string {
  const named = body["workflowName"];
  if (typeof named === "string" && named !== "") return named;
  const prefix = `${topic}-`;
  return draft.graph.topic.startsWith(prefix) ? draft.graph.topic.slice(prefix.length) : draft.graph.topic;
}
