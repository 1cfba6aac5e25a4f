import { textOf } from "./conversion.js";
import { TEXT_MAX } from "./limits.js";
import type { Namespace } from "./mapping-function.js";
import { spend } from "./meter.js";
import { isList } from "./own.js";
import { addWritten, noSize, type WrittenSize } from "./written-size.js";

/** JSON text and back. */
export const jsonFunctions: Namespace = {
  /**
   * `(value: any, keys?: list, indent?: number | text) => text | undefined`
   * JSON text. A list of keys applies at every depth, any other second input is ignored; undefined stays undefined, NaN
   * and the infinities are null. Circular data, and what is too deep or too large to be written, throws.
   * @example [{"a": 1, "b": [true, null]}] -> "{\"a\":1,\"b\":[true,null]}"
   * @example [{"a": 1, "b": {"a": 2, "c": 3}}, ["a", "b"]] -> "{\"a\":1,\"b\":{\"a\":2}}"
   * @example [undefined] -> undefined
   */
  stringify: ([value, keys, indent]) => {
    const size = noSize();
    addWritten(size, value);
    return JSON.stringify(value, allowed(keys, size), spacing(indent, size));
  },
  /**
   * `(text: text) => any`
   * The value of a JSON text. null stays null, other values become text first, a key `__proto__` is a key; undefined,
   * blank and malformed text throw.
   * @example ["{\"a\":[1,2]}"] -> {"a": [1, 2]}
   * @example [12] -> 12
   * @example [""] -> throws
   */
  parse: ([text]) => (text === null ? null : JSON.parse(textOf(text))),
};

function allowed(keys: unknown, { items }: WrittenSize): (string | number)[] | null {
  if (!isList(keys)) return null;
  // All of them are looked for in each object.
  spend(keys.length * (items + 1) * 10);
  return keys.filter((key): key is string | number => typeof key === "string" || typeof key === "number");
}

function spacing(indent: unknown, { indents }: WrittenSize): string | number | undefined {
  const width = Math.min(10, typeof indent === "string" ? indent.length : typeof indent === "number" ? indent : 0);
  if (width * indents > TEXT_MAX) throw new RangeError(`a text result is limited to ${TEXT_MAX} UTF-16 units`);
  return typeof indent === "string" || typeof indent === "number" ? indent : undefined;
}
