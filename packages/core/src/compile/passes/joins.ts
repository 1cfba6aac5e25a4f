import type { ActivityId } from "../../brand.js";
import { nearestDominators, reachable, reversed } from "../../plan/shape.js";
import { type ActivityModel, type GraphModel, member, textOf } from "../app-model.js";
import type { Findings } from "../findings.js";

/** Where arrivals are merged. Only for graphs whose transitions form no loop. */
export function checkJoins(graph: GraphModel, findings: Findings): void {
  const back = reversed(graph.shape);
  const joins: ActivityModel[] = [];
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
    joins.push(activity);
  }
  checkJumps(graph, joins, findings);
}

/** A cycle below a join jumps to the fork of the join or above it: between the two it would tear a join open. */
function checkJumps(graph: GraphModel, joins: readonly ActivityModel[], findings: Findings): void {
  const cycles = graph.activities.filter((activity) => activity.type === "cycle");
  if (graph.trigger === null || joins.length === 0 || cycles.length === 0) return;
  const back = reversed(graph.shape);
  const forks = nearestDominators(graph.shape, graph.trigger.id);
  for (const cycle of cycles) {
    const ancestor = textOf(member(cycle.body, "ancestor"));
    if (ancestor === null) continue;
    const aboveCycle = reachable(back, cycle.id);
    const aboveAncestor = reachable(back, ancestor);
    const belowAncestor = reachable(graph.shape, ancestor);
    for (const join of joins) {
      const fork = forks.get(join.id);
      const isTorn = fork !== undefined && aboveAncestor.has(fork) && belowAncestor.has(join.id);
      if (isTorn && aboveCycle.has(join.id)) reportJump({ cycle, ancestor, join: join.id, fork }, findings);
    }
  }
}

interface Jump {
  readonly cycle: ActivityModel;
  readonly ancestor: ActivityId;
  readonly join: ActivityId;
  readonly fork: ActivityId;
}

function reportJump({ cycle, ancestor, join, fork }: Jump, findings: Findings): void {
  findings.error({
    code: "bad-join",
    path: [...cycle.path, "ancestor"],
    message:
      `${cycle.id} is below the join ${join} and jumps to ${ancestor}, ` +
      `which is between ${join} and its fork ${fork}`,
    hint: `jump to ${fork} or above, or to an activity below ${join}`,
  });
}
