import { isJsonObject, type Json, type JsonObject } from "../json.js";
import { plainValue, untagged, wrapped } from "./exotic.js";

/**
 * `data` with `value` at `path`: the parents are made maps where they are none, everything else is
 * shared. Own properties only, so `__proto__` is a key like any other.
 */
export function withLeaf(data: JsonObject | null, path: readonly string[], value: Json): JsonObject {
  const [key, ...rest] = path;
  const base = data ?? {};
  if (key === undefined) return base;
  const child = Object.hasOwn(base, key) ? base[key] : undefined;
  return define({ ...base }, key, rest.length === 0 ? value : withChild(child, rest, value));
}

/** A Date is no map, and what is wrapped stays wrapped. */
function withChild(child: Json | undefined, path: readonly string[], value: Json): Json {
  if (child === undefined || !isJsonObject(child)) return withLeaf(null, path, value);
  const tagged = untagged(child);
  if (tagged === null) return withLeaf(child, path, value);
  return isJsonObject(tagged.shown)
    ? wrapped(withLeaf(tagged.shown, path, plainValue(value)))
    : withLeaf(null, path, value);
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
