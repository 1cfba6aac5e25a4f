import { isKeyed } from "./functions/own.js";

/** Walks own properties. A missing step, null or a scalar on the way gives undefined; text has nothing to walk into. */
export function readPath(from: unknown, path: readonly string[]): unknown {
  let value = from;
  for (let i = 0; i < path.length; i++) {
    const key = path[i];
    if (key === undefined || !isKeyed(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}
