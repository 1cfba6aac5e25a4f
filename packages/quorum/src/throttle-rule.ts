import { HotMeshError, type MemberRecord, type ThrottleRule } from "@hotmesh/core";

/** What `throttle` takes. */
export interface ThrottleOptions {
  /** Milliseconds between two messages; 0 removes the throttle, -1 pauses. */
  throttle: number;
  /** All workers of the topic. */
  topic?: string;
  /** The engine and the workers of one instance. */
  guid?: string;
  /** Engines only, or workers only; `all`. */
  scope?: "engines" | "workers" | "all";
}

const longestMs = 2_147_483_647;
const scopes: readonly string[] = ["engines", "workers", "all"];

/** The command that the options mean. Throws `invalid-argument` for those that mean none. */
export function throttleRule(options: ThrottleOptions): ThrottleRule {
  const { throttle: rate, topic = null, guid = null, scope = "all" } = options;
  if (!isRate(rate)) {
    const expected = "Throttle must be -1 (pause) or a non-negative integer (ms delay); 0 = resume";
    throw invalid(`${expected}; it is ${shown(rate)}, and at most ${longestMs} is allowed`);
  }
  if (!scopes.includes(scope)) throw invalid(`scope of a throttle is ${shown(scope)}; expected ${scopes.join(", ")}`);
  if (!isTarget(topic)) throw invalid(`topic of a throttle is ${shown(topic)}; expected the topic of a worker`);
  if (!isTarget(guid)) throw invalid(`guid of a throttle is ${shown(guid)}; expected the guid of an instance`);
  if (topic !== null && scope === "engines") {
    throw invalid(`a throttle of topic ${topic} has scope engines; a topic addresses workers only`);
  }
  return { throttle: rate, topic, guid, scope };
}

/** What a member has to obey: the last command that addresses it. `rules` are oldest first; 0 without any. */
export function throttleFor(
  member: Pick<MemberRecord, "guid" | "role" | "topic">,
  rules: readonly ThrottleRule[],
): number {
  return rules.findLast((rule) => addresses(rule, member))?.throttle ?? 0;
}

/** Whether a command is about a member. A topic addresses workers only, whatever the scope. */
export function addresses(
  rule: Pick<ThrottleRule, "topic" | "guid" | "scope">,
  member: Pick<MemberRecord, "guid" | "role" | "topic">,
): boolean {
  if (rule.guid !== null && rule.guid !== member.guid) return false;
  if (rule.topic !== null) return member.role === "worker" && rule.topic === member.topic;
  return rule.scope === "all" || rule.scope === (member.role === "engine" ? "engines" : "workers");
}

function isRate(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= -1 && Number(value) <= longestMs;
}

function isTarget(value: unknown): value is string | null {
  return value === null || (typeof value === "string" && value !== "");
}

function shown(value: unknown): string {
  return typeof value === "string" ? `'${value}'` : String(value);
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", message);
}
