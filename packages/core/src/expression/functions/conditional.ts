import { isLess, isLessOrEqual, isLooselyEqual, isNullish } from "./conversion.js";
import type { Namespace } from "./mapping-function.js";

/** Choices and comparisons. Two texts compare by their UTF-16 units, anything else as numbers; null is 0. */
export const conditionalFunctions: Namespace = {
  /** (condition, ifTrue, ifFalse): picks by truthiness; "false" and [] are truthy. `[true, "yes", "no"] -> "yes"` */
  ternary: ([condition, ifTrue, ifFalse]) => (condition ? ifTrue : ifFalse),
  /** (a, b): loose equality; null equals undefined, 7 equals "7", NaN nothing. `[7, "7"] -> true` */
  equality: ([a, b]) => isLooselyEqual(a, b),
  /** (a, b): strict equality; NaN equals nothing, objects only themselves. `[7, "7"] -> false` */
  strict_equality: ([a, b]) => a === b,
  /** (a, b): the opposite of equality. `[7, 7] -> false` */
  inequality: ([a, b]) => !isLooselyEqual(a, b),
  /** (a, b): the opposite of strict_equality. `[7, 7] -> false` */
  strict_inequality: ([a, b]) => a !== b,
  /** (a, b): a > b; false as soon as one is undefined or NaN. `[5, 3] -> true` */
  greater_than: ([a, b]) => isLess(b, a),
  /** (a, b): a < b. `[5, 3] -> false` */
  less_than: ([a, b]) => isLess(a, b),
  /** (a, b): a >= b; null >= 0 is true. `[5, 3] -> true` */
  greater_than_or_equal: ([a, b]) => isLessOrEqual(b, a),
  /** (a, b): a <= b. `[5, 3] -> false` */
  less_than_or_equal: ([a, b]) => isLessOrEqual(a, b),
  /** (a, b): a unless it is nullish, else b; keeps 0, "", false and NaN. `[null, "d"] -> "d"` */
  nullish: ([a, b]) => (isNullish(a) ? b : a),
};
