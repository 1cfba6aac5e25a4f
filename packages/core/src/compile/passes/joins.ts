import type { ActivityId } from "../../brand.js";
import { nearestDominators, reachable, reversed } from "../../plan/shape.js";
import { type ActivityModel, type GraphModel, member, textOf } from "../app-model.js";
import type { Findings } from "../findings.js";

/** Where arrivals are merged (language.md 6.3). Only for graphs whose transitions form no loop. */
export function checkJoins(graph: GraphModel, findings: Findings): void {
  const back = reversed(graph.shape);
  for (const activity of graph.activities) {
    const join = member(activity.body, "join");
    if (join !== "all" && join !== "any") continue;
    const path = [...activity.path, "join"];
    if (activity.type === "trigger") {
      const message = `${activity.id} is a trigger, and nothing leads to a trigger that could be joined`;
      findings.error({ code: "bad-join", path, message, hint: "remove join" });
      continue;
    }
    const count = (back.get(activity.id) ?? []).length;
    if (count < 2) {
      const found = count === 0 ? "no incoming edge" : "one incoming edge";
      const message = `${activity.id} has ${found}: there is nothing to join`;
      findings.warning({ code: "no-join-needed", path, message, hint: "remove join" });
    }
    checkJumps(graph, activity, findings);
  }
}

/** A cycle below a join jumps to the fork of the join or above it: between the two it would tear a join open. */
function checkJumps(graph: GraphModel, join: ActivityModel, findings: Findings): void {
  if (graph.trigger === null) return;
  const fork = nearestDominators(graph.shape, graph.trigger.id).get(join.id);
  if (fork === undefined) return;
  const between = activitiesBetween(graph, fork, join.id);
  const below = reachable(graph.shape, join.id);
  for (const cycle of graph.activities) {
    const ancestor = textOf(member(cycle.body, "ancestor"));
    if (cycle.type !== "cycle" || ancestor === null || !below.has(cycle.id) || !between.has(ancestor)) continue;
    findings.error({
      code: "bad-join",
      path: [...cycle.path, "ancestor"],
      message:
        `${cycle.id} is below the join ${join.id} and jumps to ${ancestor}, ` +
        `which is between ${join.id} and its fork ${fork}`,
      hint: `jump to ${fork} or above, or to an activity below ${join.id}`,
    });
  }
}

function activitiesBetween(graph: GraphModel, fork: ActivityId, join: ActivityId): ReadonlySet<ActivityId> {
  const above = reachable(reversed(graph.shape), join);
  return new Set([...reachable(graph.shape, fork)].filter((id) => above.has(id)));
}
