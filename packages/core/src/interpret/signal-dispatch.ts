import { after, type Instant, type MessageKey } from "../brand.js";
import { HotMeshError } from "../errors.js";
import { parseSeconds } from "../job/duration.js";
import type { SignalBody } from "../job/event.js";
import type { JsonObject } from "../json.js";
import type { GraphPlan, Plan } from "../plan/plan.js";
import { planIndex } from "../plan/plan-index.js";
import type { SignalDispatch } from "../ports/records.js";
import { hookKeys } from "./hook-keys.js";

/** A signal on its way to whoever waits for it. */
export interface SignalRequest {
  readonly id: MessageKey;
  readonly topic: string;
  readonly data: JsonObject;
  readonly status: SignalBody["status"];
  readonly code: number;
  readonly keepUntil: Instant;
  readonly now: Instant;
}

/** What is sent, and the plans whose rules say to whom: of the job's own version, and of the active one. */
export interface SignalContent extends Pick<SignalRequest, "topic" | "data" | "status" | "code"> {
  readonly plans: readonly Plan[];
}

/**
 * What the storage needs to match a signal: the keys that the rules of `plans` give for its payload.
 * Throws `no-hook-rule` (404) when none of them knows the topic, and whatever an `actual` throws.
 */
export function dispatchOf(plans: readonly Plan[], request: SignalRequest): SignalDispatch {
  const rules = plans.flatMap((plan) => planIndex(plan).rulesOn(request.topic));
  if (rules.length === 0) throw unknownTopic(plans, request.topic);
  const hook = { data: request.data };
  const environment = {
    root: (name: string): unknown => (name === "$self" ? { hook } : name === "$hook" ? hook : undefined),
    now: request.now,
    random: () => 0,
  };
  const keys = [...new Set(rules.flatMap((rule) => hookKeys(rule, "actual", environment)))];
  const own = parseSeconds(request.data["$expire"]);
  const keepUntil = own === undefined ? request.keepUntil : after(request.now, own * 1_000);
  const { status, code, topic, data } = request;
  const newest = rules.every(({ rule }) => rule.wakes === "newest") && { newest: true };
  const body: SignalBody = { topic, keys, status, code, data, keepMs: keepUntil - request.now, ...newest };
  // An early signal resumes as success/200, whatever it carried.
  const kept: SignalBody = { ...body, status: "success", code: 200 };
  return { topic, keys, body, kept, closes: status !== "pending", keepUntil, id: request.id, ...newest };
}

/** The graph in which jobs wait for a topic: that of its first rule, in the first of the plans that has one. */
export function hookTarget(
  plans: readonly Plan[],
  topic: string,
): { readonly plan: Plan; readonly graph: GraphPlan } | null {
  for (const plan of plans) {
    const [rule] = planIndex(plan).rulesOn(topic);
    if (rule !== undefined) return { plan, graph: rule.graph };
  }
  return null;
}

export function unknownTopic(plans: readonly Plan[], topic: string): HotMeshError {
  const known = plans.flatMap((plan) => plan.graphs.flatMap((graph) => graph.hooks.map((rule) => rule.topic)));
  const names = [...new Set(known)].sort().join(", ") || "none";
  return new HotMeshError("no-hook-rule", `no hook rule for topic ${topic}; known: ${names}`);
}

export function signalStatus(value: unknown): SignalBody["status"] {
  return value === "pending" || value === "error" ? value : "success";
}
