import { isJsonObject, type Json, type JsonObject } from "../json.js";

/**
 * `data` with `value` at `path`: the parents are made maps where they are none, everything else is
 * shared. Own properties only, so `__proto__` is a key like any other.
 */
export function withLeaf(data: JsonObject | null, path: readonly string[], value: Json): JsonObject {
  const [key, ...rest] = path;
  const base = data ?? {};
  if (key === undefined) return base;
  const child = Object.hasOwn(base, key) ? base[key] : undefined;
  const next = rest.length === 0 ? value : withLeaf(isJsonObject(child) ? child : null, rest, value);
  return define({ ...base }, key, next);
}

/** Defines an own property, whatever its name. */
export function define(target: Record<string, Json>, key: string, value: Json): JsonObject {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
  return target;
}
