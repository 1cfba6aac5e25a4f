import { numberOf } from "./conversion.js";
import type { Namespace } from "./mapping-function.js";

/** Operators of one operand. */
export const unaryFunctions: Namespace = {
  /**
   * `(x: any) => boolean`
   * Logical negation. Lists, objects and every text but the blank one are truthy.
   * @example [true] -> false
   * @example ["no"] -> false
   * @example [""] -> true
   */
  not: ([x]) => !x,
  /**
   * `(x: any) => number`
   * Converts to a number and keeps the sign: no absolute value. Blank text and null are 0, undefined and other text
   * NaN.
   * @example ["4.5"] -> 4.5
   * @example [-3] -> -3
   * @example ["x"] -> NaN
   */
  positive: ([x]) => numberOf(x),
  /**
   * `(x: any) => number`
   * Converts to a number and negates it; 0 and null give -0.
   * @example [5] -> -5
   * @example [null] -> -0
   */
  negative: ([x]) => -numberOf(x),
  /**
   * `(x: any) => number`
   * Bitwise complement of the 32-bit integer; nullish values give -1.
   * @example [5] -> -6
   * @example [null] -> -1
   */
  bitwise_not: ([x]) => ~numberOf(x),
};
