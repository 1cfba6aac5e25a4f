import type { Json } from "../json.js";
import { isKeyed, isList } from "./functions/own.js";

/** Deeper data is no value of a document; it can only be a circle. */
export const MAP_DEPTH_MAX = 1_000;

/** A value that is nested too deep to be compiled. */
export class TooDeep extends Error {}

/**
 * A copy of a document's value as JSON: a Date is its ISO text, `.nan` and `.inf` are null, and so is whatever JSON
 * cannot carry. `__proto__` stays a key. Throws `TooDeep`.
 */
export function literal(value: unknown, depth = 0): Json {
  if (depth > MAP_DEPTH_MAX) throw new TooDeep("a literal is nested too deep");
  if (typeof value === "string" || typeof value === "boolean") return value;
  // JSON has no -0: a plan that was stored would give another value than the one that was compiled.
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : null;
  if (value instanceof Date) return value.toJSON();
  if (isList(value)) return Array.from(value, (item) => literal(item, depth + 1));
  if (!isKeyed(value)) return null;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]): [string, Json] => [key, literal(item, depth + 1)]),
  );
}
