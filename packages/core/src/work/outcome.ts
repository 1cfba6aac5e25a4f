import { type Failure, failureData, failureOf } from "../job/failure.js";
import { isJsonObject, type JsonObject, jsonObjectOf } from "../json.js";
import type { AnswerBody, Lease, Outcome, RetryPolicy } from "../ports/message.js";
import { deliveriesMax, retryDelayMs } from "./retry-delay.js";

/** How a callback ended. */
export type Ending =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "thrown"; readonly error: unknown };

/** What becomes of a message whose callback has ended. */
export function outcomeOf(lease: Lease, ending: Ending, fallback: RetryPolicy | null): Outcome {
  if (ending.kind === "thrown") return failed(lease, thrownFailure(ending.error), fallback);
  const { value } = ending;
  if (!isRecord(value)) return { kind: "hold" };
  if (value["status"] === "error") return failed(lease, reducedFailure(value), fallback);
  const answer = answerBodyOf(value);
  if (answer !== null) return { kind: "answer", answer };
  const found = JSON.stringify(value["status"]);
  const expected = "expected success, error or pending";
  const message = `the callback of topic ${lease.topic} answered with status ${found}; ${expected}`;
  return failed(lease, { message, code: 500 }, fallback);
}

/** What an answer says, its gaps filled; null when its status is none. */
export function answerBodyOf(value: Readonly<Record<string, unknown>>): AnswerBody | null {
  const status = value["status"] ?? "success";
  if (status === "error") return errorAnswer(reducedFailure(value));
  if (status !== "success" && status !== "pending") return null;
  return { status, code: codeOf(value["code"]) ?? 200, data: jsonObjectOf(value["data"]) };
}

/**
 * The answer to a message that was handed out too often without one: whoever worked on it died each time, so it is not
 * executed again. Null: it may be executed.
 */
export function poisonOf(lease: Lease, fallback: RetryPolicy | null, threshold: number): Outcome | null {
  const deliveries = lease.attempt + lease.deliveries;
  const allowed = deliveriesMax(lease, fallback, threshold);
  if (deliveries <= allowed) return null;
  const message = `message ${lease.key} was handed out more than ${allowed} times without an answer`;
  return { kind: "answer", answer: errorAnswer({ message, code: 999 }), deadLetter: true };
}

function failed(lease: Lease, failure: Failure, fallback: RetryPolicy | null): Outcome {
  const delayMs = retryDelayMs(lease, failure.code, fallback);
  return delayMs === null ? { kind: "answer", answer: errorAnswer(failure) } : { kind: "retry", delayMs, failure };
}

function errorAnswer(failure: Failure): AnswerBody {
  return { status: "error", code: failure.code, data: failureData(failure) };
}

/** What a callback threw says its class as well. */
function thrownFailure(error: unknown): Failure {
  const name = nameOf(error);
  return name === undefined ? failureOf(error) : { ...failureOf(error), name };
}

function nameOf(error: unknown): string | undefined {
  try {
    return error instanceof Error && typeof error.name === "string" ? error.name : undefined;
  } catch {
    return undefined;
  }
}

/** The data of an error answer is reduced to what everybody understands. */
function reducedFailure(value: Readonly<Record<string, unknown>>): Failure {
  const data: JsonObject = jsonObjectOf(value["data"]);
  const stack = data["stack"] ?? value["stack"];
  const error = data["error"];
  return {
    message: data["message"] === undefined || data["message"] === null ? "unknown" : String(data["message"]),
    code: codeOf(value["code"]) ?? codeOf(data["code"]) ?? 500,
    ...(typeof stack === "string" && { stack }),
    ...(isJsonObject(error) && { error }),
  };
}

function codeOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
