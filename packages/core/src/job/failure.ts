import type { Json, JsonObject } from "../json.js";

/** Why an activity or a job failed: data, part of the job's history, visible to expressions. */
export interface Failure {
  readonly message: string;
  /** Three digits; 500 when nobody gave one. */
  readonly code: number;
  readonly stack?: string;
  /** The class of what a callback threw. */
  readonly name?: string;
  readonly error?: JsonObject;
}

/** The failure as stored data; its fields have a fixed order. */
export function failureData(failure: Failure): { readonly [key: string]: Json } {
  const data: Record<string, Json> = { message: failure.message, code: failure.code };
  if (failure.stack !== undefined) data["stack"] = failure.stack;
  if (failure.name !== undefined) data["name"] = failure.name;
  if (failure.error !== undefined) data["error"] = failure.error;
  return data;
}

/** Anything that was thrown, as a failure with code 500 unless it carries a numeric code of its own. */
export function failureOf(thrown: unknown): Failure {
  try {
    return failureIn(thrown);
  } catch {
    // What is thrown may itself throw when it is looked at.
    return { message: "unknown", code: 500 };
  }
}

function failureIn(thrown: unknown): Failure {
  if (typeof thrown !== "object" || thrown === null) return { message: String(thrown), code: 500 };
  const code = "code" in thrown && Number.isInteger(thrown.code) ? Number(thrown.code) : 500;
  const message = "message" in thrown && typeof thrown.message === "string" ? thrown.message : String(thrown);
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  return typeof stack === "string" ? { message, code, stack } : { message, code };
}
