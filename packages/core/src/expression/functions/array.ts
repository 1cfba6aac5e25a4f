import { described, isLess, isNullish, joined, needList, numberOf, textOf } from "./conversion.js";
import { limitedItems, limitedText } from "./limits.js";
import type { Namespace } from "./mapping-function.js";
import { isList, ownValue } from "./own.js";
import { firstPosition, lastPosition, range } from "./position-search.js";

/** Functions of lists. None changes its list: whatever would, returns a new one or only the answer. */
export const arrayFunctions: Namespace = {
  /** (list, index = 0): one own element, also of a text or object; a falsy index is 0. `[[10, 20, 30], 1] -> 20` */
  get: ([list, index]) => (isNullish(list) ? undefined : ownValue(list, index ? textOf(index) : "0")),
  /** (list): the own `length`, undefined when there is none. `[["a", "b", "c"]] -> 3` */
  length: ([list]) => ownValue(list, "length"),
  /** (a, b?): a followed by b, or by the items of b; two texts are glued. `[[1, 2], [3]] -> [1, 2, 3]` */
  concat: ([a, b]) => concatenated(a, b),
  /** (list, item, from?): first strictly equal position or -1; NaN is never found. `[["pear", "fig"], "fig"] -> 1` */
  indexOf: firstPosition,
  /** (list, separator = ","): the items as one text; nullish items are blank. `[["a", "b"], "-"] -> "a-b"` */
  join: ([list, separator]) => joined(needList(list), isNullish(separator) ? "," : textOf(separator)),
  /** (list, item, from?): last strictly equal position or -1. `[["x", "y", "x"], "x", 2] -> 2` */
  lastIndexOf: lastPosition,
  /** (list): the last item; of an empty list undefined. The list keeps it. `[[1, 2, 3]] -> 3` */
  pop: ([list]) => needList(list).at(-1),
  /** (list, ...items): a new list; an item that is a list stays one item. `[[1], 2] -> [1, 2]` */
  push: ([list, ...items]) => {
    limitedItems(needList(list).length + items.length);
    return [...needList(list), ...items];
  },
  /** (list): a new list, last item first. `[[1, 2, 3]] -> [3, 2, 1]` */
  reverse: ([list]) => needList(list).toReversed(),
  /** (list): the first item; of an empty list undefined. The list keeps it. `[[1, 2, 3]] -> 1` */
  shift: ([list]) => needList(list)[0],
  /**
   * (list, start?, end?): a half-open range; negative counts back, a null end is 0.
   * `[[1, 2, 3, 4], 1, 3] -> [2, 3]`
   */
  slice: range,
  /**
   * (list, order = "ASCENDING"): a new list in order; null before the values, or after them; undefined last.
   * `[[3, 1, 2]] -> [1, 2, 3]`
   */
  sort: ([list, order]) => sorted(needList(list), isDescending(order)),
  /**
   * (list, start, deleteCount?): what a splice would take out; the list stays whole.
   * `[[1, 2, 3, 4], 1, 2] -> [2, 3]`
   */
  splice: ([list, start, count]) => {
    const copy = needList(list).slice();
    return count === undefined ? copy.splice(numberOf(start)) : copy.splice(numberOf(start), numberOf(count));
  },
  /** (list, ...items): the length that the list would have with the items in front. `[[2, 3], 1] -> 3` */
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
    throw new TypeError(`the order of a list is ASCENDING or DESCENDING, not ${word}`);
  }
  return word === "DESCENDING";
}

function sorted(list: readonly unknown[], descending: boolean): unknown[] {
  return descending ? list.toSorted((a, b) => compare(b, a)) : list.toSorted(compare);
}

function compare(a: unknown, b: unknown): number {
  if (a === null || b === null) return nullsFirst(a, b);
  if (typeof a === "string" && typeof b === "string") return collation().compare(a, b);
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
