import type { ActivityId } from "../brand.js";
import type { DocumentPath } from "../document/source-node.js";
import type { Json, JsonObject } from "../json.js";
import {
  type ActivityModel,
  type EdgeModel,
  type GraphModel,
  interruptsItself,
  items,
  member,
  memberAt,
  type RuleModel,
  ruleTargets,
} from "./app-model.js";

/** A place whose content is evaluated at run time. */
export interface EvaluatedPlace {
  readonly path: DocumentPath;
  readonly value: Json;
  /** A single value, or a tree of them. */
  readonly kind: "setting" | "maps";
  /** In whose name it is evaluated; null: the graph's, or that of whoever sends a signal. */
  readonly reader: ActivityId | null;
}

interface Owner {
  readonly body: Json;
  readonly path: DocumentPath;
  readonly reader: ActivityId | null;
}

/** Where below an owner a value stands. */
type Address = readonly [kind: EvaluatedPlace["kind"], ...path: string[]];

const announcing: readonly Address[] = [
  ["setting", "emit"],
  ["setting", "persist"],
];
const common: readonly Address[] = [
  ["maps", "job", "maps"],
  ["maps", "telemetry"],
];
const threshold: Address = ["setting", "statusThreshold"];

/** Every evaluated place of a graph, in no particular order. */
export function evaluatedPlaces(graph: GraphModel): readonly EvaluatedPlace[] {
  const targets = ruleTargets(graph);
  return [
    ...at({ ...graph, reader: null }, [
      ["setting", "expire"],
      ["setting", "persistent"],
    ]),
    ...graph.activities.flatMap((activity) => activityPlaces(activity, targets.has(activity.id))),
    ...graph.edges.flatMap((edge) => matchPlaces(edge, "actual", edge.source)),
    ...graph.rules.flatMap((rule) => [...matchPlaces(rule, "expected", rule.to), ...matchPlaces(rule, "actual", null)]),
  ];
}

function activityPlaces(activity: ActivityModel, isTarget: boolean): readonly EvaluatedPlace[] {
  const { body, path, id } = activity;
  const places = at({ body, path, reader: id }, addressesOf(activity, isTarget));
  if (activity.type !== "trigger") return places;
  const measures = items(memberAt(body, ["stats", "measures"]));
  return [
    ...places,
    ...measures.flatMap((measure, index) =>
      at({ body: measure, path: [...path, "stats", "measures", index], reader: id }, [["setting", "target"]]),
    ),
  ];
}

function addressesOf(activity: ActivityModel, isTarget: boolean): readonly Address[] {
  switch (activity.type) {
    case null:
      return [];
    case "trigger":
      return [...common, ...announcing, ["setting", "stats", "id"], ["setting", "stats", "key"], ["setting", "entity"]];
    case "worker":
      return [...common, ...announcing, threshold, topicOf(activity.body), ["maps", "input", "maps"]];
    case "await":
      return [
        ...common,
        ...announcing,
        threshold,
        topicOf(activity.body),
        ["maps", "input", "maps"],
        ["setting", "await"],
      ];
    case "hook":
      return [
        ...common,
        ...announcing,
        threshold,
        ["setting", "sleep"],
        ["maps", "output", "maps"],
        ...(isTarget ? [["maps", "escalation"] as const] : []),
      ];
    case "signal":
      return signalAddresses(activity.body);
    case "interrupt":
      return interruptAddresses(interruptsItself(activity));
    case "cycle":
      return [threshold, ["maps", "telemetry"], ["maps", "input", "maps"]];
  }
}

/** `subtype` may be written instead of `topic`; `topic` wins when both are there. */
function topicOf(body: JsonObject): Address {
  return ["setting", member(body, "topic") === undefined ? "subtype" : "topic"];
}

function signalAddresses(body: JsonObject): readonly Address[] {
  const shared: readonly Address[] = [
    ...common,
    ...announcing,
    threshold,
    ["maps", "output", "maps"],
    ["maps", "signal", "maps"],
    ["setting", "status"],
    ["setting", "code"],
  ];
  if (member(body, "subtype") !== "all") return [...shared, ["setting", "topic"]];
  return [
    ...shared,
    ["setting", "key_name"],
    ["setting", "key_value"],
    ["setting", "scrub"],
    ["maps", "resolver", "maps"],
  ];
}

function interruptAddresses(isSelf: boolean): readonly Address[] {
  const settings = ["topic", "reason", "code", "throw", "stack", "descend"].map((key) => ["setting", key] as const);
  if (isSelf) return [...common, threshold, ...settings];
  return [...common, ...announcing, threshold, ...settings, ["setting", "target"], ["maps", "output", "maps"]];
}

function matchPlaces(
  owner: EdgeModel | RuleModel,
  key: "actual" | "expected",
  reader: ActivityId | null,
): readonly EvaluatedPlace[] {
  return items(memberAt(owner.body, ["conditions", "match"])).flatMap((entry, index) =>
    at({ body: entry, path: [...owner.path, "conditions", "match", index], reader }, [["setting", key]]),
  );
}

function at(owner: Owner, addresses: readonly Address[]): readonly EvaluatedPlace[] {
  return addresses.flatMap(([kind, ...steps]) => {
    const value = memberAt(owner.body, steps);
    return value === undefined ? [] : [{ path: [...owner.path, ...steps], value, kind, reader: owner.reader }];
  });
}
