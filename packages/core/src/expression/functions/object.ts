import { described, isNullish, needList, textOf } from "./conversion.js";
import { POSITION_MAX } from "./limits.js";
import type { Namespace } from "./mapping-function.js";
import { spend } from "./meter.js";
import { copyOf, isKeyed, type Keyed, ownValue, refuseFarPosition, setOwn, writeOwn } from "./own.js";

/** Functions of objects: own properties only, and whatever would change an object gives a changed copy. */
export const objectFunctions: Namespace = {
  /**
   * `(obj: object | list | text, key: any) => any`
   * One own property. The key is literal and no path; of lists and texts positions and `length` can be read; nothing
   * inherited is found, and nullish obj gives undefined.
   * @example [{"city": "Oslo"}, "city"] -> "Oslo"
   * @example [{"a.b": 1}, "a.b"] -> 1
   * @example [{}, "constructor"] -> undefined
   * @example [null, "city"] -> undefined
   */
  get: ([obj, key]) => ownValue(obj, textOf(key)),
  /**
   * `(obj: object | list, key: any, value: any) => object | list`
   * A copy with one property written; the key is no path. Falsy obj counts as {}, other scalars throw. A list takes
   * positions up to its length or 100,000, whichever is more.
   * @example [{"a": 1}, "b", 2] -> {"a": 1, "b": 2}
   * @example [null, "b", 2] -> {"b": 2}
   * @example [[1, 2], 0, 9] -> [9, 2]
   * @example ["text", "b", 2] -> throws
   */
  set: ([obj, key, value]) => {
    const copy = copyOfTarget(obj);
    writeOwn(copy, textOf(key), value);
    return copy;
  },
  /**
   * `(...keysAndValues: any) => object`
   * A new object of keys and values in turn. An odd last value is undefined, keys become text, the last duplicate wins.
   * @example ["a", 1, "b", 2] -> {"a": 1, "b": 2}
   * @example ["a", 1, "a", 2] -> {"a": 2}
   * @example [] -> {}
   */
  create: (inputs) => {
    const made: Keyed = {};
    for (let i = 0; i < inputs.length; i += 2) setOwn(made, textOf(inputs[i]), inputs[i + 1]);
    return made;
  },
  /**
   * `(obj: any) => list`
   * The own enumerable keys. Scalars have none, but of a text of up to 100,000 units the positions are listed.
   * @example [{"b": 1, "a": 2}] -> ["b", "a"]
   * @example ["hi"] -> ["0", "1"]
   * @example [null] -> []
   */
  keys: ([obj]) => Object.keys(listed(obj)),
  /**
   * `(obj: any) => list`
   * The own enumerable values, of what keys lists.
   * @example [{"b": 1, "a": 2}] -> [1, 2]
   * @example [7] -> []
   */
  values: ([obj]) => Object.values(listed(obj)),
  /**
   * `(obj: any) => list`
   * The own enumerable pairs of key and value, of what keys lists.
   * @example [{"b": 1, "a": 2}] -> [["b", 1], ["a", 2]]
   * @example [null] -> []
   */
  entries: ([obj]) => Object.entries(listed(obj)),
  /**
   * `(pairs: list) => object`
   * A new object of a list of pairs. The last duplicate wins; anything but a list throws, and so does an entry that is
   * no pair.
   * @example [[["a", 1], ["b", 2]]] -> {"a": 1, "b": 2}
   * @example [[["a", 1], ["a", 2]]] -> {"a": 2}
   * @example [{"a": 1}] -> throws
   */
  fromEntries: ([pairs]) => fromPairs(pairs),
  /**
   * `(target: object | list, ...sources: any) => object | list`
   * A new object of the own properties of all, left to right. A falsy target counts as {}, other scalars throw; nullish
   * sources are skipped, texts give their positions.
   * @example [{"a": 1}, {"b": 2}] -> {"a": 1, "b": 2}
   * @example [{"a": 1}, null, {"a": 3}] -> {"a": 3}
   * @example ["text", {"b": 2}] -> throws
   */
  assign: ([target, ...sources]) => {
    const copy = copyOfTarget(target);
    for (const source of sources) {
      for (const [key, value] of Object.entries(listed(source))) writeOwn(copy, key, value);
    }
    return copy;
  },
  /**
   * `(obj: any) => list`
   * The own keys, hidden ones too: lists and texts include `length`. Falsy values have none.
   * @example [{"a": 1, "b": 2}] -> ["a", "b"]
   * @example [[7]] -> ["0", "length"]
   * @example [null] -> []
   */
  getOwnPropertyNames: ([obj]) => (obj ? Object.getOwnPropertyNames(listed(obj)) : []),
  /**
   * `(obj: any) => list`
   * Always an empty list: data has no symbol keys.
   * @example [{"a": 1}] -> []
   * @example [null] -> []
   */
  getOwnPropertySymbols: () => [],
  /**
   * `(obj: any, key: any) => object | undefined`
   * Value and attributes of an own property, else undefined; nullish obj gives undefined.
   * @example [{"a": 1}, "a"] -> {"value": 1, "writable": true, "enumerable": true, "configurable": true}
   * @example [{"a": 1}, "toString"] -> undefined
   */
  getOwnPropertyDescriptor: ([obj, key]) => Object.getOwnPropertyDescriptor(boxed(obj), textOf(key)),
  /**
   * `(obj: object | list, key: any, descriptor: object) => object | list`
   * A copy with one property defined. It is hidden from JSON unless the descriptor says enumerable; accessors, a
   * missing descriptor and scalars throw.
   * @example [{}, "x", {"value": 1, "enumerable": true}] -> {"x": 1}
   * @example [{}, "x", {"value": 1}] -> {}
   * @example [{}, "x"] -> throws
   */
  defineProperty: ([obj, key, descriptor]) => {
    const copy = copyOf(needObject(obj));
    define(copy, textOf(key), descriptor);
    return copy;
  },
  /**
   * `(obj: object | list, descriptors: object) => object | list`
   * A copy with several properties defined, by the rules of defineProperty.
   * @example [{}, {"x": {"value": 1, "enumerable": true}}] -> {"x": 1}
   * @example [{}, {"x": {"get": null}}] -> throws
   */
  defineProperties: ([obj, descriptors]) => {
    const copy = copyOf(needObject(obj));
    for (const [key, descriptor] of Object.entries(needObject(descriptors))) define(copy, key, descriptor);
    return copy;
  },
  /**
   * `(obj: any) => any`
   * A frozen copy; the source stays as it is, scalars and nullish values too.
   * @example [{"a": 1}] -> {"a": 1}
   * @example [null] -> null
   */
  freeze: ([obj]) => (isKeyed(obj) ? Object.freeze(copyOf(obj)) : obj),
  /**
   * `(obj: any) => boolean`
   * Can nothing of it be changed? True of scalars and nullish values.
   * @example [{"a": 1}] -> false
   * @example [7] -> true
   */
  isFrozen: ([obj]) => Object.isFrozen(obj),
  /**
   * `(obj: any) => any`
   * A sealed copy: no keys can come or go. The source stays as it is, scalars and nullish values too.
   * @example [{"a": 1}] -> {"a": 1}
   * @example ["text"] -> "text"
   */
  seal: ([obj]) => (isKeyed(obj) ? Object.seal(copyOf(obj)) : obj),
  /**
   * `(obj: any) => boolean`
   * Can no key come or go? True of scalars and nullish values.
   * @example [{"a": 1}] -> false
   * @example [null] -> true
   */
  isSealed: ([obj]) => Object.isSealed(obj),
  /**
   * `(obj: any) => any`
   * A copy that takes no new keys; the source stays as it is, scalars and nullish values too.
   * @example [{"a": 1}] -> {"a": 1}
   * @example [7] -> 7
   */
  preventExtensions: ([obj]) => (isKeyed(obj) ? Object.preventExtensions(copyOf(obj)) : obj),
  /**
   * `(obj: any) => boolean`
   * May keys be added? Not to scalars and nullish values.
   * @example [{"a": 1}] -> true
   * @example [7] -> false
   */
  isExtensible: ([obj]) => Object.isExtensible(obj),
  /**
   * `(obj: any, key: any) => boolean`
   * Is there an own property, be it undefined? What is inherited does not count; nullish obj throws.
   * @example [{"a": 1}, "a"] -> true
   * @example [{"a": 1}, "toString"] -> false
   * @example [null, "a"] -> throws
   */
  hasOwnProperty: ([obj, key]: readonly unknown[]) => Object.hasOwn(boxed(needSome(obj)), textOf(key)),
  /**
   * `(obj: any, other: any) => boolean`
   * False for all data: no value of a mapping is a prototype. Nullish obj throws when other is an object.
   * @example [{}, {}] -> false
   * @example [null, {}] -> throws
   */
  isPrototypeOf: ([obj, other]: readonly unknown[]) => (isKeyed(other) ? needSome(obj) === undefined : false),
  /**
   * `(obj: any, key: any) => boolean`
   * Is there an own property that JSON would show? Nullish obj throws.
   * @example [{"a": 1}, "a"] -> true
   * @example [[7], "length"] -> false
   */
  propertyIsEnumerable: ([obj, key]: readonly unknown[]) =>
    Object.getOwnPropertyDescriptor(boxed(needSome(obj)), textOf(key))?.enumerable ?? false,
};

/** Something whose own properties can be listed: a text becomes its positions, other scalars have none. */
function boxed(value: unknown): object {
  if (isKeyed(value)) return value;
  return typeof value === "string" ? Object(value) : {};
}

/** The same, to list all of them. Platforms take microseconds for each position of a text. */
function listed(value: unknown): object {
  if (typeof value !== "string") return boxed(value);
  if (value.length > POSITION_MAX) throw new RangeError(`the positions of a text are limited to ${POSITION_MAX}`);
  spend(value.length * 1_000);
  return boxed(value);
}

function copyOfTarget(target: unknown): Keyed | unknown[] {
  return target ? copyOf(needObject(target)) : {};
}

function fromPairs(pairs: unknown): Keyed {
  const made: Keyed = {};
  for (const pair of pairs === "" ? [] : needList(pairs)) {
    setOwn(made, textOf(ownValue(needObject(pair), "0")), ownValue(pair, "1"));
  }
  return made;
}

const ATTRIBUTES = ["value", "writable", "enumerable", "configurable"];

// Accessors would be called by later reads, and data has no functions: only plain values can be defined.
function define(target: Keyed | unknown[], key: string, descriptor: unknown): void {
  const given = needObject(descriptor);
  if (Object.hasOwn(given, "get") || Object.hasOwn(given, "set")) throw new TypeError("accessors cannot be defined");
  const attributes: Keyed & PropertyDescriptor = Object.create(null);
  for (const name of ATTRIBUTES) if (Object.hasOwn(given, name)) attributes[name] = given[name];
  if (Array.isArray(target)) {
    refuseFarPosition(target, key);
    if (key === "length") throw new TypeError("the length of a list cannot be defined");
  }
  Object.defineProperty(target, key, attributes);
}

function needObject(value: unknown): Keyed {
  if (!isKeyed(value)) throw new TypeError(`an object was expected, not ${described(value)}`);
  return value;
}

function needSome(value: unknown): unknown {
  if (isNullish(value)) throw new TypeError(`an object was expected, not ${described(value)}`);
  return value;
}
