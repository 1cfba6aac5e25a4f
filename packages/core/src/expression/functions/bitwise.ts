import { numberOf } from "./conversion.js";
import type { Namespace } from "./mapping-function.js";

/**
 * Operands are converted to 32-bit signed integers: nullish values, NaN and other texts are 0. Counts are modulo 32.
 */
export const bitwiseFunctions: Namespace = {
  /** (a, b): bitwise AND. `[12, 10] -> 8` */
  and: ([a, b]) => numberOf(a) & numberOf(b),
  /** (a, b): bitwise OR. `[12, 10] -> 14` */
  or: ([a, b]) => numberOf(a) | numberOf(b),
  /** (a, b): bitwise exclusive OR. `[12, 10] -> 6` */
  xor: ([a, b]) => numberOf(a) ^ numberOf(b),
  /** (a, count): shift left; a missing count is 0. `[5, 2] -> 20` */
  leftShift: ([a, count]) => numberOf(a) << numberOf(count),
  /** (a, count): shift right, the sign is kept. `[5, 2] -> 1` */
  rightShift: ([a, count]) => numberOf(a) >> numberOf(count),
  /** (a, count): shift right, zeros move in: a negative number becomes a large one. `[5, 2] -> 1` */
  unsignedRightShift: ([a, count]) => numberOf(a) >>> numberOf(count),
};
