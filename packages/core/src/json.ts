/** Data as it is stored and sent. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** A map of JSON values. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A plain map: neither a list, nor null, nor an instance of anything. */
export function isJsonObject(value: unknown): value is JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * A value of a mapping as it is stored and sent: undefined items of lists become null, undefined members go, a Date
 * becomes its ISO text, NaN and the infinities null. What JSON cannot say at all is undefined.
 */
export function jsonOf(value: unknown): Json | undefined {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return Array.from(value, (item: unknown) => jsonOf(item) ?? null);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (typeof value !== "object") return undefined;
  const entries = Object.entries(value).map(([key, item]): [string, Json | undefined] => [key, jsonOf(item)]);
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

/** The same for a place that must hold a map: anything else gives an empty one. */
export function jsonObjectOf(value: unknown): JsonObject {
  const json = jsonOf(value);
  return isJsonObject(json) ? json : {};
}
