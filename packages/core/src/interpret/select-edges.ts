import { placed } from "../expression/evaluate-at.js";
import { conditionsHold } from "../expression/evaluate-conditions.js";
import type { Environment } from "../expression/expression.js";
import type { ActivityPlan, Edge } from "../plan/plan.js";

/** The transitions that fire for a code, in document order. */
export function selectEdges(activity: ActivityPlan, code: number, environment: Environment): readonly Edge[] {
  return activity.edges.filter((edge) => {
    try {
      return conditionsHold(edge.when, code, environment);
    } catch (thrown) {
      throw placed(thrown, ["transitions", edge.to, "conditions"]);
    }
  });
}

/** The same while an error is handled: a condition that throws does not fire. */
export function selectEdgesSafely(activity: ActivityPlan, code: number, environment: Environment): readonly Edge[] {
  return activity.edges.filter((edge) => {
    try {
      return conditionsHold(edge.when, code, environment);
    } catch {
      return false;
    }
  });
}
