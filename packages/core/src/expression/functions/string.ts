import { searchPattern } from "../pattern/search.js";
import { isNullish, needText, numberOf, numberOr, textOf } from "./conversion.js";
import { limitedText, MADE_TEXT_MAX } from "./limits.js";
import type { Namespace } from "./mapping-function.js";
import { isList } from "./own.js";
import { firstPosition, lastPosition, range } from "./position-search.js";

/** Functions of texts. Positions count UTF-16 units. A first input that is no text throws, unless lists are named. */
export const stringFunctions: Namespace = {
  /**
   * (s, delimiter?): pieces between literal delimiters; omitted or null: [s]; "": single units.
   * `["a-b-c", "-"] -> ["a", "b", "c"]`
   */
  split: ([s, delimiter]) => (isNullish(delimiter) ? [needText(s)] : needText(s).split(textOf(delimiter))),
  /** (s, index = 0): one unit; out of range "". `["cedar", 1] -> "e"` */
  charAt: ([s, index]) => needText(s).charAt(numberOr(index, 0)),
  /** (...parts): glued; nullish parts are blank, lists use commas; of nothing "". `["foo", "bar"] -> "foobar"` */
  concat: (parts) => glued(parts),
  /** (s or list, needle, from?): contained? In text a nullish needle never is. `["lantern", "ant"] -> true` */
  includes: ([s, needle, from]) =>
    isList(s) ? s.includes(needle, numberOr(from, 0)) : firstPosition([needText(s), needle, from]) !== -1,
  /**
   * (s or list, needle, from?): first position or -1; in text a nullish needle is never found.
   * `["banana", "an"] -> 1`
   */
  indexOf: firstPosition,
  /** (s or list, needle, from?): last position or -1; without from all is searched. `["banana", "an"] -> 3` */
  lastIndexOf: lastPosition,
  /**
   * (s or list, start?, end?): half-open range; negative counts back, nothing is swapped.
   * `["meadow", 1, 4] -> "ead"`
   */
  slice: range,
  /** (s): lower case, Unicode default. `["ÀBC"] -> "àbc"` */
  toLowerCase: ([s]) => needText(s).toLowerCase(),
  /** (s): upper case; the length may grow. `["àbc"] -> "ÀBC"` */
  toUpperCase: ([s]) => needText(s).toUpperCase(),
  /** (s): without Unicode blanks at both ends. `["  hi \n"] -> "hi"` */
  trim: ([s]) => needText(s).trim(),
  /** (s): without blanks at the start. `["  hi \n"] -> "hi \n"` */
  trimStart: ([s]) => needText(s).trimStart(),
  /** (s): without blanks at the end. `["  hi \n"] -> "  hi"` */
  trimEnd: ([s]) => needText(s).trimEnd(),
  /**
   * (s, length, pad = " "): padded on the left; an empty pad changes nothing; a length over the limit throws.
   * `["7", 3, "0"] -> "007"`
   */
  padStart: ([s, length, pad]) => needText(s).padStart(madeLength(length), padOf(pad)),
  /** (s, length, pad = " "): padded on the right, as padStart. `["7", 3, "0"] -> "700"` */
  padEnd: ([s, length, pad]) => needText(s).padEnd(madeLength(length), padOf(pad)),
  /**
   * (s, search, replacement): the first literal match replaced; `$` sequences are active; a nullish search is never
   * found.
   * `["red red", "red", "blue"] -> "blue red"`
   */
  replace: ([s, search, replacement]) =>
    isNullish(search)
      ? needText(s)
      : needText(s).replace(textOf(search), isNullish(replacement) ? "" : textOf(replacement)),
  /**
   * (s, pattern = ""): position of the first match of an ECMAScript pattern or -1; bounded, a bad pattern throws.
   * `["room 42", "[0-9]+"] -> 5`
   */
  search: ([s, pattern]) => searchPattern(needText(s), pattern === undefined ? "" : textOf(pattern)),
  /** (s, start, end?): range with clamping and swapping; negative and NaN are 0. `["meadow", 4, 1] -> "ead"` */
  substring: ([s, start, end]) => needText(s).substring(numberOr(start, 0), numberOr(end, undefined)),
  /** (s, needle, from?): begins with? A nullish needle: false. `["glacier", "gla"] -> true` */
  startsWith: ([s, needle, from]) => {
    const text = needText(s);
    return !isNullish(needle) && text.startsWith(textOf(needle), numberOr(from, 0));
  },
  /** (s, needle, length?): ends with? The length cuts the text first. `["glacier", "gla", 3] -> true` */
  endsWith: ([s, needle, length]) => {
    const text = needText(s);
    return !isNullish(needle) && text.endsWith(textOf(needle), numberOr(length, undefined));
  },
  /**
   * (s, count): repeated; omitted, null and NaN give ""; negative, infinite and over the limit throw.
   * `["ab", 3] -> "ababab"`
   */
  repeat: ([s, count]) => repeated(needText(s), Math.trunc(numberOf(count)) || 0),
};

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
