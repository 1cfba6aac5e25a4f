import { numberOf } from "./conversion.js";
import type { Namespace } from "./mapping-function.js";

/**
 * Operands are converted to 32-bit signed integers: nullish values, NaN and other texts are 0. Counts are modulo 32.
 */
export const bitwiseFunctions: Namespace = {
  /**
   * `(a: number, b: number) => number`
   * Bitwise AND of 32-bit integers; what is no number is 0.
   * @example [12, 10] -> 8
   * @example [12, null] -> 0
   */
  and: ([a, b]) => numberOf(a) & numberOf(b),
  /**
   * `(a: number, b: number) => number`
   * Bitwise OR of 32-bit integers; what is no number is 0.
   * @example [12, 10] -> 14
   * @example [12, "x"] -> 12
   */
  or: ([a, b]) => numberOf(a) | numberOf(b),
  /**
   * `(a: number, b: number) => number`
   * Bitwise exclusive OR of 32-bit integers; what is no number is 0.
   * @example [12, 10] -> 6
   * @example [12] -> 12
   */
  xor: ([a, b]) => numberOf(a) ^ numberOf(b),
  /**
   * `(a: number, count: number = 0) => number`
   * Shifts to the left, bits beyond the 32nd are lost; the count is taken modulo 32.
   * @example [5, 2] -> 20
   * @example [5, 33] -> 10
   */
  leftShift: ([a, count]) => numberOf(a) << numberOf(count),
  /**
   * `(a: number, count: number = 0) => number`
   * Shifts to the right and keeps the sign; the count is taken modulo 32.
   * @example [5, 2] -> 1
   * @example [-5, 1] -> -3
   */
  rightShift: ([a, count]) => numberOf(a) >> numberOf(count),
  /**
   * `(a: number, count: number = 0) => number`
   * Shifts to the right and moves zeros in, so that a negative number becomes a large one; the count is taken modulo
   * 32.
   * @example [5, 2] -> 1
   * @example [-1, 0] -> 4294967295
   */
  unsignedRightShift: ([a, count]) => numberOf(a) >>> numberOf(count),
};
