import { evaluate } from "../expression/evaluate.js";
import type { Environment, Expression } from "../expression/expression.js";
import { isExotic, storedOutputOf } from "../job/exotic.js";
import type { ActivityPlan } from "../plan/plan.js";
import { evaluateExits, finishPass } from "./finish.js";
import { applyWrites, evaluateWrites } from "./job-writes.js";
import { scopeOf } from "./scope.js";
import { selectEdges } from "./select-edges.js";
import type { Visit } from "./visit.js";

type WithOutput = ActivityPlan & { readonly output: Expression | null };

/**
 * An activity that does everything in leg 1: edges on the old data, `output.maps`, `job.maps`, its side effect, the
 * end (language.md 8.4). Nothing is changed before the last expression has been evaluated.
 */
export function passThrough(visit: Visit<WithOutput>, sideEffect?: (environment: Environment) => void): void {
  const { draft, activity } = visit;
  const environment = scopeOf(visit);
  const kids = selectEdges(activity, 200, environment);
  evaluateOutput(visit, environment);
  const writes = evaluateWrites(draft, activity, environment);
  sideEffect?.(environment);
  const undo = draft.savepoint();
  try {
    applyWrites(draft, writes);
    const exits = evaluateExits(activity, environment);
    finishPass(visit, { kids, closes: true, fatal: false, exits, inputOf: null });
  } catch (thrown) {
    undo();
    throw thrown;
  }
}

/** `output.maps` of an activity that evaluates it, in leg 1. */
export function evaluateOutput({ draft, activity, self }: Visit<WithOutput>, environment: Environment): void {
  if (activity.output === null) return;
  self.output = storedOutputOf(evaluate(activity.output, environment));
  draft.exotic ||= isExotic(self.output);
}
