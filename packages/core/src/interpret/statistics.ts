import { evaluate } from "../expression/evaluate.js";
import type { Environment } from "../expression/expression.js";
import { jsonOf } from "../json.js";
import type { TriggerPlan } from "../plan/plan.js";
import type { Draft } from "./draft.js";

/**
 * Counts the job under its key (language.md 9.10): a total, and per measure a count or the job's id by value, or a sum
 * by path. A measure whose target is missing is skipped.
 */
export function countStatistics(draft: Draft, trigger: TriggerPlan, environment: Environment): void {
  const { key, topic } = draft.record;
  if (key === null || trigger.stats.measures.length === 0) return;
  const name = JSON.stringify([topic, key]);
  const slice = draft.control.slice;
  const add = (field: string, amount: number) =>
    draft.effects.push({ kind: "count", change: { name, slice, field, add: amount } });
  add("count", 1);
  for (const measure of trigger.stats.measures) {
    const value = jsonOf(evaluate(measure.target, environment));
    if (value === undefined || value === null) continue;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    if (measure.measure === "count") add(`count:${measure.label}:${text}`, 1);
    else if (measure.measure === "index") add(`index:${measure.label}:${text}:${draft.record.id}`, 1);
    else if (measure.measure === "sum" || measure.measure === "avg") {
      const amount = Number(value);
      if (Number.isFinite(amount)) {
        add(`sum:${measure.label}`, amount);
        add(`values:${measure.label}`, 1);
      }
    }
  }
}
