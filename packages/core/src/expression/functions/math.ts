import { numberOf } from "./conversion.js";
import { limitedDepth, limitedItems } from "./limits.js";
import type { Namespace } from "./mapping-function.js";
import { isList } from "./own.js";

/**
 * Inputs become numbers as JavaScript converts them: undefined and other text NaN, null 0, a list of one item as that.
 */
export const mathFunctions: Namespace = {
  /**
   * `(...n: number | list) => number`
   * The sum, lists flattened at every depth. Of nothing 0; numeric text is a number, null 0, undefined and other text
   * NaN.
   * @example [2, 3, 4] -> 9
   * @example [[1, [2, "3"]], null] -> 6
   * @example [] -> 0
   */
  add: (inputs) => flatNumbers(inputs).reduce((sum, n) => sum + n, 0),
  /**
   * `(...n: number | list) => number`
   * The first minus the rest, lists flattened one level; a single input is converted too. Of nothing it throws.
   * @example [10, 3, 2] -> 5
   * @example ["7"] -> 7
   * @example [] -> throws
   */
  subtract: (inputs) => someNumbers(inputs.flat(1)).reduce((rest, n) => rest - n),
  /**
   * `(...n: number | list) => number`
   * The product, lists flattened at every depth. null is 0, undefined and other text NaN; of nothing it throws.
   * @example [2, 3, 4] -> 24
   * @example [[2, [3]], "4"] -> 24
   * @example [] -> throws
   */
  multiply: (inputs) => atLeastOne(flatNumbers(inputs)).reduce((product, n) => product * n),
  /**
   * `(...n: number | list) => number`
   * The first divided by the rest in turn, lists flattened one level. A divisor that converts to 0 gives NaN; of
   * nothing it throws.
   * @example [20, 4, 2] -> 2.5
   * @example [1, "0"] -> NaN
   * @example [] -> throws
   */
  divide: (inputs) => someNumbers(inputs.flat(1)).reduce((rest, n) => (n === 0 ? Number.NaN : rest / n)),
  /**
   * `(x: number) => number`
   * The absolute value. null and [] are 0, undefined and other text NaN.
   * @example [-4.2] -> 4.2
   * @example [null] -> 0
   * @example ["x"] -> NaN
   */
  abs: ([x]) => Math.abs(numberOf(x)),
  /**
   * `(x: number) => number`
   * The arc cosine in radians; outside -1 to 1 NaN.
   * @example [1] -> 0
   * @example [2] -> NaN
   */
  acos: ([x]) => Math.acos(numberOf(x)),
  /**
   * `(x: number) => number`
   * The inverse hyperbolic cosine; below 1 NaN.
   * @example [1] -> 0
   * @example [0] -> NaN
   */
  acosh: ([x]) => Math.acosh(numberOf(x)),
  /**
   * `(x: number) => number`
   * The arc sine in radians; outside -1 to 1 NaN.
   * @example [0] -> 0
   * @example [2] -> NaN
   */
  asin: ([x]) => Math.asin(numberOf(x)),
  /**
   * `(x: number) => number`
   * The inverse hyperbolic sine; undefined and other text NaN.
   * @example [0] -> 0
   * @example [undefined] -> NaN
   */
  asinh: ([x]) => Math.asinh(numberOf(x)),
  /**
   * `(x: number) => number`
   * The arc tangent in radians; undefined and other text NaN.
   * @example [0] -> 0
   * @example [undefined] -> NaN
   */
  atan: ([x]) => Math.atan(numberOf(x)),
  /**
   * `(x: number) => number`
   * The inverse hyperbolic tangent; of 1 Infinity, beyond NaN.
   * @example [0] -> 0
   * @example [1] -> Infinity
   * @example [2] -> NaN
   */
  atanh: ([x]) => Math.atanh(numberOf(x)),
  /**
   * `(x: number) => number`
   * The cube root, also of negative numbers.
   * @example [27] -> 3
   * @example [-8] -> -2
   */
  cbrt: ([x]) => Math.cbrt(numberOf(x)),
  /**
   * `(x: number) => number`
   * Rounds up; what rounds up to zero from below is -0.
   * @example [1.2] -> 2
   * @example [-0.5] -> -0
   */
  ceil: ([x]) => Math.ceil(numberOf(x)),
  /**
   * `(x: number) => number`
   * The leading zero bits of the 32-bit form, 0-32; undefined gives 32.
   * @example [1] -> 31
   * @example [undefined] -> 32
   */
  clz32: ([x]) => Math.clz32(numberOf(x)),
  /**
   * `(x: number) => number`
   * The cosine of radians; undefined and other text NaN.
   * @example [0] -> 1
   * @example [undefined] -> NaN
   */
  cos: ([x]) => Math.cos(numberOf(x)),
  /**
   * `(x: number) => number`
   * The hyperbolic cosine; undefined and other text NaN.
   * @example [0] -> 1
   * @example [undefined] -> NaN
   */
  cosh: ([x]) => Math.cosh(numberOf(x)),
  /**
   * `(x: number) => number`
   * e to the x; undefined and other text NaN.
   * @example [0] -> 1
   * @example [-Infinity] -> 0
   */
  exp: ([x]) => Math.exp(numberOf(x)),
  /**
   * `(x: number) => number`
   * e to the x, minus 1, and precise near 0.
   * @example [0] -> 0
   * @example [-Infinity] -> -1
   */
  expm1: ([x]) => Math.expm1(numberOf(x)),
  /**
   * `(x: number) => number`
   * Rounds down; null is 0.
   * @example [1.8] -> 1
   * @example [-1.2] -> -2
   * @example [null] -> 0
   */
  floor: ([x]) => Math.floor(numberOf(x)),
  /**
   * `(x: number) => number`
   * The nearest 32-bit float; beyond their range Infinity.
   * @example [5.5] -> 5.5
   * @example [1e40] -> Infinity
   */
  fround: ([x]) => Math.fround(numberOf(x)),
  /**
   * `(x: number) => number`
   * The natural logarithm; of 0 -Infinity, of negative numbers NaN.
   * @example [1] -> 0
   * @example [0] -> -Infinity
   * @example [-1] -> NaN
   */
  log: ([x]) => Math.log(numberOf(x)),
  /**
   * `(x: number) => number`
   * The logarithm to the base 10; of 0 -Infinity, of negative numbers NaN.
   * @example [1000] -> 3
   * @example [0] -> -Infinity
   */
  log10: ([x]) => Math.log10(numberOf(x)),
  /**
   * `(x: number) => number`
   * The natural logarithm of 1 + x, precise near 0; of -1 -Infinity, below NaN.
   * @example [0] -> 0
   * @example [-1] -> -Infinity
   */
  log1p: ([x]) => Math.log1p(numberOf(x)),
  /**
   * `(x: number) => number`
   * The logarithm to the base 2; of 0 -Infinity, of negative numbers NaN.
   * @example [8] -> 3
   * @example [-1] -> NaN
   */
  log2: ([x]) => Math.log2(numberOf(x)),
  /**
   * `(x: number) => number`
   * The nearest integer, halves towards Infinity; from -0.5 to 0 it is -0. There is no input for digits.
   * @example [2.5] -> 3
   * @example [-2.5] -> -2
   * @example [-0.4] -> -0
   */
  round: ([x]) => Math.round(numberOf(x)),
  /**
   * `(x: number) => number`
   * -1, 0 or 1; undefined and other text NaN.
   * @example [-7] -> -1
   * @example [null] -> 0
   */
  sign: ([x]) => Math.sign(numberOf(x)),
  /**
   * `(x: number) => number`
   * The sine of radians; undefined and other text NaN.
   * @example [0] -> 0
   * @example [undefined] -> NaN
   */
  sin: ([x]) => Math.sin(numberOf(x)),
  /**
   * `(x: number) => number`
   * The hyperbolic sine; undefined and other text NaN.
   * @example [0] -> 0
   * @example [undefined] -> NaN
   */
  sinh: ([x]) => Math.sinh(numberOf(x)),
  /**
   * `(x: number) => number`
   * The square root; of negative numbers NaN.
   * @example [81] -> 9
   * @example [-1] -> NaN
   */
  sqrt: ([x]) => Math.sqrt(numberOf(x)),
  /**
   * `(x: number) => number`
   * The tangent of radians; undefined and other text NaN.
   * @example [0] -> 0
   * @example [undefined] -> NaN
   */
  tan: ([x]) => Math.tan(numberOf(x)),
  /**
   * `(x: number) => number`
   * The hyperbolic tangent; undefined and other text NaN.
   * @example [0] -> 0
   * @example [Infinity] -> 1
   */
  tanh: ([x]) => Math.tanh(numberOf(x)),
  /**
   * `(x: number) => number`
   * Drops the fraction; what is left of -0.3 is -0.
   * @example [4.9] -> 4
   * @example [-0.3] -> -0
   */
  trunc: ([x]) => Math.trunc(numberOf(x)),
  /**
   * `(y: number, x: number) => number`
   * The angle of the point (x, y) in radians; a missing x gives NaN.
   * @example [0, 1] -> 0
   * @example [0] -> NaN
   */
  atan2: ([y, x]) => Math.atan2(numberOf(y), numberOf(x)),
  /**
   * `(...n: number | list) => number`
   * The root of the sum of squares. A list stands for its items, an empty one for 0; of nothing 0.
   * @example [3, 4] -> 5
   * @example [[3, 4]] -> 5
   * @example [] -> 0
   */
  hypot: (inputs) => hypotenuse(numbersOf(inputs)),
  /**
   * `(a: number, b: number) => number`
   * The product of 32-bit integers; what is no number is 0.
   * @example [3, 4] -> 12
   * @example [3] -> 0
   * @example [2147483647, 2] -> -2
   */
  imul: ([a, b]) => Math.imul(numberOf(a), numberOf(b)),
  /**
   * `(...n: number | list) => number`
   * The largest. A list stands for its items, an empty one for 0; undefined and other text make it NaN; of nothing
   * -Infinity.
   * @example [3, 9, -2] -> 9
   * @example [[3, 9], -2] -> 9
   * @example [] -> -Infinity
   */
  max: (inputs) => numbersOf(inputs).reduce((most, n) => Math.max(most, n), Number.NEGATIVE_INFINITY),
  /**
   * `(...n: number | list) => number`
   * The smallest, by the rules of max; of nothing Infinity.
   * @example [3, 9, -2] -> -2
   * @example [3, null] -> 0
   * @example [] -> Infinity
   */
  min: (inputs) => numbersOf(inputs).reduce((least, n) => Math.min(least, n), Number.POSITIVE_INFINITY),
  /**
   * `(base: number, exponent: number) => number`
   * The power; a missing exponent gives NaN, and 0 to the 0 is 1.
   * @example [2, 10] -> 1024
   * @example [0, 0] -> 1
   * @example [2] -> NaN
   */
  pow: ([base, exponent]) => numberOf(base) ** numberOf(exponent),
  /**
   * `() => number`
   * Uniform, from 0 to below 1, out of the random source of the step; inputs are ignored.
   * @example [] -> 0.5
   */
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
  const visit = (list: readonly unknown[], depth: number) => {
    limitedDepth(depth);
    for (const value of list) {
      visited = limitedItems(visited + 1);
      if (isList(value)) visit(value, depth + 1);
      else numbers.push(numberOf(value));
    }
  };
  visit(inputs, 0);
  return numbers;
}
