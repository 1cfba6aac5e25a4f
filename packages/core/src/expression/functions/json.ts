import { textOf } from "./conversion.js";
import type { Namespace } from "./mapping-function.js";
import { isList } from "./own.js";

/** JSON text and back. */
export const jsonFunctions: Namespace = {
  /**
   * (value, keys?, indent?): JSON text; a list of keys applies at every depth; undefined stays undefined, circular data
   * throws.
   * `[{"a": 1}] -> "{\"a\":1}"`
   */
  stringify: ([value, keys, indent]) => JSON.stringify(value, allowed(keys), spacing(indent)),
  /** (text): the value; null stays null, other values become text first, malformed text throws. `["[1]"] -> [1]` */
  parse: ([text]) => (text === null ? null : JSON.parse(textOf(text))),
};

function allowed(keys: unknown): (string | number)[] | null {
  if (!isList(keys)) return null;
  return keys.filter((key): key is string | number => typeof key === "string" || typeof key === "number");
}

function spacing(indent: unknown): string | number | undefined {
  return typeof indent === "string" || typeof indent === "number" ? indent : undefined;
}
