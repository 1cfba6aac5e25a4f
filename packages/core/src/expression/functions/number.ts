import { described, isLess, isLessOrEqual, numberOf, numberOr, textOf } from "./conversion.js";
import type { MappingFunction, Namespace } from "./mapping-function.js";
import { mathFunctions } from "./math.js";

/** Tests, parsing and formatting of numbers. */
export const numberFunctions: Namespace = {
  /**
   * `(x: any) => boolean`
   * Is it a real finite number? Nothing is converted: "5" and null are none.
   * @example [5] -> true
   * @example ["5"] -> false
   */
  isFinite: ([x]) => Number.isFinite(x),
  /**
   * `(x: any) => boolean`
   * Is it an even integer? Booleans and numeric text are converted; null, blank text, lists and objects are not, and
   * what is no integer is not even.
   * @example [4] -> true
   * @example ["4"] -> true
   * @example [null] -> false
   */
  isEven: ([x]) => remainderByTwo(x) === 0,
  /**
   * `(x: any) => boolean`
   * Is it an odd integer? With the conversions of isEven; 1.5 and Infinity are not odd.
   * @example [3] -> true
   * @example [1.5] -> false
   */
  isOdd: ([x]) => remainderByTwo(x) === 1,
  /**
   * `(x: any) => boolean`
   * Is it an integer number? Nothing is converted; -0 is one.
   * @example [5] -> true
   * @example ["5"] -> false
   */
  isInteger: ([x]) => Number.isInteger(x),
  /**
   * `(x: any) => boolean`
   * Is it exactly the number NaN? Nothing is converted: undefined and text are not.
   * @example [NaN] -> true
   * @example ["x"] -> false
   */
  isNaN: ([x]) => Number.isNaN(x),
  /**
   * `(text: any) => number`
   * The decimal at the beginning of the text; stops at the first unit that does not belong. Blank text and null give
   * NaN.
   * @example ["3.75kg"] -> 3.75
   * @example ["kg"] -> NaN
   */
  parseFloat: ([text]) => Number.parseFloat(textOf(text)),
  /**
   * `(text: any, radix?: number) => number`
   * The integer at the beginning of the text; `0x` is understood. A radix outside 2-36 gives NaN. A number in the
   * decimal system is truncated; other values become text first.
   * @example ["42px"] -> 42
   * @example ["ff", 16] -> 255
   * @example [-4.9] -> -4
   * @example [0.0000005] -> 0
   */
  parseInt: ([text, radix]) => leadingInteger(text, numberOr(radix, undefined)),
  /**
   * `(n: number, digits: number = 0) => text`
   * With a fixed count of decimals, 0-100; from 1e21 on with an exponent. Anything but a number throws, other counts
   * too.
   * @example [3.14159, 2] -> "3.14"
   * @example [NaN] -> "NaN"
   * @example ["3.14159", 2] -> throws
   */
  toFixed: ([n, digits]) => needNumber(n).toFixed(numberOr(digits, undefined)),
  /**
   * `(n: number, digits?: number) => text`
   * With an exponent and 0-100 decimals, as many as needed when omitted. Anything but a number throws, other counts
   * too.
   * @example [12345, 2] -> "1.23e+4"
   * @example [12345] -> "1.2345e+4"
   */
  toExponential: ([n, digits]) => needNumber(n).toExponential(numberOr(digits, undefined)),
  /**
   * `(n: number, digits?: number) => text`
   * With 1-100 significant digits; omitted: the plain text. Anything but a number throws, other counts too.
   * @example [123.456, 4] -> "123.5"
   * @example [123.456] -> "123.456"
   * @example [123.456, 0] -> throws
   */
  toPrecision: ([n, digits]) => needNumber(n).toPrecision(numberOr(digits, undefined)),
  /**
   * `(a: any, b: any) => boolean`
   * a >= b, the same as conditional.greater_than_or_equal.
   * @example [5, 3] -> true
   * @example [null, 0] -> true
   */
  gte: ([a, b]) => isLessOrEqual(b, a),
  /**
   * `(a: any, b: any) => boolean`
   * a <= b, the same as conditional.less_than_or_equal.
   * @example [5, 3] -> false
   * @example [0, null] -> true
   */
  lte: ([a, b]) => isLessOrEqual(a, b),
  /**
   * `(a: any, b: any) => boolean`
   * a > b, the same as conditional.greater_than.
   * @example [5, 3] -> true
   * @example [5, undefined] -> false
   */
  gt: ([a, b]) => isLess(b, a),
  /**
   * `(a: any, b: any) => boolean`
   * a < b, the same as conditional.less_than.
   * @example [5, 3] -> false
   * @example ["10", "9"] -> true
   */
  lt: ([a, b]) => isLess(a, b),
  /**
   * `(...n: number | list) => number`
   * The largest, the same as math.max.
   * @example [3, 9, -2] -> 9
   * @example [[3, 9], -2] -> 9
   */
  max: sameAs("max"),
  /**
   * `(...n: number | list) => number`
   * The smallest, the same as math.min.
   * @example [3, 9, -2] -> -2
   * @example [] -> Infinity
   */
  min: sameAs("min"),
  /**
   * `(base: number, exponent: number) => number`
   * The power, the same as math.pow.
   * @example [2, 10] -> 1024
   * @example [2] -> NaN
   */
  pow: sameAs("pow"),
  /**
   * `(x: number) => number`
   * The nearest integer, the same as math.round.
   * @example [2.5] -> 3
   * @example [-2.5] -> -2
   */
  round: sameAs("round"),
};

function sameAs(name: "max" | "min" | "pow" | "round"): MappingFunction {
  return (inputs, context) => mathFunctions[name]?.(inputs, context);
}

function remainderByTwo(x: unknown): number {
  const isConverted = typeof x === "number" || typeof x === "boolean" || (typeof x === "string" && x.trim() !== "");
  return isConverted ? Math.abs(numberOf(x) % 2) : Number.NaN;
}

function leadingInteger(value: unknown, radix: number | undefined): number {
  const isDecimal = radix === undefined || (radix | 0) === 0 || (radix | 0) === 10;
  // Through its text 5e-7 would become 5.
  if (typeof value === "number" && Number.isFinite(value) && isDecimal) return Math.trunc(value);
  return Number.parseInt(textOf(value), radix);
}

function needNumber(value: unknown): number {
  if (typeof value !== "number") throw new TypeError(`a number was expected, not ${described(value)}`);
  return value;
}
