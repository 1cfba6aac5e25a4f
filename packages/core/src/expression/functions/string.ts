import { searchPattern } from "../pattern/search.js";
import { isNullish, needText, numberOf, numberOr, textOf } from "./conversion.js";
import { ITEMS_MAX, limitedItems, limitedText, MADE_TEXT_MAX, TEXT_MAX } from "./limits.js";
import type { Namespace } from "./mapping-function.js";
import { isList } from "./own.js";
import { firstPosition, lastPosition, range, spendOnSame } from "./position-search.js";

/** Functions of texts. Positions count UTF-16 units. A first input that is no text throws, unless lists are named. */
export const stringFunctions: Namespace = {
  /**
   * `(s: text, delimiter?: text) => list`
   * The pieces between literal delimiters. Omitted or null: the whole text as one piece; a blank one: single UTF-16
   * units. Anything but text throws.
   * @example ["a-b-c", "-"] -> ["a", "b", "c"]
   * @example ["abc"] -> ["abc"]
   * @example ["abc", ""] -> ["a", "b", "c"]
   */
  split: ([s, delimiter]) => (isNullish(delimiter) ? [needText(s)] : pieces(needText(s), textOf(delimiter))),
  /**
   * `(s: text, index: number = 0) => text`
   * One UTF-16 unit; out of range a blank text. Anything but text throws.
   * @example ["cedar", 1] -> "e"
   * @example ["cedar", 9] -> ""
   */
  charAt: ([s, index]) => needText(s).charAt(numberOr(index, 0)),
  /**
   * `(...parts: any) => text`
   * The parts glued together. Nullish parts are blank, lists use commas, objects are "[object Object]"; of nothing a
   * blank text.
   * @example ["foo", "bar"] -> "foobar"
   * @example ["a", null, 1, [2, 3]] -> "a12,3"
   * @example [] -> ""
   */
  concat: (parts) => glued(parts),
  /**
   * `(s: text | list, needle: any, from?: number) => boolean`
   * Is it contained? In a text a nullish needle never is; a list is searched for an equal item, NaN included.
   * @example ["lantern", "ant"] -> true
   * @example ["lantern", null] -> false
   * @example [[1, NaN], NaN] -> true
   */
  includes: ([s, needle, from]) => {
    if (!isList(s)) return firstPosition([needText(s), needle, from]) !== -1;
    spendOnSame(s, needle);
    return s.includes(needle, numberOr(from, 0));
  },
  /**
   * `(s: text | list, needle: any, from?: number) => number`
   * First position, or -1. In a text a nullish needle is never found; anything but text and lists throws.
   * @example ["banana", "an"] -> 1
   * @example ["banana", "an", 2] -> 3
   * @example ["null", null] -> -1
   */
  indexOf: firstPosition,
  /**
   * `(s: text | list, needle: any, from?: number) => number`
   * Last position, or -1. Without `from` all is searched; in a text a nullish needle is never found.
   * @example ["banana", "an"] -> 3
   * @example ["banana", "an", 2] -> 1
   */
  lastIndexOf: lastPosition,
  /**
   * `(s: text | list, start?: number, end?: number) => text | list`
   * The half-open range. Negative positions count back, and nothing is swapped.
   * @example ["meadow", 1, 4] -> "ead"
   * @example ["meadow", -3] -> "dow"
   * @example ["meadow", 4, 1] -> ""
   */
  slice: range,
  /**
   * `(s: text) => text`
   * Lower case by Unicode's defaults, whatever the locale; anything but text throws.
   * @example ["ÀBC"] -> "àbc"
   * @example [7] -> throws
   */
  toLowerCase: ([s]) => needText(s).toLowerCase(),
  /**
   * `(s: text) => text`
   * Upper case by Unicode's defaults, whatever the locale. The length may grow; anything but text throws.
   * @example ["àbc"] -> "ÀBC"
   * @example ["ß"] -> "SS"
   */
  toUpperCase: ([s]) => needText(s).toUpperCase(),
  /**
   * `(s: text) => text`
   * Without the Unicode blanks at both ends; anything but text throws.
   * @example ["  hi \n"] -> "hi"
   * @example [null] -> throws
   */
  trim: ([s]) => needText(s).trim(),
  /**
   * `(s: text) => text`
   * Without the Unicode blanks at the start; anything but text throws.
   * @example ["  hi \n"] -> "hi \n"
   * @example [""] -> ""
   */
  trimStart: ([s]) => needText(s).trimStart(),
  /**
   * `(s: text) => text`
   * Without the Unicode blanks at the end; anything but text throws.
   * @example ["  hi \n"] -> "  hi"
   * @example [""] -> ""
   */
  trimEnd: ([s]) => needText(s).trimEnd(),
  /**
   * `(s: text, length: number, pad: text = " ") => text`
   * Padded on the left up to a length. A blank pad changes nothing; a length over 1,048,576 throws, and so does
   * anything but text.
   * @example ["7", 3, "0"] -> "007"
   * @example ["7", 3] -> "  7"
   * @example [7, 3] -> throws
   */
  padStart: ([s, length, pad]) => needText(s).padStart(madeLength(length), padOf(pad)),
  /**
   * `(s: text, length: number, pad: text = " ") => text`
   * Padded on the right, by the rules of padStart.
   * @example ["7", 3, "0"] -> "700"
   * @example ["seven", 3] -> "seven"
   * @example ["7", 1048577] -> throws
   */
  padEnd: ([s, length, pad]) => needText(s).padEnd(madeLength(length), padOf(pad)),
  /**
   * `(s: text, search: text, replacement: text) => text`
   * The first literal match replaced: never a pattern, never all. `$` sequences in the replacement are active; a
   * nullish search is never found, a nullish replacement puts nothing in.
   * @example ["red red", "red", "blue"] -> "blue red"
   * @example ["red", "e", "[$&]"] -> "r[e]d"
   * @example ["red", "e", null] -> "rd"
   */
  replace: ([s, search, replacement]) =>
    isNullish(search)
      ? needText(s)
      : replaced(needText(s), textOf(search), isNullish(replacement) ? "" : textOf(replacement)),
  /**
   * `(s: text, pattern: text = "") => number`
   * Position of the first match of an ECMAScript pattern without flags, or -1. Bounded: a pattern over 1,000 units, a
   * text over 1,048,576 units and a match that takes too many steps throw, and so does a bad pattern.
   * @example ["room 42", "[0-9]+"] -> 5
   * @example ["room", "[0-9]+"] -> -1
   * @example ["room", "("] -> throws
   */
  search: ([s, pattern]) => searchPattern(needText(s), pattern === undefined ? "" : textOf(pattern)),
  /**
   * `(s: text, start: number = 0, end?: number) => text`
   * The range between two positions, in whichever order. Negative positions and NaN are 0; anything but text throws.
   * @example ["meadow", 1, 4] -> "ead"
   * @example ["meadow", 4, 1] -> "ead"
   * @example ["meadow", -2] -> "meadow"
   */
  substring: ([s, start, end]) => needText(s).substring(numberOr(start, 0), numberOr(end, undefined)),
  /**
   * `(s: text, needle: any, from?: number) => boolean`
   * Does it begin with the needle? With a nullish one it does not; anything but text throws.
   * @example ["glacier", "gla"] -> true
   * @example ["glacier", "acier", 2] -> true
   * @example ["glacier", null] -> false
   */
  startsWith: ([s, needle, from]) => {
    const text = needText(s);
    return !isNullish(needle) && text.startsWith(textOf(needle), numberOr(from, 0));
  },
  /**
   * `(s: text, needle: any, length?: number) => boolean`
   * Does it end with the needle? A length cuts the text first; with a nullish needle it does not; anything but text
   * throws.
   * @example ["glacier", "ier"] -> true
   * @example ["glacier", "gla", 3] -> true
   * @example ["glacier", null] -> false
   */
  endsWith: ([s, needle, length]) => {
    const text = needText(s);
    return !isNullish(needle) && text.endsWith(textOf(needle), numberOr(length, undefined));
  },
  /**
   * `(s: text, count: number) => text`
   * The text so many times. Omitted, null and NaN give a blank text, fractions are dropped; negative and infinite
   * counts throw, and so does a result over 1,048,576 units.
   * @example ["ab", 3] -> "ababab"
   * @example ["ab"] -> ""
   * @example ["ab", -1] -> throws
   */
  repeat: ([s, count]) => repeated(needText(s), Math.trunc(numberOf(count)) || 0),
};

function pieces(text: string, delimiter: string): string[] {
  const made = text.split(delimiter, ITEMS_MAX + 1);
  limitedItems(made.length);
  return made;
}

function replaced(text: string, search: string, replacement: string): string {
  const at = text.indexOf(search);
  if (at === -1) return text;
  // What `$&`, `$\`` and `$'` stand for, all of them at most the text: a short replacement can ask for a huge result.
  const parts = replacement.match(/\$[$&`']/g) ?? [];
  const sizes = new Map([
    ["$$", 1],
    ["$&", search.length],
    ["$`", at],
    ["$'", text.length - at - search.length],
  ]);
  const added = parts.reduce((sum, part) => sum + (sizes.get(part) ?? 0) - part.length, 0);
  if (text.length - search.length + replacement.length + added > TEXT_MAX) {
    throw new RangeError(`a text result is limited to ${TEXT_MAX} UTF-16 units`);
  }
  return text.replace(search, replacement);
}

function glued(parts: readonly unknown[]): string {
  let text = "";
  for (const part of parts) {
    if (!isNullish(part)) text = limitedText(text + textOf(part));
  }
  return text;
}

function padOf(pad: unknown): string {
  return isNullish(pad) ? " " : textOf(pad);
}

function madeLength(length: unknown): number {
  const units = numberOf(length);
  if (units > MADE_TEXT_MAX) throw new RangeError(`a padded text is limited to ${MADE_TEXT_MAX} UTF-16 units`);
  return units;
}

function repeated(text: string, count: number): string {
  if (count < 0 || count === Number.POSITIVE_INFINITY) throw new RangeError(`a text cannot be repeated ${count} times`);
  if (text.length * count > MADE_TEXT_MAX) {
    throw new RangeError(`a repeated text is limited to ${MADE_TEXT_MAX} UTF-16 units`);
  }
  return text.repeat(text === "" ? 0 : count);
}
