import type { PathText } from "../../brand.js";
import type { RecordedError } from "../../code/protocol.js";
import type { OpenPass, OperationState } from "../../job/control.js";
import type { DecisionVerdict } from "../../job/decision.js";
import type { CompleteEvent, SignalEvent, WakeEvent } from "../../job/event.js";
import { isJsonObject, type Json, type JsonObject } from "../../json.js";
import { closeWait } from "../close-wait.js";
import type { Draft } from "../draft.js";
import { askForEntry, codePass, turnAddress } from "./entry.js";
import type { OperationOutcome } from "./record.js";
import { writeRecord } from "./record.js";

/** A pass that a function waits for. */
export type OperationPass = OpenPass & { readonly operation: OperationState };

/** True of the pass of an operation. */
export function isOperation(pass: OpenPass): pass is OperationPass {
  return pass.operation !== undefined;
}

/** An operation has come to its end, or to something in between, which functions do not see. Null: applied. */
export function answerOperation(
  draft: Draft,
  pass: OperationPass,
  event: CompleteEvent | SignalEvent | WakeEvent,
): DecisionVerdict | null {
  if (event.kind !== "wake" && event.body.status === "pending") return null;
  closeWait(draft, pass, event);
  recordOutcome(draft, pass, outcomeOf(pass, event));
  return null;
}

/** Records what an operation came to, and has the function entered, unless that is under way. Its pass is closed. */
export function recordOutcome(draft: Draft, { operation, enteredAt }: OperationPass, outcome: OperationOutcome): void {
  const { of, kind, n, name, hash } = operation;
  const seq = nextSequence(draft, of);
  const code = codePass(draft, of);
  if (code === null || seq === null) return;
  writeRecord(draft, { at: turnAddress(code) }, { kind, n, name, hash, seq, startedAt: enteredAt, outcome });
  if (!code.code.running) askForEntry(draft, code);
}

/** The place of the next outcome among those that reach the function. Null: it has ended. */
export function nextSequence(draft: Draft, path: PathText): number | null {
  const pass = codePass(draft, path);
  if (pass === null) return null;
  const outcomes = pass.code.outcomes + 1;
  draft.open.set(path, { ...pass, code: { ...pass.code, outcomes } });
  return outcomes;
}

function outcomeOf(pass: OperationPass, event: CompleteEvent | SignalEvent | WakeEvent): OperationOutcome {
  if (event.kind === "wake") return pass.operation.kind === "wait" ? { data: false } : {};
  const { status, code, data } = event.body;
  if (status === "error") return { error: errorOf(pass.operation.kind, recordedError(data, code)) };
  const document: JsonObject = isJsonObject(data) ? data : {};
  if (event.kind === "signal") return { data: signalled(event, document) };
  switch (pass.operation.kind) {
    case "proxy":
      return isJsonObject(document["$error"])
        ? { error: recordedError(document["$error"], 598) }
        : dataOf(document["value"]);
    case "child":
      return { ...dataOf(document["response"]), ...(pass.child !== null && { jobId: pass.child }) };
    case "start":
      return pass.child === null ? {} : { data: pass.child, jobId: pass.child };
    default:
      // A wait or a timer that was answered by its address.
      return { data: { data: document } };
  }
}

/** An activity that failed is not tried again, whatever its code was: that is what 598 says. */
function errorOf(kind: string, error: RecordedError): RecordedError {
  return kind === "proxy" && error.code !== 999 ? { ...error, code: 598 } : error;
}

/** The signal of a work item that was closed has no keys, and its payload is the answer. */
function signalled({ body }: SignalEvent, document: JsonObject): Json {
  if (body.keys.length > 0) return { data: document["data"] ?? null };
  return document["cancelled"] === true ? null : { data: document };
}

function dataOf(value: Json | undefined): { readonly data?: Json } {
  return value === undefined ? {} : { data: value };
}

/** An error as functions see it. */
export function recordedError(data: Json, code: number): RecordedError {
  const given: JsonObject = isJsonObject(data) ? data : { message: String(data) };
  const { message, stack, name, code: own } = given;
  return {
    message: typeof message === "string" ? message : "unknown",
    code: typeof own === "number" ? own : code,
    ...(typeof stack === "string" && { stack }),
    ...(typeof name === "string" && { name }),
  };
}
