import { isKeyed, isList, type Keyed } from "../expression/functions/own.js";

/** Decodes the tagged JSON of mapping vectors: `{"$t": "NaN"}` is NaN, `__proto__` is a key. */
export function decode(coded: unknown): unknown {
  if (isList(coded)) return decodeList(coded);
  if (!isKeyed(coded)) return coded;
  if (Object.hasOwn(coded, "$t")) return decodeTagged(coded);
  return Object.fromEntries(Object.entries(coded).map(([key, value]) => [key, decode(value)]));
}

function decodeList(coded: readonly unknown[]): unknown[] {
  const list: unknown[] = [];
  list.length = coded.length;
  for (const [index, item] of coded.entries()) {
    if (!(isKeyed(item) && item["$t"] === "hole")) list[index] = decode(item);
  }
  return list;
}

const NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "-0": -0,
};

function decodeTagged(coded: Keyed): unknown {
  const tag = String(coded["$t"]);
  const value = decode(coded["v"]);
  switch (tag) {
    case "undefined":
    case "hole":
      return undefined;
    case "Date":
      return new Date(typeof value === "string" ? Date.parse(value) : Number.NaN);
    case "frozen":
      return Object.freeze(value);
    case "sealed":
      return isKeyed(value) ? Object.seal(value) : value;
    case "noext":
      return isKeyed(value) ? Object.preventExtensions(value) : value;
    case "nullproto":
      return Object.assign(Object.create(null), value);
    default:
      return NUMBERS[tag];
  }
}

/** Is a result what a vector expects? Key order is free, -0 differs from 0, holes equal undefined. */
export function sameValue(actual: unknown, expected: unknown, isApproximate = false): boolean {
  if (isKeyed(expected) && expected["$t"] === "object") {
    return sameProperties(actual, expected, isApproximate);
  }
  const wanted = isKeyed(expected) && Object.hasOwn(expected, "$t") ? decode(expected) : expected;
  if (wanted instanceof Date) return actual instanceof Date && Object.is(actual.getTime(), wanted.getTime());
  if (isList(wanted)) {
    return (
      isList(actual) &&
      actual.length === wanted.length &&
      wanted.every((item, index) => sameValue(actual[index], item, isApproximate))
    );
  }
  if (isKeyed(wanted)) return isPlain(actual) && sameEntries(actual, wanted, isApproximate);
  return isApproximate && typeof wanted === "number" ? isNear(actual, wanted) : Object.is(actual, wanted);
}

function sameProperties(actual: unknown, expected: Keyed, isApproximate: boolean): boolean {
  const { own, hidden } = expected;
  if (!isPlain(actual) || !isKeyed(own) || !isKeyed(hidden)) return false;
  const names = Object.getOwnPropertyNames(actual).filter((name) => !Object.keys(actual).includes(name));
  const isHidden = names.every((name) => Object.hasOwn(hidden, name) && sameValue(actual[name], hidden[name]));
  return isHidden && names.length === Object.keys(hidden).length && sameEntries(actual, own, isApproximate);
}

function sameEntries(actual: Keyed, wanted: Keyed, isApproximate: boolean): boolean {
  const keys = Object.keys(wanted);
  return (
    Object.keys(actual).length === keys.length &&
    keys.every((key) => Object.hasOwn(actual, key) && sameValue(actual[key], wanted[key], isApproximate))
  );
}

function isPlain(value: unknown): value is Keyed {
  return isKeyed(value) && !isList(value) && !(value instanceof Date);
}

function isNear(actual: unknown, wanted: number): boolean {
  if (typeof actual !== "number") return false;
  if (!Number.isFinite(wanted) || wanted === 0) return Object.is(actual, wanted);
  return Math.abs(actual - wanted) <= 1e-12 * Math.abs(wanted);
}

/** Everything about a value that an evaluation could have changed, as one text. */
export function snapshot(value: unknown): string {
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (!isKeyed(value))
    return Object.is(value, -0) ? "-0" : typeof value === "string" ? JSON.stringify(value) : String(value);
  const flags = [Object.isExtensible(value), Object.isSealed(value), Object.isFrozen(value)];
  const state = flags.map(Number).join("");
  const names = Object.getOwnPropertyNames(value).map((name) => `${JSON.stringify(name)}:${snapshot(value[name])}`);
  return `${isList(value) ? "list" : "map"}${state}{${names.join(",")}}`;
}
