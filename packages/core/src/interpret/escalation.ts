import { type Instant, instant } from "../brand.js";
import { HotMeshError } from "../errors.js";
import { evaluateAt } from "../expression/evaluate-at.js";
import type { Environment } from "../expression/expression.js";
import { dateOf } from "../expression/functions/date-input.js";
import { isJsonObject, type Json, type JsonObject, jsonOf } from "../json.js";
import type { HookPlan } from "../plan/plan.js";
import type { EscalationRecord } from "../ports/records.js";
import type { Draft } from "./draft.js";

/** What an `escalation` block says: the item without the wait that it is kept beside. */
export type EscalationContent = Omit<EscalationRecord, "wait" | "key" | "topic" | "job">;

const usualPriority = 5;
/** Priorities are stored as 32-bit integers. */
const priorityLimit = 2_147_483_647;
/** The last millisecond of the year 9999, and the last that every storage can show. */
const latestExpiry = 253_402_300_799_999;

/** The work item that a hook asks for. Null: none, because nothing says who or what it is for. */
export function evaluateEscalation(activity: HookPlan, environment: Environment): EscalationContent | null {
  if (activity.escalation === null) return null;
  const block = evaluateAt("escalation", activity.escalation, environment);
  return typeof block !== "object" || block === null ? null : escalationContent(block);
}

/** The same, of what the block came to. */
export function escalationContent(block: object): EscalationContent | null {
  const given = new Map<string, unknown>(Object.entries(block));
  const text = (name: string): string | null => textOf(given.get(name));
  const content: EscalationContent = {
    role: text("role"),
    type: text("type"),
    subtype: text("subtype"),
    entity: text("entity"),
    description: text("description"),
    priority: priorityOf(given.get("priority")),
    metadata: objectOf(given.get("metadata")),
    envelope: objectOf(given.get("envelope")),
    originId: text("originId"),
    parentId: text("parentId"),
    initiatedBy: text("initiatedBy"),
    traceId: text("traceId"),
    spanId: text("spanId"),
    taskQueue: text("taskQueue"),
    workflowType: text("workflowType"),
    expiresAt: instantOf(given.get("expiresAt")),
  };
  const isAsked = ["role", "type", "priority", "metadata"].some((name) => (given.get(name) ?? null) !== null);
  return isAsked ? content : null;
}

/**
 * Throws when another wait has a pending item of this key. What the step has not read counts as free
 * for now, and is noted as wanted: the decision is thrown away and made again.
 */
export function claimKey(draft: Draft, key: string): void {
  if (holderOf(draft, key) === null) return;
  const message = `a work item with the key ${key} is still pending in app ${draft.control.app}`;
  throw new HotMeshError("escalation-pending", message);
}

/** The wait whose item of this key is pending, as this decision has left it so far. */
function holderOf(draft: Draft, key: string): string | null {
  const known = draft.moment.pendingItem?.(key);
  if (known === undefined && draft.moment.pendingItem !== undefined) draft.wantedEscalations.add(key);
  let holder = known ?? null;
  for (const effect of draft.effects) {
    if (effect.kind === "open-escalation" && effect.escalation.key === key) holder = effect.escalation.wait;
    if (effect.kind === "close-escalation" && effect.close.wait === holder) holder = null;
  }
  return holder;
}

/** A scalar as text, anything bigger as its JSON; what JSON cannot say is absent. */
function textOf(value: unknown): string | null {
  const json: Json = jsonOf(value) ?? null;
  if (json === null || typeof json === "string") return json;
  return typeof json === "object" ? JSON.stringify(json) : String(json);
}

function priorityOf(value: unknown): number {
  const isNumeric = typeof value === "number" || (typeof value === "string" && value.trim() !== "");
  const priority = isNumeric ? Math.round(Number(value)) : Number.NaN;
  if (Number.isNaN(priority)) return usualPriority;
  return Math.max(-priorityLimit, Math.min(priorityLimit, priority));
}

function objectOf(value: unknown): JsonObject | null {
  const json = jsonOf(value);
  return isJsonObject(json) ? json : null;
}

/** A Date, ISO text or epoch milliseconds. */
function instantOf(value: unknown): Instant | null {
  try {
    const at = dateOf(value).getTime();
    return at >= 0 && at <= latestExpiry ? instant(at) : null;
  } catch {
    // It is shown to people and decides nothing: an item without it is better than none.
    return null;
  }
}
