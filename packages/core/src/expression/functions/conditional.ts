import { isLess, isLessOrEqual, isLooselyEqual, isNullish } from "./conversion.js";
import type { Namespace } from "./mapping-function.js";

/** Choices and comparisons. Two texts compare by their UTF-16 units, anything else as numbers; null is 0. */
export const conditionalFunctions: Namespace = {
  /**
   * `(condition: any, ifTrue: any, ifFalse?: any) => any`
   * Picks by truthiness; both branches have been evaluated by then. "false" and [] are truthy, a missing branch is
   * undefined.
   * @example [true, "yes", "no"] -> "yes"
   * @example ["false", "yes", "no"] -> "yes"
   * @example [0, "yes"] -> undefined
   */
  ternary: ([condition, ifTrue, ifFalse]) => (condition ? ifTrue : ifFalse),
  /**
   * `(a: any, b: any) => boolean`
   * Loose equality: null equals undefined, 7 equals "7", NaN equals nothing, lists and objects only themselves.
   * @example [7, "7"] -> true
   * @example [null, undefined] -> true
   * @example [[1], [1]] -> false
   */
  equality: ([a, b]) => isLooselyEqual(a, b),
  /**
   * `(a: any, b: any) => boolean`
   * Equality without conversion; NaN equals nothing, lists and objects only themselves.
   * @example [7, 7] -> true
   * @example [7, "7"] -> false
   * @example [NaN, NaN] -> false
   */
  strict_equality: ([a, b]) => a === b,
  /**
   * `(a: any, b: any) => boolean`
   * The opposite of equality.
   * @example [7, 7] -> false
   * @example [NaN, NaN] -> true
   */
  inequality: ([a, b]) => !isLooselyEqual(a, b),
  /**
   * `(a: any, b: any) => boolean`
   * The opposite of strict_equality.
   * @example [7, 7] -> false
   * @example [7, "7"] -> true
   */
  strict_inequality: ([a, b]) => a !== b,
  /**
   * `(a: any, b: any) => boolean`
   * a > b. Two texts compare as text, null is 0, and undefined or NaN on either side gives false.
   * @example [5, 3] -> true
   * @example ["10", "9"] -> false
   * @example [5, undefined] -> false
   */
  greater_than: ([a, b]) => isLess(b, a),
  /**
   * `(a: any, b: any) => boolean`
   * a < b, with the conversions of greater_than.
   * @example [5, 3] -> false
   * @example ["10", "9"] -> true
   */
  less_than: ([a, b]) => isLess(a, b),
  /**
   * `(a: any, b: any) => boolean`
   * a >= b, with the conversions of greater_than; null is 0, undefined is nothing.
   * @example [5, 3] -> true
   * @example [null, 0] -> true
   * @example [undefined, 0] -> false
   */
  greater_than_or_equal: ([a, b]) => isLessOrEqual(b, a),
  /**
   * `(a: any, b: any) => boolean`
   * a <= b, with the conversions of greater_than.
   * @example [5, 3] -> false
   * @example [NaN, NaN] -> false
   */
  less_than_or_equal: ([a, b]) => isLessOrEqual(a, b),
  /**
   * `(a: any, b: any) => any`
   * a unless it is null or undefined, else b. Keeps 0, "", false and NaN; looks at two inputs only.
   * @example [null, "d"] -> "d"
   * @example ["", "d"] -> ""
   * @example [null, undefined, "d"] -> undefined
   */
  nullish: ([a, b]) => (isNullish(a) ? b : a),
};
