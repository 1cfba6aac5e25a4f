import { utcLongText } from "./date-text.js";
import { limitedText } from "./limits.js";
import { isKeyed, isList } from "./own.js";

/**
 * Conversions as JavaScript makes them, with three differences: nothing that data holds is ever called (an own key
 * `toString` or `valueOf` is a key), Dates become UTC text, and a text that outgrows the limit throws while it grows.
 */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (isList(value)) return joined(value, ",");
  if (value instanceof Date) return utcLongText(value);
  if (isKeyed(value)) return "[object Object]";
  return String(value);
}

/** The items glued together; nullish ones are blank, inner lists use commas. */
export function joined(list: readonly unknown[], separator: string): string {
  return glue(list, separator, new Map());
}

// Lists can hold one list many times over, at every depth: each is turned into text once.
function glue(list: readonly unknown[], separator: string, known: Map<readonly unknown[], string>): string {
  let text = "";
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (i > 0) text += separator;
    if (isList(item)) {
      const inner = known.get(item) ?? glue(item, ",", known);
      known.set(item, inner);
      text += inner;
    } else if (item !== null && item !== undefined) text += textOf(item);
    limitedText(text);
  }
  return text;
}

/** null 0, booleans 0 and 1, blank text 0, numeric text its value, a list as its text, other text and undefined NaN. */
export function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (value instanceof Date) return value.getTime();
  if (isList(value)) return Number(textOf(value));
  return isKeyed(value) || typeof value === "symbol" || typeof value === "function" ? Number.NaN : Number(value);
}

/** An optional number: undefined counts as omitted. */
export function numberOr<T>(value: unknown, omitted: T): number | T {
  return value === undefined ? omitted : numberOf(value);
}

/** JavaScript's `<`: two texts by their UTF-16 units, anything else as numbers. */
export function isLess(a: unknown, b: unknown): boolean {
  const left = comparable(a);
  const right = comparable(b);
  return typeof left === "string" && typeof right === "string" ? left < right : numberOf(left) < numberOf(right);
}

/** JavaScript's `<=`, which is not the opposite of `>` as soon as NaN is involved. */
export function isLessOrEqual(a: unknown, b: unknown): boolean {
  const left = comparable(a);
  const right = comparable(b);
  return typeof left === "string" && typeof right === "string" ? left <= right : numberOf(left) <= numberOf(right);
}

/** JavaScript's `==`. */
export function isLooselyEqual(a: unknown, b: unknown): boolean {
  if (isNullish(a) || isNullish(b)) return isNullish(a) && isNullish(b);
  if (isKeyed(a) && isKeyed(b)) return a === b;
  const left = isKeyed(a) ? textOf(a) : a;
  const right = isKeyed(b) ? textOf(b) : b;
  return typeof left === typeof right ? left === right : numberOf(left) === numberOf(right);
}

export function isNullish(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function comparable(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : isKeyed(value) ? textOf(value) : value;
}

/** The text, or an error that says what was found instead. */
export function needText(value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`a text was expected, not ${described(value)}`);
  return value;
}

/** The list, or an error that says what was found instead. */
export function needList(value: unknown): readonly unknown[] {
  if (!isList(value)) throw new TypeError(`a list was expected, not ${described(value)}`);
  return value;
}

/** What a value is, in the words of the language. */
export function described(value: unknown): string {
  if (isNullish(value)) return String(value);
  if (isList(value)) return "a list";
  if (typeof value === "string") return "a text";
  if (value instanceof Date) return "a date";
  return isKeyed(value) ? "an object" : `a ${typeof value}`;
}
