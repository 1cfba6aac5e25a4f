import { numberOf } from "./conversion.js";
import { ITEMS_MAX } from "./limits.js";
import type { Namespace } from "./mapping-function.js";
import { isList } from "./own.js";

/**
 * Inputs become numbers as JavaScript converts them: undefined and other text NaN, null 0, a list of one item as that.
 */
export const mathFunctions: Namespace = {
  /** (...n): sum, lists flattened at every depth; of nothing 0; numeric text is a number. `[2, 3, 4] -> 9` */
  add: (inputs) => flatNumbers(inputs).reduce((sum, n) => sum + n, 0),
  /** (...n): first minus the rest, lists flattened one level; of nothing it throws. `[10, 3, 2] -> 5` */
  subtract: (inputs) => someNumbers(inputs.flat(1)).reduce((rest, n) => rest - n),
  /** (...n): product, lists flattened at every depth; of nothing it throws. `[2, 3, 4] -> 24` */
  multiply: (inputs) => atLeastOne(flatNumbers(inputs)).reduce((product, n) => product * n),
  /** (...n): first divided by the rest in turn; a divisor that converts to 0 gives NaN. `[20, 4, 2] -> 2.5` */
  divide: (inputs) => someNumbers(inputs.flat(1)).reduce((rest, n) => (n === 0 ? Number.NaN : rest / n)),
  /** (x): absolute value; null is 0, other text NaN. `[-4.2] -> 4.2` */
  abs: ([x]) => Math.abs(numberOf(x)),
  /** (x): arc cosine in radians; outside -1..1 NaN. `[1] -> 0` */
  acos: ([x]) => Math.acos(numberOf(x)),
  /** (x): inverse hyperbolic cosine; below 1 NaN. `[1] -> 0` */
  acosh: ([x]) => Math.acosh(numberOf(x)),
  /** (x): arc sine in radians; outside -1..1 NaN. `[0] -> 0` */
  asin: ([x]) => Math.asin(numberOf(x)),
  /** (x): inverse hyperbolic sine. `[0] -> 0` */
  asinh: ([x]) => Math.asinh(numberOf(x)),
  /** (x): arc tangent in radians. `[0] -> 0` */
  atan: ([x]) => Math.atan(numberOf(x)),
  /** (x): inverse hyperbolic tangent; 1 gives Infinity, beyond NaN. `[0] -> 0` */
  atanh: ([x]) => Math.atanh(numberOf(x)),
  /** (x): cube root. `[27] -> 3` */
  cbrt: ([x]) => Math.cbrt(numberOf(x)),
  /** (x): rounds up; -0.5 gives -0. `[1.2] -> 2` */
  ceil: ([x]) => Math.ceil(numberOf(x)),
  /** (x): leading zero bits of the 32-bit form; undefined gives 32. `[1] -> 31` */
  clz32: ([x]) => Math.clz32(numberOf(x)),
  /** (x): cosine of radians. `[0] -> 1` */
  cos: ([x]) => Math.cos(numberOf(x)),
  /** (x): hyperbolic cosine. `[0] -> 1` */
  cosh: ([x]) => Math.cosh(numberOf(x)),
  /** (x): e to the x. `[0] -> 1` */
  exp: ([x]) => Math.exp(numberOf(x)),
  /** (x): e to the x minus 1, precise near 0. `[0] -> 0` */
  expm1: ([x]) => Math.expm1(numberOf(x)),
  /** (x): rounds down. `[1.8] -> 1` */
  floor: ([x]) => Math.floor(numberOf(x)),
  /** (x): the nearest 32-bit float; overflow gives Infinity. `[5.5] -> 5.5` */
  fround: ([x]) => Math.fround(numberOf(x)),
  /** (x): natural logarithm; 0 gives -Infinity, negative NaN. `[1] -> 0` */
  log: ([x]) => Math.log(numberOf(x)),
  /** (x): logarithm of base 10. `[1000] -> 3` */
  log10: ([x]) => Math.log10(numberOf(x)),
  /** (x): log(1 + x), precise near 0; -1 gives -Infinity. `[0] -> 0` */
  log1p: ([x]) => Math.log1p(numberOf(x)),
  /** (x): logarithm of base 2. `[8] -> 3` */
  log2: ([x]) => Math.log2(numberOf(x)),
  /** (x): the nearest integer, halves toward +Infinity; -0.4 gives -0; there is no digits input. `[2.5] -> 3` */
  round: ([x]) => Math.round(numberOf(x)),
  /** (x): -1, 0 or 1. `[-7] -> -1` */
  sign: ([x]) => Math.sign(numberOf(x)),
  /** (x): sine of radians. `[0] -> 0` */
  sin: ([x]) => Math.sin(numberOf(x)),
  /** (x): hyperbolic sine. `[0] -> 0` */
  sinh: ([x]) => Math.sinh(numberOf(x)),
  /** (x): square root; negative NaN. `[81] -> 9` */
  sqrt: ([x]) => Math.sqrt(numberOf(x)),
  /** (x): tangent of radians. `[0] -> 0` */
  tan: ([x]) => Math.tan(numberOf(x)),
  /** (x): hyperbolic tangent. `[0] -> 0` */
  tanh: ([x]) => Math.tanh(numberOf(x)),
  /** (x): drops the fraction; -0.3 gives -0. `[4.9] -> 4` */
  trunc: ([x]) => Math.trunc(numberOf(x)),
  /** (y, x): the angle of the point (x, y); a missing x gives NaN. `[0, 1] -> 0` */
  atan2: ([y, x]) => Math.atan2(numberOf(y), numberOf(x)),
  /**
   * (...n): root of the sum of squares; of nothing 0; a list stands for its items, an empty one for 0.
   * `[3, 4] -> 5`
   */
  hypot: (inputs) => hypotenuse(numbersOf(inputs)),
  /** (a, b): 32-bit multiplication; a missing b is 0. `[3, 4] -> 12` */
  imul: ([a, b]) => Math.imul(numberOf(a), numberOf(b)),
  /** (...n): the largest; of nothing -Infinity; a list stands for its items, an empty one for 0. `[3, 9, -2] -> 9` */
  max: (inputs) => numbersOf(inputs).reduce((most, n) => Math.max(most, n), Number.NEGATIVE_INFINITY),
  /** (...n): the smallest; of nothing Infinity; otherwise as max. `[3, 9, -2] -> -2` */
  min: (inputs) => numbersOf(inputs).reduce((least, n) => Math.min(least, n), Number.POSITIVE_INFINITY),
  /** (base, exponent): power; a missing exponent gives NaN, 0 to the 0 is 1. `[2, 10] -> 1024` */
  pow: ([base, exponent]) => numberOf(base) ** numberOf(exponent),
  /** (): uniform from 0 to below 1, from the random source of the step. */
  random: (_, context) => context.random(),
};

/** The inputs as numbers; a list stands for its items, an empty one for 0. */
function numbersOf(inputs: readonly unknown[]): number[] {
  return inputs.flatMap((input) => (isList(input) ? (input.length === 0 ? [0] : items(input)) : [numberOf(input)]));
}

// Array.from visits holes too, as undefined.
function items(list: readonly unknown[]): number[] {
  return Array.from(list, numberOf);
}

// A spread call has as many arguments as the list has items, and engines limit those.
function hypotenuse(numbers: readonly number[]): number {
  return numbers.length <= 1_000 ? Math.hypot(...numbers) : numbers.reduce((sum, n) => Math.hypot(sum, n), 0);
}

function someNumbers(values: readonly unknown[]): number[] {
  return atLeastOne(items(values));
}

function atLeastOne(numbers: number[]): number[] {
  if (numbers.length === 0) throw new TypeError("at least one number was expected");
  return numbers;
}

/** The numbers of all lists inside lists. Lists that hold each other twice double at every depth, hence the count. */
function flatNumbers(inputs: readonly unknown[]): number[] {
  const numbers: number[] = [];
  let visited = 0;
  const visit = (list: readonly unknown[]) => {
    for (const value of list) {
      visited += 1;
      if (visited > ITEMS_MAX) throw new RangeError(`lists inside lists are limited to ${ITEMS_MAX} items`);
      if (isList(value)) visit(value);
      else numbers.push(numberOf(value));
    }
  };
  visit(inputs);
  return numbers;
}
