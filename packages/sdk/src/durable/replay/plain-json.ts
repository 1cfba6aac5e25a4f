import { createHash } from "node:crypto";
import { canonicalJson, HotMeshError, type Json, type JsonObject } from "@hotmesh/core";

/** A value as it is stored: what JSON makes of it, exactly. Undefined where JSON has nothing to say. */
export function plainJson(value: unknown, what: string): Json | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  const text = written(value, what);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Positional arguments as they are stored. Undefined ones at the end are left out, so defaults hold for them. */
export function plainArguments(given: readonly unknown[], what: string): readonly Json[] {
  const length = given.findLastIndex((value) => value !== undefined) + 1;
  return given.slice(0, length).map((value) => plainJson(value, what) ?? null);
}

/** A map as it is stored. */
export function plainObject(value: object, what: string): JsonObject {
  const text = written(value, what);
  return text === undefined ? {} : JSON.parse(text);
}

/** Equal for equal arguments, and small. */
export function hashOf(value: Json): string {
  return createHash("sha256").update(canonicalJson(value)).digest("base64url").slice(0, 16);
}

function written(value: unknown, what: string): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HotMeshError("invalid-argument", `${what} must be what JSON can say: ${reason}`, { cause });
  }
}
