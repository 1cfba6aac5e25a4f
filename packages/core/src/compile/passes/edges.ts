import type { Json } from "../../json.js";
import { isJsonObject } from "../../json.js";
import {
  type EdgeModel,
  type GraphModel,
  interruptsItself,
  items,
  member,
  memberAt,
  ruleTargets,
} from "../app-model.js";
import type { Findings, Remark } from "../findings.js";
import { didYouMean } from "../nearest-name.js";

/** Transitions: that they join activities that exist, and warnings of those that surprise. */
export function checkEdges(graph: GraphModel, findings: Findings): void {
  const known = [...graph.byId.keys()];
  const live = new Set(graph.liveEdges);
  checkSources(graph, findings, known);
  for (const edge of graph.edges) {
    if (edge.to !== null && !graph.byId.has(edge.to)) {
      findings.error({
        code: "unknown-activity",
        path: [...edge.path, "to"],
        message: `the graph has no activity ${edge.to}`,
        hint: didYouMean(edge.to, known),
      });
    } else if (live.has(edge)) {
      checkLiveEdge(graph, edge, findings);
    }
  }
  checkReplaced(graph, findings);
}

function checkSources(graph: GraphModel, findings: Findings, known: readonly string[]): void {
  const transitions = member(graph.body, "transitions");
  for (const source of isJsonObject(transitions) ? Object.keys(transitions) : []) {
    if (graph.byId.has(source)) continue;
    findings.error({
      code: "unknown-activity",
      path: [...graph.path, "transitions", source],
      at: "key",
      message: `transitions lead away from ${source}, and the graph has no activity ${source}`,
      hint: didYouMean(source, known),
    });
  }
}

function checkLiveEdge(graph: GraphModel, edge: EdgeModel, findings: Findings): void {
  const source = graph.byId.get(edge.source);
  if (source === undefined || source.type === null) return;
  const conditions = member(edge.body, "conditions");
  if (conditions === undefined && (source.type === "worker" || source.type === "await")) {
    findings.warning({
      code: "unconditional-edge",
      path: edge.path,
      message:
        `the edge from ${edge.source} to ${edge.to} has no conditions: ` +
        "it also fires on errors and on interim answers",
      hint: "add conditions: { code: 200 } to fire on success only",
    });
  }
  checkExpected(edge, findings);
  if (source.type === "cycle" || interruptsItself(source)) {
    const kind = source.type === "cycle" ? "a cycle" : "an interrupt without target";
    findings.warning(neverFires(edge, edge.path, `${edge.source} is ${kind}, whose edges are never taken`));
    return;
  }
  const passesThrough =
    source.type === "signal" ||
    source.type === "interrupt" ||
    (source.type === "hook" && member(source.body, "sleep") === undefined && !ruleTargets(graph).has(source.id));
  const code = member(conditions, "code");
  if (!passesThrough || code === undefined || codesOf(code).some((text) => text === "200" || text === "500")) return;
  const why = `${edge.source} has only the codes 200, and 500 for an exception`;
  findings.warning(neverFires(edge, [...edge.path, "conditions", "code"], why));
}

function neverFires(edge: EdgeModel, path: EdgeModel["path"], why: string): Remark {
  const message = `the edge from ${edge.source} to ${edge.to} never fires: ${why}`;
  return { code: "edge-never-fires", path, message, hint: "remove the edge, or correct its code" };
}

const codesOf = (code: Json): readonly string[] => (Array.isArray(code) ? items(code) : [code]).map(String);

/** `expected` is compared as it stands, so something that looks like an expression is most likely a mistake. */
function checkExpected(edge: EdgeModel, findings: Findings): void {
  for (const [index, entry] of items(memberAt(edge.body, ["conditions", "match"])).entries()) {
    const expected = member(entry, "expected");
    const isReference = typeof expected === "string" && expected.startsWith("{") && expected.endsWith("}");
    const isPipe = isJsonObject(expected) && Object.hasOwn(expected, "@pipe");
    if (!isReference && !isPipe) continue;
    findings.warning({
      code: "literal-expected",
      path: [...edge.path, "conditions", "match", index, "expected"],
      message: `expected is not evaluated: ${JSON.stringify(expected)} is compared as it stands`,
      hint: "put the expression under actual",
    });
  }
}

function checkReplaced(graph: GraphModel, findings: Findings): void {
  const seen = new Set<string>();
  for (const edge of graph.edges) {
    const key = JSON.stringify([edge.source, edge.to]);
    const isKnown = edge.to !== null && graph.byId.has(edge.to) && graph.byId.has(edge.source);
    if (isKnown && seen.has(key)) {
      findings.warning({
        code: "edge-replaced",
        path: edge.path,
        message: `a second edge from ${edge.source} to ${edge.to} replaces the one before`,
        hint: "join both conditions in one edge",
      });
    }
    if (isKnown) seen.add(key);
  }
}
