import type { Json, JsonObject } from "../json.js";

/** Why an activity or a job failed: data, part of the job's history, visible to expressions. */
export interface Failure {
  readonly message: string;
  /** Three digits; 500 when nobody gave one. */
  readonly code: number;
  readonly stack?: string;
  readonly error?: JsonObject;
}

/** The failure as stored data; its fields have a fixed order. */
export function failureData(failure: Failure): { readonly [key: string]: Json } {
  const data: Record<string, Json> = { message: failure.message, code: failure.code };
  if (failure.stack !== undefined) data["stack"] = failure.stack;
  if (failure.error !== undefined) data["error"] = failure.error;
  return data;
}

/** Anything that was thrown, as a failure with code 500 unless it carries a numeric code of its own. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return { message: String(thrown), code: 500 };
  const code = "code" in thrown && typeof thrown.code === "number" ? thrown.code : 500;
  return thrown.stack === undefined
    ? { message: thrown.message, code }
    : { message: thrown.message, code, stack: thrown.stack };
}
