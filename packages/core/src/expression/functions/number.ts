import { described, isLess, isLessOrEqual, numberOf, numberOr, textOf } from "./conversion.js";
import type { MappingFunction, Namespace } from "./mapping-function.js";
import { mathFunctions } from "./math.js";

/** Tests, parsing and formatting of numbers. */
export const numberFunctions: Namespace = {
  /** (x): a real finite number? "5" and null are none. `[5] -> true` */
  isFinite: ([x]) => Number.isFinite(x),
  /**
   * (x): an even integer? Booleans and numeric text are converted; nullish, blank text, lists and objects are not.
   * `[4] -> true`
   */
  isEven: ([x]) => remainderByTwo(x) === 0,
  /** (x): an odd integer? As isEven; 1.5 and Infinity are not odd. `[4] -> false` */
  isOdd: ([x]) => remainderByTwo(x) === 1,
  /** (x): an integer number? Text is none, -0 is one. `[5] -> true` */
  isInteger: ([x]) => Number.isInteger(x),
  /** (x): exactly the number NaN? Undefined and text are not. `[NaN] -> true` */
  isNaN: ([x]) => Number.isNaN(x),
  /** (text): the leading decimal; stops at the first bad character; blank and null give NaN. `["3.75kg"] -> 3.75` */
  parseFloat: ([text]) => Number.parseFloat(textOf(text)),
  /** (text, radix?): the leading integer; a number is truncated; a bad radix gives NaN. `["42px"] -> 42` */
  parseInt: ([text, radix]) => leadingInteger(text, numberOr(radix, undefined)),
  /**
   * (n, digits = 0): fixed decimals; anything but a number throws, digits outside 0-100 too.
   * `[3.14159, 2] -> "3.14"`
   */
  toFixed: ([n, digits]) => needNumber(n).toFixed(numberOr(digits, undefined)),
  /** (n, digits?): exponent form; as toFixed. `[12345, 2] -> "1.23e+4"` */
  toExponential: ([n, digits]) => needNumber(n).toExponential(numberOr(digits, undefined)),
  /** (n, digits?): significant digits, 1-100; omitted: plain text. `[123.456, 4] -> "123.5"` */
  toPrecision: ([n, digits]) => needNumber(n).toPrecision(numberOr(digits, undefined)),
  /** (a, b): a >= b, as conditional.greater_than_or_equal. `[5, 3] -> true` */
  gte: ([a, b]) => isLessOrEqual(b, a),
  /** (a, b): a <= b. `[5, 3] -> false` */
  lte: ([a, b]) => isLessOrEqual(a, b),
  /** (a, b): a > b. `[5, 3] -> true` */
  gt: ([a, b]) => isLess(b, a),
  /** (a, b): a < b. `[5, 3] -> false` */
  lt: ([a, b]) => isLess(a, b),
  /** (...n): math.max. `[3, 9, -2] -> 9` */
  max: sameAs("max"),
  /** (...n): math.min. `[3, 9, -2] -> -2` */
  min: sameAs("min"),
  /** (base, exponent): math.pow. `[2, 10] -> 1024` */
  pow: sameAs("pow"),
  /** (x): math.round. `[2.5] -> 3` */
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
