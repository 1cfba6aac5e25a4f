import type { ActivityId, Topic } from "../brand.js";
import { type ActivityType, activityTypes } from "../document/graph-document.js";
import type { DocumentPath } from "../document/source-node.js";
import { isJsonObject, type Json, type JsonObject } from "../json.js";
import type { Edges } from "../plan/shape.js";

/**
 * A document as the passes and the plan builder read it. Reading is lenient: what is missing or of the wrong kind is
 * left out without a word, because the structure check has already said it, and all other problems are to be found in
 * the same run.
 */
export interface AppModel {
  readonly id: string;
  readonly version: string;
  readonly settings: Json;
  readonly graphs: readonly GraphModel[];
}

export interface GraphModel {
  readonly path: DocumentPath;
  readonly topic: Topic | null;
  readonly body: JsonObject;
  readonly activities: readonly ActivityModel[];
  readonly byId: ReadonlyMap<ActivityId, ActivityModel>;
  /** The first trigger. */
  readonly trigger: ActivityModel | null;
  /** Every edge as written, those of unknown activities and those that a later one replaces included. */
  readonly edges: readonly EdgeModel[];
  /** Edges between activities of the graph, the last of each source and target. */
  readonly liveEdges: readonly EdgeModel[];
  readonly shape: Edges;
  readonly rules: readonly RuleModel[];
}

export interface ActivityModel {
  readonly id: ActivityId;
  readonly path: DocumentPath;
  /** Null when it is missing or unknown. */
  readonly type: ActivityType | null;
  readonly body: JsonObject;
}

export interface EdgeModel {
  readonly source: ActivityId;
  /** Null when it is missing. */
  readonly to: ActivityId | null;
  readonly path: DocumentPath;
  readonly body: JsonObject;
}

export interface RuleModel {
  readonly topic: Topic;
  readonly to: ActivityId | null;
  readonly path: DocumentPath;
  readonly body: JsonObject;
}

/** A member that is there and not null: elsewhere than in data, null counts as absent. */
export function member(map: Json | undefined, key: string): Json | undefined {
  if (!isJsonObject(map) || !Object.hasOwn(map, key)) return undefined;
  return map[key] ?? undefined;
}

/** A member somewhere below, through maps only. */
export function memberAt(map: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => member(value, key), map);
}

export function readApp(document: Json): AppModel {
  const app = member(document, "app");
  const version = member(app, "version");
  return {
    id: textOf(member(app, "id")) ?? "",
    version: typeof version === "number" ? String(version) : (textOf(version) ?? ""),
    settings: member(app, "settings") ?? null,
    graphs: items(member(app, "graphs")).flatMap((graph, index) =>
      isJsonObject(graph) ? [readGraph(graph, ["app", "graphs", index])] : [],
    ),
  };
}

function readGraph(body: JsonObject, path: DocumentPath): GraphModel {
  const activities = members(member(body, "activities")).flatMap(([id, value]) =>
    isJsonObject(value) ? [readActivity(id, value, [...path, "activities", id])] : [],
  );
  const byId = new Map(activities.map((activity) => [activity.id, activity]));
  const edges = members(member(body, "transitions")).flatMap(([source, list]) =>
    items(list).flatMap((edge, index) =>
      isJsonObject(edge)
        ? [{ source, to: textOf(member(edge, "to")), path: [...path, "transitions", source, index], body: edge }]
        : [],
    ),
  );
  const liveEdges = [...lastOfEach(edges.filter((edge) => byId.has(edge.source) && byId.has(edge.to ?? "")))];
  return {
    path,
    topic: textOf(member(body, "subscribes")),
    body,
    activities,
    byId,
    trigger: activities.find((activity) => activity.type === "trigger") ?? null,
    edges,
    liveEdges,
    shape: shapeOf(liveEdges),
    rules: readRules(body, path),
  };
}

function readActivity(id: ActivityId, body: JsonObject, path: DocumentPath): ActivityModel {
  const name = textOf(member(body, "type"));
  return { id, path, type: name === "activity" ? "hook" : (activityTypes.find((type) => type === name) ?? null), body };
}

function readRules(body: JsonObject, path: DocumentPath): readonly RuleModel[] {
  return members(member(body, "hooks")).flatMap(([topic, list]) =>
    items(list).flatMap((rule, index) =>
      isJsonObject(rule)
        ? [{ topic, to: textOf(member(rule, "to")), path: [...path, "hooks", topic, index], body: rule }]
        : [],
    ),
  );
}

/** A second edge from the same source to the same target replaces the first. */
function lastOfEach(edges: readonly EdgeModel[]): Iterable<EdgeModel> {
  const last = new Map<string, EdgeModel>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.source, edge.to]);
    last.delete(key);
    last.set(key, edge);
  }
  return last.values();
}

function shapeOf(edges: readonly EdgeModel[]): Edges {
  const shape = new Map<ActivityId, ActivityId[]>();
  for (const { source, to } of edges) {
    if (to === null) continue;
    const targets = shape.get(source) ?? [];
    targets.push(to);
    shape.set(source, targets);
  }
  return shape;
}

/** The members of a map, without those that are null. */
export function members(value: Json | undefined): readonly (readonly [key: string, value: Json])[] {
  return isJsonObject(value) ? Object.entries(value).filter(([, entry]) => entry !== null) : [];
}

export function items(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}

/** An interrupt without a target stops its own job. */
export function interruptsItself(activity: ActivityModel): boolean {
  return activity.type === "interrupt" && member(activity.body, "target") === undefined;
}

/** Ids of the hooks that wait for a signal because a rule names them. */
export function ruleTargets(graph: GraphModel): ReadonlySet<ActivityId> {
  return new Set(graph.rules.flatMap(({ to }) => (to !== null && graph.byId.get(to)?.type === "hook" ? [to] : [])));
}

/** Ids of the activities that cycles jump back to, or that say `cycle: true`. */
export function pivots(graph: GraphModel): ReadonlySet<ActivityId> {
  return new Set(
    graph.activities.flatMap((activity) => {
      if (activity.type === "cycle") return [textOf(member(activity.body, "ancestor")) ?? ""];
      return member(activity.body, "cycle") === true ? [activity.id] : [];
    }),
  );
}
