import { jobId } from "../../brand.js";
import { evaluate } from "../../expression/evaluate.js";
import type { Environment, Expression } from "../../expression/expression.js";
import type { InterruptBody } from "../../job/event.js";
import { keyOf } from "../../job/keys.js";
import { pathOf } from "../../job/path.js";
import type { InterruptPlan } from "../../plan/plan.js";
import { interruptJob, interruptMessage } from "../interrupt-job.js";
import { applyWrites, evaluateWrites } from "../job-writes.js";
import { passThrough } from "../pass-through.js";
import { scopeOf } from "../scope.js";
import type { Visit } from "../visit.js";

/** Interrupts the own job, or another one (language.md 4.6). */
export function enterInterrupt(visit: Visit<InterruptPlan>): void {
  const { draft, activity, position } = visit;
  if (activity.target === null) {
    const environment = scopeOf(visit);
    const body = interruptBody(activity, environment);
    applyWrites(draft, evaluateWrites(draft, activity, environment));
    draft.current = 0;
    interruptJob(draft, position, { body, status: draft.obligations() });
    return;
  }
  const { target } = activity;
  passThrough(visit, (environment) => {
    const id = evaluate(target, environment);
    if (id === undefined || id === null || id === "") return;
    const key = keyOf(
      { generation: draft.record.generation, path: pathOf(activity.id, position.address) },
      "interrupt",
    );
    const message = interruptMessage(key, jobId(String(id)), interruptBody(activity, environment));
    draft.effects.push({ kind: "send", message });
  });
}

function interruptBody(activity: InterruptPlan, environment: Environment): InterruptBody {
  const value = (expression: Expression | null): unknown =>
    expression === null ? undefined : evaluate(expression, environment);
  const reason = value(activity.reason);
  const code = Number(value(activity.code) ?? 410);
  return {
    reason: reason === undefined || reason === null ? null : String(reason),
    code: Number.isFinite(code) ? code : 410,
    throws: value(activity.throws) !== false,
    stack: String(value(activity.stack) ?? ""),
    expireSeconds: null,
    descend: value(activity.descend) === true,
  };
}
