import { dateAt } from "./date-input.js";
import type { Namespace } from "./mapping-function.js";

/** Values that YAML cannot write. All ignore their inputs; objects and lists are new at each call. */
export const symbolFunctions: Namespace = {
  /**
   * `() => null`
   * null, which a cell cannot name otherwise between texts; inputs are ignored.
   * @example [] -> null
   */
  null: () => null,
  /**
   * `() => undefined`
   * undefined, which YAML cannot write; inputs are ignored.
   * @example [] -> undefined
   */
  undefined: () => undefined,
  /**
   * `() => text`
   * One blank; inputs are ignored.
   * @example [] -> " "
   */
  whitespace: () => " ",
  /**
   * `() => object`
   * An empty object, new at each call; inputs are ignored.
   * @example [] -> {}
   */
  object: () => ({}),
  /**
   * `() => list`
   * An empty list, new at each call; inputs are ignored.
   * @example [] -> []
   */
  array: () => [],
  /**
   * `() => number`
   * Infinity, which becomes null in JSON; inputs are ignored.
   * @example [] -> Infinity
   */
  posInfinity: () => Number.POSITIVE_INFINITY,
  /**
   * `() => number`
   * -Infinity, which becomes null in JSON; inputs are ignored.
   * @example [] -> -Infinity
   */
  negInfinity: () => Number.NEGATIVE_INFINITY,
  /**
   * `() => number`
   * NaN, which becomes null in JSON; inputs are ignored.
   * @example [] -> NaN
   */
  NaN: () => Number.NaN,
  /**
   * `() => Date`
   * The instant of the step; inputs are ignored.
   * @example [] -> Date(2024-05-01T10:07:30.000Z)
   */
  date: (_, context) => dateAt(context.now),
};
