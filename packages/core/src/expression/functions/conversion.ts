import { utcLongText } from "./date-text.js";
import { limitedDepth, limitedText } from "./limits.js";
import { spend } from "./meter.js";
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
  return glue(list, separator, { known: new Map(), depth: 1 });
}

interface Glued {
  readonly known: Map<readonly unknown[], string>;
  readonly depth: number;
}

/** Of turning an item into text. */
const ITEM_WORK = 100;

// Lists can hold one list many times over, at every depth: each is turned into text once.
function glue(list: readonly unknown[], separator: string, { known, depth }: Glued): string {
  limitedDepth(depth);
  spend(list.length * ITEM_WORK);
  let text = "";
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (i > 0) text += separator;
    if (isList(item)) {
      const inner = known.get(item) ?? glue(item, ",", { known, depth: depth + 1 });
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
  // The text of two items has a comma, which no number has.
  if (isList(value)) return value.length > 1 ? Number.NaN : numberOfOne(value);
  return isKeyed(value) || typeof value === "symbol" || typeof value === "function" ? Number.NaN : Number(value);
}

/** A list of at most one item as a number: that of its text. */
function numberOfOne(list: readonly unknown[], depth = 1): number {
  limitedDepth(depth);
  const [item] = list;
  if (isNullish(item)) return 0;
  if (isList(item)) return item.length > 1 ? Number.NaN : numberOfOne(item, depth + 1);
  return Number(textOf(item));
}

/** An optional number: undefined counts as omitted. */
export function numberOr<T>(value: unknown, omitted: T): number | T {
  return value === undefined ? omitted : numberOf(value);
}

/** JavaScript's `<`: two texts by their UTF-16 units, anything else as numbers. */
export function isLess(a: unknown, b: unknown): boolean {
  const left = comparable(a);
  const right = comparable(b);
  if (typeof left !== "string" || typeof right !== "string") return numberOf(left) < numberOf(right);
  spendOnTexts(left, right);
  return left < right;
}

/** JavaScript's `<=`, which is not the opposite of `>` as soon as NaN is involved. */
export function isLessOrEqual(a: unknown, b: unknown): boolean {
  const left = comparable(a);
  const right = comparable(b);
  if (typeof left !== "string" || typeof right !== "string") return numberOf(left) <= numberOf(right);
  spendOnTexts(left, right);
  return left <= right;
}

function spendOnTexts(left: string, right: string): void {
  spend(Math.min(left.length, right.length) / 8);
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
