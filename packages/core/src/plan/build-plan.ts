import { type ActivityId, planId } from "../brand.js";
import { type AppModel, type GraphModel, items, member, memberAt, pivots, ruleTargets } from "../compile/app-model.js";
import { evaluatedPlaces } from "../compile/evaluated-places.js";
import { invariant } from "../errors.js";
import { compileConditions } from "../expression/compile-conditions.js";
import { compileExpression, compileMapping } from "../expression/compile-expression.js";
import type { Expression } from "../expression/expression.js";
import { mentionedRoots } from "../expression/mentions.js";
import { isJsonObject, type Json, type JsonObject } from "../json.js";
import { buildActivity } from "./build-activity.js";
import { canonicalJson } from "./canonical.js";
import type { ActivityPlan, Edge, GraphPlan, HookRule, Plan } from "./plan.js";
import { base64url, sha256 } from "./sha-256.js";

/** The plan of an app whose document has passed every check. */
export function buildPlan(model: AppModel): Plan {
  const { id: app, version, settings } = model;
  const content: Omit<Plan, "id"> = { format: 1, app, version, settings, graphs: model.graphs.map(buildGraph) };
  return { ...content, id: contentId(content) };
}

/** The address of a plan's content: whoever compiles the same document gets the same id. */
export function contentId(content: Omit<Plan, "id">): Plan["id"] {
  return planId(base64url(sha256(canonicalJson(content))));
}

function buildGraph(graph: GraphModel): GraphPlan {
  const { topic, trigger, body } = graph;
  invariant(topic !== null && trigger !== null, "a graph without topic or trigger passed the checks");
  const activities = buildActivities(graph);
  const publishes = member(body, "publishes");
  return {
    topic,
    publishes: typeof publishes === "string" ? publishes : null,
    expire: setting(body, "expire"),
    persistent: setting(body, "persistent"),
    inputSchema: inputSchemaOf(body),
    trigger: trigger.id,
    activities,
    hooks: buildRules(graph),
    jobFields: jobFieldsOf(activities),
  };
}

function buildActivities(graph: GraphModel): readonly ActivityPlan[] {
  const edges = new Map<ActivityId, Edge[]>();
  const inbound = new Map<ActivityId, ActivityId[]>();
  for (const { source, to, body } of graph.liveEdges) {
    if (to === null) continue;
    append(edges, source, { to, when: compileConditions(presentConditions(member(body, "conditions"))) });
    append(inbound, to, source);
  }
  const jumpedTo = pivots(graph);
  const waiting = ruleTargets(graph);
  const mentions = mentionsOf(graph);
  return graph.activities.map((activity) =>
    buildActivity(activity, {
      edges: edges.get(activity.id) ?? [],
      pivot: jumpedTo.has(activity.id),
      inbound: inbound.get(activity.id) ?? [],
      mentions: mentions(activity.id),
      isRuleTarget: waiting.has(activity.id),
    }),
  );
}

/** In conditions too null counts as absent, except under `expected`. */
function presentConditions(conditions: Json | undefined): Json | undefined {
  if (!isJsonObject(conditions)) return conditions;
  const present = withoutNulls(conditions);
  const match = member(present, "match");
  if (match === undefined) return present;
  const entries = items(match).map((entry) => (isJsonObject(entry) ? withoutNulls(entry, "expected") : entry));
  return { ...present, match: entries };
}

function withoutNulls(map: JsonObject, except: string | null = null): JsonObject {
  return Object.fromEntries(Object.entries(map).filter(([key, value]) => value !== null || key === except));
}

/** Which activities each one reads. What the graph itself evaluates is evaluated in the name of any of them. */
function mentionsOf(graph: GraphModel): (id: ActivityId) => readonly ActivityId[] {
  const everywhere = new Set<string>();
  const byReader = new Map<ActivityId, Set<string>>();
  for (const { reader, path, value, kind } of evaluatedPlaces(graph)) {
    const isOfSignal = reader === null && path[graph.path.length] === "hooks";
    if (isOfSignal) continue;
    const known = reader === null ? everywhere : (byReader.get(reader) ?? new Set());
    if (reader !== null) byReader.set(reader, known);
    const expression = kind === "maps" ? compileMapping(value) : compileExpression(value);
    for (const root of mentionedRoots(expression)) known.add(root);
  }
  const places = new Map(graph.activities.map((activity, index) => [activity.id, index]));
  const placeOf = (id: ActivityId): number => places.get(id) ?? -1;
  return (id) =>
    [...new Set([...everywhere, ...(byReader.get(id) ?? [])])]
      .filter((other) => other !== id && places.has(other))
      .sort((one, other) => placeOf(one) - placeOf(other));
}

/** Rules of activities that are no hooks have no effect and are left out. */
function buildRules(graph: GraphModel): readonly HookRule[] {
  const waiting = ruleTargets(graph);
  return graph.rules.flatMap(({ topic, to, body }) => {
    if (to === null || !waiting.has(to)) return [];
    const conditions = member(body, "conditions");
    const match = items(member(conditions, "match")).map((entry) => ({
      expected: isJsonObject(entry) && entry["expected"] === null ? compileExpression(null) : value(entry, "expected"),
      actual: value(entry, "actual"),
    }));
    return [{ topic, to, gate: member(conditions, "gate") === "or" ? ("or" as const) : ("and" as const), match }];
  });
}

/** Slots and marks are not leaves with a path of their own; their writes describe them. */
function jobFieldsOf(activities: readonly ActivityPlan[]): readonly (readonly string[])[] {
  const fields = new Map<string, readonly string[]>();
  for (const { writes } of activities) {
    for (const write of writes) if (write.kind === "leaf") fields.set(JSON.stringify(write.path), write.path);
  }
  return [...fields.values()];
}

function inputSchemaOf(body: JsonObject): JsonObject | boolean | null {
  if (memberAt(body, ["input", "validate"]) !== true) return null;
  const schema = memberAt(body, ["input", "schema"]);
  return isJsonObject(schema) || typeof schema === "boolean" ? schema : null;
}

function value(owner: Json, key: string): Expression {
  return setting(owner, key) ?? { op: "undefined" };
}

function setting(owner: Json, key: string): Expression | null {
  const found = member(owner, key);
  return found === undefined ? null : compileExpression(found);
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
