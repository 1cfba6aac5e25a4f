import { POSITION_MAX } from "./limits.js";

/** An object or list, so that its own properties can be read by name. */
export type Keyed = Record<string, unknown>;

export function isKeyed(value: unknown): value is Keyed {
  return typeof value === "object" && value !== null;
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The own property of an object, list or text; undefined when there is none. */
export function ownValue(value: unknown, key: string): unknown {
  if (isKeyed(value)) return Object.hasOwn(value, key) ? value[key] : undefined;
  if (typeof value !== "string") return undefined;
  return key === "length" ? value.length : positionOf(key) === null ? undefined : value[Number(key)];
}

/** `"3"` is position 3; `"03"`, `"-1"`, `"1.5"` and names are no positions. */
export function positionOf(key: string): number | null {
  const position = Number(key);
  return Number.isInteger(position) && position >= 0 && position < 2 ** 32 - 1 && String(position) === key
    ? position
    : null;
}

/** Writes an own property, whatever its name is: `__proto__` becomes a key like any other. */
export function setOwn(target: Keyed, key: string, value: unknown): void {
  if (Object.hasOwn(target, key) || !(key in target)) target[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Writes into a copy; in a list only as far as the limit of positions allows. */
export function writeOwn(target: Keyed | unknown[], key: string, value: unknown): void {
  if (!Array.isArray(target)) {
    setOwn(target, key, value);
    return;
  }
  refuseFarPosition(target, key);
  if (key === "length") setLength(target, value);
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Throws when the key is a position that would make the list mostly holes. */
export function refuseFarPosition(list: readonly unknown[], key: string): void {
  const position = positionOf(key);
  const last = Math.max(list.length, POSITION_MAX);
  if (position !== null && position > last) throw new RangeError(`a list position is limited to ${last}, not ${key}`);
}

function setLength(list: unknown[], value: unknown): void {
  const last = Math.max(list.length, POSITION_MAX);
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > last) {
    throw new RangeError(`the length of a list is a whole number up to ${last}`);
  }
  list.length = value;
}

/** A shallow, unrestricted copy: own enumerable properties only. A Date stays a Date. */
export function copyOf(value: object): Keyed | unknown[] {
  if (Array.isArray(value)) return value.slice();
  const copy: Keyed = value instanceof Date ? dateCopy(value) : {};
  for (const [key, item] of Object.entries(value)) setOwn(copy, key, item);
  return copy;
}

function dateCopy(value: Date): Keyed {
  const copy: unknown = new Date(value.getTime());
  return isKeyed(copy) ? copy : {};
}
