import { evaluateAt } from "../expression/evaluate-at.js";
import type { Environment } from "../expression/expression.js";
import { type Json, jsonOf } from "../json.js";
import type { TriggerPlan } from "../plan/plan.js";
import { type CounterField, counterName, fieldText } from "../statistics/counter-field.js";
import type { Draft } from "./draft.js";

/**
 * Counts the job under its key: a total, and per measure a count or the job's id by value, or a sum
 * by path. A measure whose target is missing, or is no number where one is needed, is skipped; one that the document
 * names twice counts once.
 */
export function countStatistics(draft: Draft, trigger: TriggerPlan, environment: Environment): void {
  const { key, topic, id } = draft.record;
  if (key === null || trigger.stats.measures.length === 0) return;
  const changes = new Map<string, number>();
  const add = (field: CounterField, amount: number) => changes.set(fieldText(field), amount);
  const lists = new Set<string>();
  add({ kind: "total" }, 1);
  for (const [index, { measure, label, target }] of trigger.stats.measures.entries()) {
    const value = jsonOf(evaluateAt(["stats", "measures", index, "target"], target, environment));
    if (value === undefined || value === null) continue;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const number = numberOf(value);
    const list = JSON.stringify([label, text]);
    if (measure === "count") add({ kind: "count", label, value: text }, 1);
    else if (measure === "index" && !lists.has(list)) {
      add({ kind: "index", label, value: text, job: id, rank: lists.size }, 1);
      lists.add(list);
    } else if (number !== null && measure === "sum") add({ kind: "sum", label }, number);
    else if (number !== null && measure === "mdn") add({ kind: "mdn", label, number }, 1);
    else if (number !== null && measure === "avg") {
      add({ kind: "avg", label }, number);
      add({ kind: "values", label }, 1);
    }
  }
  const name = counterName(topic, key);
  const { slice } = draft.control;
  for (const [field, amount] of changes) {
    draft.effects.push({ kind: "count", change: { name, slice, field, add: amount } });
  }
}

/** A number, or text that is one; nothing else counts as a number, not even as 0. */
function numberOf(value: Json): number | null {
  const isText = typeof value === "string" && value.trim() !== "";
  const number = typeof value === "number" || isText ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}
