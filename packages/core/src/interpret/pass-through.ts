import { evaluateAt } from "../expression/evaluate-at.js";
import type { Environment, Expression } from "../expression/expression.js";
import type { Effect } from "../job/effect.js";
import { isExotic, storedOutputOf } from "../job/exotic.js";
import type { ActivityPlan } from "../plan/plan.js";
import { evaluateExits, type Finish, finishPass } from "./finish.js";
import { applyWrites, evaluateWrites } from "./job-writes.js";
import { scopeOf } from "./scope.js";
import { selectEdges } from "./select-edges.js";
import type { Visit } from "./visit.js";

type WithOutput = ActivityPlan & { readonly output: Expression | null };

/** What a pass asks of the outside, besides its children. */
export interface SideEffects {
  /** Evaluated before everything else, on the data as it was. */
  readonly first?: (environment: Environment) => Effect | null;
  /** Evaluated on what the maps of this leg have made. */
  readonly last?: (environment: Environment) => readonly Effect[];
  /** How the pass ends: with `finishPass`, unless the activity has another way. */
  readonly end?: (finish: Finish) => void;
}

/**
 * An activity that does everything in leg 1: edges on the old data, `output.maps`, `job.maps`, its side effect, the
 * end. Whatever throws takes all of it back.
 */
export function passThrough(visit: Visit<WithOutput>, sideEffects: SideEffects = {}): void {
  const { draft, activity } = visit;
  const environment = scopeOf(visit);
  const undo = draft.savepoint();
  try {
    const first = sideEffects.first?.(environment) ?? null;
    const kids = selectEdges(activity, 200, environment);
    evaluateOutput(visit, environment);
    applyWrites(draft, evaluateWrites(draft, activity, environment));
    const last = sideEffects.last?.(environment) ?? [];
    const exits = evaluateExits(activity, environment);
    if (first !== null) draft.effects.push(first);
    draft.effects.push(...last);
    const finish: Finish = { kids, closes: true, fatal: false, exits, inputOf: null };
    if (sideEffects.end === undefined) finishPass(visit, finish);
    else sideEffects.end(finish);
  } catch (thrown) {
    undo();
    throw thrown;
  }
}

/** `output.maps` of an activity that evaluates it, in leg 1. */
export function evaluateOutput({ draft, activity, self }: Visit<WithOutput>, environment: Environment): void {
  if (activity.output === null) return;
  self.output = storedOutputOf(evaluateAt("output.maps", activity.output, environment));
  draft.exotic ||= isExotic(self.output);
}
