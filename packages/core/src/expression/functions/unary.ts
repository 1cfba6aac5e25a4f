import { numberOf } from "./conversion.js";
import type { Namespace } from "./mapping-function.js";

/** Operators of one operand. */
export const unaryFunctions: Namespace = {
  /** (x): logical negation; [] and "no" are truthy. `[true] -> false` */
  not: ([x]) => !x,
  /** (x): converts to a number and keeps the sign: no absolute value. `["4.5"] -> 4.5` */
  positive: ([x]) => numberOf(x),
  /** (x): negates; 0 and null give -0. `[5] -> -5` */
  negative: ([x]) => -numberOf(x),
  /** (x): bitwise complement; nullish gives -1. `[5] -> -6` */
  bitwise_not: ([x]) => ~numberOf(x),
};
