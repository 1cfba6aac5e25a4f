import type { AppId } from "../../brand.js";
import { activityTypes } from "../../document/graph-document.js";
import { formatPath } from "../../document/source-node.js";
import { type ActivityModel, type AppModel, type GraphModel, member, textOf } from "../app-model.js";
import type { Findings } from "../findings.js";
import { didYouMean } from "../nearest-name.js";

/** Names of the app, its topics, activities and types. */
export function checkNames(model: AppModel, findings: Findings, app: AppId | null): void {
  if (app !== null && model.id !== "" && model.id !== app) {
    findings.error({
      code: "app-mismatch",
      path: ["app", "id"],
      message: `the document is for the app ${model.id}, and the connected app is ${app}`,
      hint: `write id: ${app}, or connect as ${model.id}`,
    });
  }
  checkTopics(model, findings);
  const defined = new Map<string, ActivityModel>();
  for (const graph of model.graphs) {
    for (const activity of graph.activities) {
      checkId(activity, findings);
      checkType(activity, findings);
      checkUnique(activity, defined, findings);
    }
    checkTriggers(graph, findings);
  }
}

function checkTopics(model: AppModel, findings: Findings): void {
  const taken = new Map<string, GraphModel>();
  for (const graph of model.graphs) {
    if (graph.topic === null) continue;
    const first = taken.get(graph.topic);
    if (first === undefined) {
      taken.set(graph.topic, graph);
      continue;
    }
    findings.error({
      code: "duplicate-topic",
      path: [...graph.path, "subscribes"],
      message: `${graph.topic} is taken by ${formatPath(first.path)}; a topic starts one graph`,
      hint: "choose another topic",
    });
  }
}

const reservedIds: ReadonlySet<string> = new Set(["data", "metadata"]);

function checkId(activity: ActivityModel, findings: Findings): void {
  const { id } = activity;
  const flaw = idFlaw(id);
  if (flaw === null) return;
  findings.error({
    code: "bad-id",
    path: activity.path,
    at: "key",
    message: `${JSON.stringify(id)} cannot be the id of an activity: ${flaw}`,
    hint: "use letters, digits, _ and -",
  });
}

function idFlaw(id: string): string | null {
  if (id === "") return "it is empty";
  if (id.startsWith("$")) return "it begins with $";
  if (reservedIds.has(id)) return "the name is reserved";
  const mark = /[./,[\]{}]|::/.exec(id)?.[0];
  return mark === undefined ? null : `it contains ${mark}`;
}

function checkType(activity: ActivityModel, findings: Findings): void {
  const name = textOf(member(activity.body, "type"));
  if (name === null || activity.type !== null) return;
  findings.error({
    code: "unknown-type",
    path: [...activity.path, "type"],
    message: `${JSON.stringify(name)} is no type of activity; the types are ${activityTypes.join(", ")}`,
    hint: didYouMean(name, activityTypes) || "use one of these types; a hook without a rule just maps data",
  });
}

function checkUnique(activity: ActivityModel, defined: Map<string, ActivityModel>, findings: Findings): void {
  const first = defined.get(activity.id);
  if (first === undefined) {
    defined.set(activity.id, activity);
    return;
  }
  const { line, column, file } = findings.placeOf(first.path, "key");
  const place = `${file === undefined ? "" : `${file}:`}${line}:${column} (${formatPath(first.path)})`;
  findings.error({
    code: "duplicate-activity",
    path: activity.path,
    at: "key",
    message: `${activity.id} is defined before, at ${place}; ids are unique in the whole app`,
    hint: "choose another id",
  });
}

function checkTriggers(graph: GraphModel, findings: Findings): void {
  const activities = member(graph.body, "activities");
  if (activities === undefined) return;
  const [first, ...more] = graph.activities.filter((activity) => activity.type === "trigger");
  if (first === undefined) {
    findings.error({
      code: "no-trigger",
      path: [...graph.path, "activities"],
      message: "the graph has no trigger and needs exactly one",
      hint: "add an activity of type trigger",
    });
  }
  for (const extra of more) {
    findings.error({
      code: "many-triggers",
      path: [...extra.path, "type"],
      message: `${extra.id} is a second trigger beside ${first?.id}; a graph has exactly one`,
      hint: "move it to a graph of its own",
    });
  }
}
