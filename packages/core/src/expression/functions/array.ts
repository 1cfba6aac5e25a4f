import { described, isLess, isNullish, joined, needList, numberOf, textOf } from "./conversion.js";
import { limitedItems, limitedText } from "./limits.js";
import type { Namespace } from "./mapping-function.js";
import { spend } from "./meter.js";
import { isList, ownValue } from "./own.js";
import { firstPosition, lastPosition, range } from "./position-search.js";

/** Functions of lists. None changes its list: whatever would, returns a new one or only the answer. */
export const arrayFunctions: Namespace = {
  /**
   * `(list: list | text | object, index: number = 0) => any`
   * Reads one own element. A falsy index is 0; a nullish list and a position outside give undefined, and so does
   * whatever is inherited.
   * @example [[10, 20, 30], 1] -> 20
   * @example ["cedar", 1] -> "e"
   * @example [[10, 20, 30], -1] -> undefined
   */
  get: ([list, index]) => (isNullish(list) ? undefined : ownValue(list, index ? textOf(index) : "0")),
  /**
   * `(list: any) => number | undefined`
   * The own `length`, also that of a text. An object with a key `length` is believed; what has none gives undefined.
   * @example [["a", "b", "c"]] -> 3
   * @example ["four"] -> 4
   * @example [null] -> undefined
   */
  length: ([list]) => ownValue(list, "length"),
  /**
   * `(a: list | text, b?: any) => list | text`
   * A new list: a, followed by b or by the items of b. Without b a copy; two texts are glued; any other a throws.
   * @example [[1, 2], [3]] -> [1, 2, 3]
   * @example [[1, 2], 3] -> [1, 2, 3]
   * @example [null, [3]] -> throws
   */
  concat: ([a, b]) => concatenated(a, b),
  /**
   * `(list: list | text, item: any, from?: number) => number`
   * First strictly equal position, or -1. NaN is never found, objects only by identity, a negative `from` counts back;
   * a nullish list throws.
   * @example [["pear", "fig", "pear"], "pear"] -> 0
   * @example [["pear", "fig", "pear"], "pear", -1] -> 2
   * @example [[NaN], NaN] -> -1
   */
  indexOf: firstPosition,
  /**
   * `(list: list, separator: text = ",") => text`
   * The items as one text. Nullish items are blank, a nullish separator is a comma, inner lists use commas; anything
   * but a list throws.
   * @example [["a", "b", "c"], "-"] -> "a-b-c"
   * @example [[1, null, [2, 3]]] -> "1,,2,3"
   * @example ["abc"] -> throws
   */
  join: ([list, separator]) => joined(needList(list), isNullish(separator) ? "," : textOf(separator)),
  /**
   * `(list: list | text, item: any, from?: number) => number`
   * Last strictly equal position, or -1. Without `from` all is searched; a negative one counts back; a nullish list
   * throws.
   * @example [["x", "y", "x"], "x"] -> 2
   * @example [["x", "y", "x"], "x", 1] -> 0
   * @example [[], "x"] -> -1
   */
  lastIndexOf: lastPosition,
  /**
   * `(list: list) => any`
   * The last item, which the list keeps. An empty list gives undefined; anything but a list throws.
   * @example [[1, 2, 3]] -> 3
   * @example [[]] -> undefined
   */
  pop: ([list]) => needList(list).at(-1),
  /**
   * `(list: list, ...items: any) => list`
   * A new list with the items behind. An item that is a list stays one item; anything but a list in front throws.
   * @example [[1], 2] -> [1, 2]
   * @example [[1], [2, 3]] -> [1, [2, 3]]
   */
  push: ([list, ...items]) => {
    limitedItems(needList(list).length + items.length);
    return [...needList(list), ...items];
  },
  /**
   * `(list: list) => list`
   * A new list, last item first; anything but a list throws.
   * @example [[1, 2, 3]] -> [3, 2, 1]
   * @example ["abc"] -> throws
   */
  reverse: ([list]) => needList(list).toReversed(),
  /**
   * `(list: list) => any`
   * The first item, which the list keeps. An empty list gives undefined; anything but a list throws.
   * @example [[1, 2, 3]] -> 1
   * @example [[]] -> undefined
   */
  shift: ([list]) => needList(list)[0],
  /**
   * `(list: list | text, start?: number, end?: number) => list | text`
   * A copy of the half-open range. Negative positions count back, a null end is 0; a nullish list throws.
   * @example [[1, 2, 3, 4], 1, 3] -> [2, 3]
   * @example [[1, 2, 3, 4], -2] -> [3, 4]
   * @example [[1, 2, 3, 4], 1, null] -> []
   */
  slice: range,
  /**
   * `(list: list, order: "ASCENDING" | "DESCENDING" = "ASCENDING") => list`
   * A new list in order: two texts by the collation of en-US, anything else by `<`. Nulls come before the values,
   * descending behind them; undefined is always last. The order may have any letter case; another one throws.
   * @example [[3, 1, 2]] -> [1, 2, 3]
   * @example [["b", null, "a", "A"], "descending"] -> ["b", "A", "a", null]
   * @example [[3, 1, 2], "up"] -> throws
   */
  sort: ([list, order]) => sorted(needList(list), isDescending(order)),
  /**
   * `(list: list, start: number, count?: number, ...items: any) => list`
   * What a splice would take out; the list stays whole, so that items to put in have no effect. Without a count
   * everything to the end.
   * @example [[1, 2, 3, 4], 1, 2] -> [2, 3]
   * @example [[1, 2, 3, 4], 2] -> [3, 4]
   */
  splice: ([list, start, count]) => {
    const copy = needList(list).slice();
    return count === undefined ? copy.splice(numberOf(start)) : copy.splice(numberOf(start), numberOf(count));
  },
  /**
   * `(list: list, ...items: any) => number`
   * The length that the list would have with the items in front; the list stays as it is. Anything but a list throws.
   * @example [[2, 3], 1] -> 3
   * @example [[]] -> 0
   */
  unshift: ([list, ...items]) => needList(list).length + items.length,
};

function concatenated(a: unknown, b: unknown): unknown {
  if (typeof a === "string" && (typeof b === "string" || b === undefined)) return limitedText(a + (b ?? ""));
  const list = needList(a);
  if (b === undefined) return list.slice();
  limitedItems(list.length + (isList(b) ? b.length : 1));
  return list.concat(isList(b) ? b : [b]);
}

function isDescending(order: unknown): boolean {
  if (isNullish(order)) return false;
  const word = typeof order === "string" ? order.toUpperCase() : described(order);
  if (word !== "ASCENDING" && word !== "DESCENDING") {
    throw new TypeError(`the order of a list is ASCENDING or DESCENDING, not ${word.slice(0, 40)}`);
  }
  return word === "DESCENDING";
}

function sorted(list: readonly unknown[], descending: boolean): unknown[] {
  return descending ? list.toSorted((a, b) => compare(b, a)) : list.toSorted(compare);
}

function compare(a: unknown, b: unknown): number {
  if (a === null || b === null) return nullsFirst(a, b);
  if (typeof a === "string" && typeof b === "string") {
    // Only one text in thousands is read to its end, but it can be the same one each time.
    spend(10 + Math.min(a.length, b.length) / 2);
    return collation().compare(a, b);
  }
  return isLess(a, b) ? -1 : isLess(b, a) ? 1 : 0;
}

function nullsFirst(a: unknown, b: unknown): number {
  return (a === null ? 0 : 1) - (b === null ? 0 : 1);
}

let collator: Intl.Collator | undefined;

// Made on first use: it costs milliseconds that a process without sorting need not spend.
function collation(): Intl.Collator {
  collator ??= new Intl.Collator("en-US");
  return collator;
}
