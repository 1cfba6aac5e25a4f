import type { ActivityId } from "../brand.js";
import {
  type ActivityModel,
  interruptsItself,
  items,
  member,
  memberAt,
  members,
  textOf,
} from "../compile/app-model.js";
import { compileExpression, compileMapping } from "../expression/compile-expression.js";
import type { Expression } from "../expression/expression.js";
import type { Json, JsonObject } from "../json.js";
import { jobWrites } from "./job-writes.js";
import type { ActivityCommon, ActivityPlan, Edge, InterruptPlan, SignalPlan, TriggerPlan } from "./plan.js";

/** What an activity's place in the graph says about it. */
export interface Surroundings {
  readonly edges: readonly Edge[];
  readonly pivot: boolean;
  readonly inbound: readonly ActivityId[];
  readonly mentions: readonly ActivityId[];
  /** A hook rule names it. */
  readonly isRuleTarget: boolean;
}

/** The plan of one activity of a checked document. */
export function buildActivity(activity: ActivityModel, around: Surroundings): ActivityPlan {
  const { body, type } = activity;
  const common = commonPlan(activity, around);
  switch (type) {
    case "trigger":
      return { ...common, ...triggerPlan(body) };
    case "worker":
      return { ...common, type, topic: topicOf(body), input: maps(body, "input"), retry: retryOf(body) };
    case "await":
      return { ...common, type, topic: topicOf(body), input: maps(body, "input"), awaits: setting(body, "await") };
    case "hook":
      return {
        ...common,
        type,
        sleep: setting(body, "sleep"),
        output: maps(body, "output"),
        escalation: around.isRuleTarget ? tree(member(body, "escalation")) : null,
      };
    case "signal":
      return { ...common, ...signalPlan(body) };
    case "interrupt":
      return { ...common, ...interruptPlan(body) };
    case "cycle":
      return { ...common, type, ancestor: textOf(member(body, "ancestor")) ?? "", input: maps(body, "input") };
    case null:
      throw new Error(`HotMesh invariant broken: ${activity.id} has no type, and its document passed the checks`);
  }
}

function commonPlan(activity: ActivityModel, around: Surroundings): ActivityCommon {
  const { id, body, type } = activity;
  const join = member(body, "join");
  const announces = type !== "cycle" && !interruptsItself(activity);
  return {
    id,
    edges: around.edges,
    writes: type === "cycle" ? [] : jobWrites(memberAt(body, ["job", "maps"])),
    emit: announces ? setting(body, "emit") : null,
    persist: announces ? setting(body, "persist") : null,
    statusThreshold: type === "trigger" ? null : setting(body, "statusThreshold"),
    telemetry: tree(member(body, "telemetry")),
    join: join === "all" || join === "any" ? join : null,
    pivot: around.pivot,
    inbound: around.inbound,
    mentions: around.mentions,
  };
}

function triggerPlan(body: JsonObject): Omit<TriggerPlan, keyof ActivityCommon> {
  const stats = member(body, "stats");
  const measures = items(member(stats, "measures")).map((entry) => {
    const target = member(entry, "target");
    return { measure: textOf(member(entry, "measure")) ?? "", label: labelOf(target), target: value(target) };
  });
  return {
    type: "trigger",
    stats: {
      id: setting(stats, "id"),
      key: setting(stats, "key"),
      granularity: textOf(member(stats, "granularity")) ?? "5m",
      measures,
    },
    entity: setting(body, "entity"),
  };
}

/** The path after the third segment; `{$self.input.data.a.b}` is counted as `a/b`. */
function labelOf(target: Json | undefined): string {
  const reference = /^\{(.*)\}$/s.exec(textOf(target) ?? "")?.[1] ?? "";
  return reference.split(".").slice(3).join("/");
}

function signalPlan(body: JsonObject): Omit<SignalPlan, keyof ActivityCommon> {
  const isForAll = member(body, "subtype") === "all";
  const topic = member(body, "topic");
  return {
    type: "signal",
    subtype: isForAll ? "all" : "one",
    topic: isForAll && topic !== undefined ? { op: "literal", value: topic } : value(topic),
    output: maps(body, "output"),
    payload: maps(body, "signal"),
    status: setting(body, "status"),
    code: setting(body, "code"),
    keyName: isForAll ? setting(body, "key_name") : null,
    keyValue: isForAll ? setting(body, "key_value") : null,
    scrub: isForAll ? setting(body, "scrub") : null,
    resolver: isForAll ? maps(body, "resolver") : null,
  };
}

function interruptPlan(body: JsonObject): Omit<InterruptPlan, keyof ActivityCommon> {
  const target = setting(body, "target");
  return {
    type: "interrupt",
    target,
    topic: setting(body, "topic"),
    output: target === null ? null : maps(body, "output"),
    reason: setting(body, "reason"),
    code: setting(body, "code"),
    throws: setting(body, "throw"),
    stack: setting(body, "stack"),
    descend: setting(body, "descend"),
  };
}

/** A second element of the list is accepted and has no effect. */
function retryOf(body: JsonObject): readonly { readonly code: string; readonly retries: number }[] {
  return members(member(body, "retry")).flatMap(([code, list]) => {
    const retries = items(list)[0];
    return typeof retries === "number" ? [{ code, retries }] : [];
  });
}

/** `subtype` may be written instead of `topic`. */
const topicOf = (body: JsonObject): Expression => value(member(body, "topic") ?? member(body, "subtype"));

const value = (from: Json | undefined): Expression =>
  from === undefined ? { op: "undefined" } : compileExpression(from);

const tree = (from: Json | undefined): Expression | null => (from === undefined ? null : compileMapping(from));

function setting(owner: Json | undefined, key: string): Expression | null {
  const found = member(owner, key);
  return found === undefined ? null : compileExpression(found);
}

const maps = (body: JsonObject, section: string): Expression | null => tree(memberAt(body, [section, "maps"]));
