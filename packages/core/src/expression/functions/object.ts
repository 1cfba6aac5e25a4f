import { described, isNullish, needList, textOf } from "./conversion.js";
import type { Namespace } from "./mapping-function.js";
import { copyOf, isKeyed, type Keyed, ownValue, refuseFarPosition, setOwn, writeOwn } from "./own.js";

/** Functions of objects: own properties only, and whatever would change an object gives a changed copy. */
export const objectFunctions: Namespace = {
  /**
   * (obj, key): one own property; the key is no path; nullish obj gives undefined.
   * `[{"city": "Oslo"}, "city"] -> "Oslo"`
   */
  get: ([obj, key]) => ownValue(obj, textOf(key)),
  /**
   * (obj, key, value): a new object with the property; falsy obj counts as {}; other scalars throw.
   * `[{"a": 1}, "b", 2] -> {"a": 1, "b": 2}`
   */
  set: ([obj, key, value]) => {
    const copy = copyOfTarget(obj);
    writeOwn(copy, textOf(key), value);
    return copy;
  },
  /**
   * (k1, v1, k2, v2, ...): a new object; an odd last value is undefined, the last duplicate wins.
   * `["a", 1] -> {"a": 1}`
   */
  create: (inputs) => {
    const made: Keyed = {};
    for (let i = 0; i < inputs.length; i += 2) setOwn(made, textOf(inputs[i]), inputs[i + 1]);
    return made;
  },
  /** (obj): own enumerable keys; falsy and numbers give [], text its positions. `[{"b": 1, "a": 2}] -> ["b", "a"]` */
  keys: ([obj]) => Object.keys(boxed(obj)),
  /** (obj): own enumerable values, as keys. `[{"b": 1, "a": 2}] -> [1, 2]` */
  values: ([obj]) => Object.values(boxed(obj)),
  /** (obj): own enumerable pairs, as keys. `[{"b": 1}] -> [["b", 1]]` */
  entries: ([obj]) => Object.entries(boxed(obj)),
  /** (pairs): a new object; the last duplicate wins; anything but a list of pairs throws. `[[["a", 1]]] -> {"a": 1}` */
  fromEntries: ([pairs]) => fromPairs(pairs),
  /**
   * (target, ...sources): a new object of own properties, left to right; nullish sources are skipped.
   * `[{"a": 1}, {"b": 2}] -> {"a": 1, "b": 2}`
   */
  assign: ([target, ...sources]) => {
    const copy = copyOfTarget(target);
    for (const source of sources) {
      for (const [key, value] of Object.entries(boxed(source))) writeOwn(copy, key, value);
    }
    return copy;
  },
  /** (obj): own keys, hidden ones too; lists and text include "length"; falsy gives []. `[{"a": 1}] -> ["a"]` */
  getOwnPropertyNames: ([obj]) => (obj ? Object.getOwnPropertyNames(boxed(obj)) : []),
  /** (obj): always [], data has no symbol keys. `[{"a": 1}] -> []` */
  getOwnPropertySymbols: () => [],
  /**
   * (obj, key): value, writable, enumerable and configurable of an own property, else undefined.
   * `[{}, "a"] -> undefined`
   */
  getOwnPropertyDescriptor: ([obj, key]) => Object.getOwnPropertyDescriptor(boxed(obj), textOf(key)),
  /**
   * (obj, key, descriptor): a new object with the property defined, hidden unless the descriptor says enumerable.
   * `[{}, "x", {"value": 1, "enumerable": true}] -> {"x": 1}`
   */
  defineProperty: ([obj, key, descriptor]) => {
    const copy = copyOf(needObject(obj));
    define(copy, textOf(key), descriptor);
    return copy;
  },
  /**
   * (obj, descriptors): a new object with all of them defined.
   * `[{}, {"x": {"value": 1, "enumerable": true}}] -> {"x": 1}`
   */
  defineProperties: ([obj, descriptors]) => {
    const copy = copyOf(needObject(obj));
    for (const [key, descriptor] of Object.entries(needObject(descriptors))) define(copy, key, descriptor);
    return copy;
  },
  /** (obj): a frozen copy; scalars and nullish as they are. `[{"a": 1}] -> {"a": 1}` */
  freeze: ([obj]) => (isKeyed(obj) ? Object.freeze(copyOf(obj)) : obj),
  /** (obj): frozen? Scalars and nullish are. `[{"a": 1}] -> false` */
  isFrozen: ([obj]) => Object.isFrozen(obj),
  /** (obj): a sealed copy. `[{"a": 1}] -> {"a": 1}` */
  seal: ([obj]) => (isKeyed(obj) ? Object.seal(copyOf(obj)) : obj),
  /** (obj): sealed? Scalars and nullish are. `[{"a": 1}] -> false` */
  isSealed: ([obj]) => Object.isSealed(obj),
  /** (obj): a copy that takes no new keys. `[{"a": 1}] -> {"a": 1}` */
  preventExtensions: ([obj]) => (isKeyed(obj) ? Object.preventExtensions(copyOf(obj)) : obj),
  /** (obj): may keys be added? Not to scalars. `[{"a": 1}] -> true` */
  isExtensible: ([obj]) => Object.isExtensible(obj),
  /** (obj, key): is there an own property, undefined or not? Nullish obj throws. `[{"a": 1}, "a"] -> true` */
  hasOwnProperty: ([obj, key]: readonly unknown[]) => Object.hasOwn(boxed(needSome(obj)), textOf(key)),
  /** (obj, other): false for all data; nullish obj throws when other is an object. `[{}, {}] -> false` */
  isPrototypeOf: ([obj, other]: readonly unknown[]) => (isKeyed(other) ? needSome(obj) === undefined : false),
  /** (obj, key): own and enumerable? Nullish obj throws. `[{"a": 1}, "a"] -> true` */
  propertyIsEnumerable: ([obj, key]: readonly unknown[]) =>
    Object.getOwnPropertyDescriptor(boxed(needSome(obj)), textOf(key))?.enumerable ?? false,
};

/** Something whose own properties can be listed: a text becomes its positions, other scalars have none. */
function boxed(value: unknown): object {
  if (isKeyed(value)) return value;
  return typeof value === "string" ? Object(value) : {};
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
