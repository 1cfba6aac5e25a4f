import type { ActivityId } from "../../brand.js";
import { reachable } from "../../plan/shape.js";
import { type ActivityModel, type EdgeModel, type GraphModel, member, textOf } from "../app-model.js";
import type { Findings } from "../findings.js";
import { didYouMean } from "../nearest-name.js";

/**
 * Loops of transitions, the targets of cycles, and activities that nothing leads to. Answers whether the graph is free
 * of loops.
 */
export function checkLoops(graph: GraphModel, findings: Findings): boolean {
  const closing = closingEdges(graph);
  for (const { edge, loop } of closing) {
    findings.error({
      code: "transition-loop",
      path: [...edge.path, "to"],
      message: `transitions form a loop: ${loop.join(" → ")}`,
      hint: `use an activity of type cycle with ancestor: ${edge.to}`,
    });
  }
  for (const activity of graph.activities) if (activity.type === "cycle") checkAncestor(graph, activity, findings);
  checkReachable(graph, findings);
  return closing.length === 0;
}

interface ClosingEdge {
  readonly edge: EdgeModel;
  readonly loop: readonly ActivityId[];
}

/** The edges that lead back to an activity on the way from where a depth-first walk began, one for each loop met. */
function closingEdges(graph: GraphModel): readonly ClosingEdge[] {
  const edges = new Map<ActivityId, EdgeModel[]>();
  for (const edge of graph.liveEdges) {
    const known = edges.get(edge.source);
    if (known === undefined) edges.set(edge.source, [edge]);
    else known.push(edge);
  }
  const closing: ClosingEdge[] = [];
  const done = new Set<ActivityId>();
  const starts = [...(graph.trigger === null ? [] : [graph.trigger.id]), ...graph.byId.keys()];
  for (const start of starts) {
    if (done.has(start)) continue;
    const way: { readonly id: ActivityId; readonly rest: Iterator<EdgeModel> }[] = [];
    const onWay = new Set<ActivityId>();
    const enter = (id: ActivityId): void => {
      way.push({ id, rest: (edges.get(id) ?? [])[Symbol.iterator]() });
      onWay.add(id);
    };
    enter(start);
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const step = top.rest.next();
      const edge = step.done === true ? null : step.value;
      const to = edge?.to ?? null;
      if (edge === null) {
        onWay.delete(top.id);
        done.add(top.id);
        way.pop();
      } else if (to !== null && onWay.has(to)) {
        const ids = way.map((step) => step.id);
        closing.push({ edge, loop: [...ids.slice(ids.indexOf(to)), to] });
      } else if (to !== null && !done.has(to)) {
        enter(to);
      }
    }
  }
  return closing;
}

function checkAncestor(graph: GraphModel, cycle: ActivityModel, findings: Findings): void {
  const ancestor = textOf(member(cycle.body, "ancestor"));
  if (ancestor === null) return;
  const path = [...cycle.path, "ancestor"];
  const target = graph.byId.get(ancestor);
  if (target === undefined) {
    const hint = didYouMean(ancestor, graph.byId.keys());
    findings.error({ code: "unknown-activity", path, message: `the graph has no activity ${ancestor}`, hint });
    return;
  }
  const flaw = ancestorFlaw(graph, cycle, target);
  if (flaw !== null) {
    const hint = "name an activity on the way from the trigger to the cycle, the trigger excluded";
    findings.error({ code: "not-an-ancestor", path, message: `${cycle.id} cannot jump to ${ancestor}: ${flaw}`, hint });
  } else if (target.type === "worker" || target.type === "await") {
    findings.warning({
      code: "cycle-to-worker",
      path,
      message: `${ancestor} is a ${target.type}: it is not run again, only its edges are followed anew`,
      hint: `put a hook before ${ancestor} and name that as the ancestor`,
    });
  }
}

function ancestorFlaw(graph: GraphModel, cycle: ActivityModel, target: ActivityModel): string | null {
  if (target.type === "trigger") return "it is the trigger";
  if (graph.trigger === null) return null;
  const isBehindTrigger = reachable(graph.shape, graph.trigger.id).has(target.id);
  const leadsToCycle = reachable(graph.shape, target.id).has(cycle.id);
  return isBehindTrigger && leadsToCycle && target.id !== cycle.id
    ? null
    : "it is on no path from the trigger to the cycle";
}

function checkReachable(graph: GraphModel, findings: Findings): void {
  if (graph.trigger === null) return;
  const live = reachable(graph.shape, graph.trigger.id);
  for (const activity of graph.activities) {
    if (activity.type === null || activity.type === "trigger" || live.has(activity.id)) continue;
    findings.warning({
      code: "unreachable-activity",
      path: activity.path,
      at: "key",
      message: `no path of transitions leads from the trigger ${graph.trigger.id} to ${activity.id}: it never runs`,
      hint: "add a transition to it, or remove it",
    });
  }
}
