import { evaluateAt } from "../../expression/evaluate-at.js";
import type { CodeState } from "../../job/control.js";
import { isJsonObject, type Json, type JsonObject, jsonObjectOf } from "../../json.js";
import type { CodePlan } from "../../plan/plan.js";
import type { RetryPolicy } from "../../ports/message.js";
import { spanOfWait } from "../leg.js";
import { scopeOf } from "../scope.js";
import type { Visit } from "../visit.js";
import { askForEntry, type CodePass } from "./entry.js";

/** A function begins: a worker is asked to enter it. */
export function enterCode(visit: Visit<CodePlan>): void {
  const { draft, activity, position } = visit;
  const payload = jsonObjectOf(evaluateAt("payload", activity.payload, scopeOf(visit)));
  const pass: CodePass = {
    activity: activity.id,
    address: position.address,
    via: position.via,
    waits: "work",
    enteredAt: draft.moment.now,
    passes: 0,
    handled: [],
    child: null,
    escalation: null,
    topic: textIn(payload, "taskQueue"),
    code: codeOf(payload),
    ...spanOfWait(draft),
  };
  for (const [name, value] of Object.entries(jsonObjectOf(payload["fields"]))) draft.fields[name] = String(value);
  askForEntry(draft, pass, listIn(payload, "arguments"));
  draft.current = 0;
}

function codeOf(payload: JsonObject): CodeState {
  return {
    taskQueue: textIn(payload, "taskQueue"),
    workflowName: textIn(payload, "workflowName"),
    policy: policyIn(payload),
    turn: 0,
    entries: 0,
    outcomes: 0,
    running: false,
    entered: false,
    patches: [],
    signalIn: payload["signalIn"] !== false,
    persistent: payload["persistent"] === true || payload["signalIn"] === true,
    ended: false,
    ...(typeof payload["expire"] === "number" && { expire: payload["expire"] }),
  };
}

function textIn(payload: JsonObject, name: string): string {
  const value = payload[name];
  if (typeof value === "string" && value !== "") return value;
  throw new Error(`${name} of a workflow function must be text, got ${JSON.stringify(value) ?? "undefined"}`);
}

function listIn(payload: JsonObject, name: string): readonly Json[] {
  const value = payload[name] ?? [];
  if (Array.isArray(value)) return value;
  throw new Error(`${name} of a workflow function must be a list, got ${JSON.stringify(value)}`);
}

const policyNames = [
  "maximumAttempts",
  "backoffCoefficient",
  "maximumIntervalSeconds",
  "initialIntervalSeconds",
] as const;

/** The policy of a payload; null: it has none. */
function policyIn(payload: JsonObject): RetryPolicy | null {
  const policy = payload["policy"] ?? null;
  if (policy === null) return null;
  if (isJsonObject(policy)) {
    const [maximumAttempts, backoffCoefficient, maximumIntervalSeconds, initialIntervalSeconds] = policyNames.map(
      (name) => policy[name],
    );
    if (
      typeof maximumAttempts === "number" &&
      typeof backoffCoefficient === "number" &&
      typeof maximumIntervalSeconds === "number" &&
      typeof initialIntervalSeconds === "number"
    ) {
      return { maximumAttempts, backoffCoefficient, maximumIntervalSeconds, initialIntervalSeconds };
    }
  }
  throw new Error(`policy of a workflow function must have the numbers ${policyNames.join(", ")}`);
}
