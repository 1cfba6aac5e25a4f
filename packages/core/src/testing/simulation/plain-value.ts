import { isJsonObject, type Json, jsonOf } from "../../json.js";

/** A value as JSON whose text says whether two are alike: what has no order has the order of its text. */
export function plainOf(value: unknown): Json {
  if (value instanceof Set) return [...value].map(plainOf).sort(byText);
  if (value instanceof Map) return [...value].map(([key, item]): Json => [plainOf(key), plainOf(item)]).sort(byText);
  if (Array.isArray(value)) return value.map(plainOf);
  if (isJsonObject(value)) {
    const entries: [string, unknown][] = Object.entries(value);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, plainOf(item)]));
  }
  return jsonOf(value) ?? null;
}

function byText(one: Json, other: Json): number {
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
  return a < b ? -1 : a === b ? 0 : 1;
}
