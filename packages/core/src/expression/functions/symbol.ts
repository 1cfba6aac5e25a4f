import { dateAt } from "./date-input.js";
import type { Namespace } from "./mapping-function.js";

/** Values that YAML cannot write. All ignore their inputs; objects and lists are new at each call. */
export const symbolFunctions: Namespace = {
  /** (): null. `[] -> null` */
  null: () => null,
  /** (): undefined. `[] -> undefined` */
  undefined: () => undefined,
  /** (): one blank. `[] -> " "` */
  whitespace: () => " ",
  /** (): an empty object. `[] -> {}` */
  object: () => ({}),
  /** (): an empty list. `[] -> []` */
  array: () => [],
  /** (): Infinity; in JSON it becomes null. `[] -> Infinity` */
  posInfinity: () => Number.POSITIVE_INFINITY,
  /** (): -Infinity; in JSON it becomes null. `[] -> -Infinity` */
  negInfinity: () => Number.NEGATIVE_INFINITY,
  /** (): NaN; in JSON it becomes null. `[] -> NaN` */
  NaN: () => Number.NaN,
  /** (): the instant of the step as a Date. `[] -> Date(2024-05-01T10:07:30.000Z)` at that instant */
  date: (_, context) => dateAt(context.now),
};
