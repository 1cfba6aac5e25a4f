import { jobId } from "../../brand.js";
import { evaluateAt } from "../../expression/evaluate-at.js";
import type { Environment, Expression } from "../../expression/expression.js";
import { numberOf, textOf } from "../../expression/functions/conversion.js";
import type { Effect } from "../../job/effect.js";
import type { InterruptBody } from "../../job/event.js";
import { keyOf } from "../../job/keys.js";
import { pathOf } from "../../job/path.js";
import type { InterruptPlan } from "../../plan/plan.js";
import { type Finish, finishPass, writePassRow } from "../finish.js";
import { interruptJob, interruptMessage } from "../interrupt-job.js";
import { applyWrites, evaluateWrites } from "../job-writes.js";
import { passThrough } from "../pass-through.js";
import { scopeOf } from "../scope.js";
import type { Visit } from "../visit.js";

/** Interrupts the own job, or another one. */
export function enterInterrupt(visit: Visit<InterruptPlan>): void {
  const { draft, activity, position } = visit;
  const { target } = activity;
  if (target === null) {
    interruptSelf(visit);
    return;
  }
  let own: InterruptBody | null = null;
  const first = (environment: Environment): Effect | null => {
    const id = evaluateAt("target", target, environment);
    if (id === undefined || id === null || id === "") return null;
    const body = interruptBody(activity, environment);
    if (textOf(id) === draft.record.id) {
      own = body;
      return null;
    }
    const path = pathOf(activity.id, position.address);
    const key = keyOf({ generation: draft.record.generation, path }, "interrupt");
    return { kind: "send", message: interruptMessage(key, jobId(textOf(id)), body) };
  };
  const end = (finish: Finish): void => {
    if (own === null) {
      finishPass(visit, finish);
      return;
    }
    // The own job dies with what this pass has mapped; its children never run.
    writePassRow(visit, finish);
    interruptJob(draft, position, { body: own, status: draft.obligations() });
  };
  passThrough(visit, { first, end });
}

/** Without a target nothing follows: the own job ends here. */
function interruptSelf(visit: Visit<InterruptPlan>): void {
  const { draft, activity, position } = visit;
  const environment = scopeOf(visit);
  const undo = draft.savepoint();
  try {
    applyWrites(draft, evaluateWrites(draft, activity, environment));
    const body = interruptBody(activity, environment);
    draft.current = 0;
    interruptJob(draft, position, { body, status: draft.obligations() });
  } catch (thrown) {
    undo();
    throw thrown;
  }
}

function interruptBody(activity: InterruptPlan, environment: Environment): InterruptBody {
  const value = (property: string, expression: Expression | null): unknown =>
    expression === null ? undefined : evaluateAt(property, expression, environment);
  const reason = value("reason", activity.reason);
  const code = numberOf(value("code", activity.code) ?? 410);
  return {
    reason: reason === undefined || reason === null ? null : textOf(reason),
    code: Number.isFinite(code) ? code : 410,
    throws: value("throw", activity.throws) !== false,
    stack: textOf(value("stack", activity.stack) ?? ""),
    expireSeconds: null,
    descend: value("descend", activity.descend) === true,
  };
}
