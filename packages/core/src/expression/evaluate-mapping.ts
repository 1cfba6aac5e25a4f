import { compileMapping } from "./compile-expression.js";
import { evaluate } from "./evaluate.js";
import { ownValue } from "./functions/own.js";

/** The clock and the random source of an evaluation: it has none of its own. */
export interface MappingOptions {
  /** Epoch milliseconds that `{@date.now}` and its like see; 0, the start of 1970, when not given. */
  readonly now?: number;
  /** Uniform in [0, 1), for `{@math.random}`; always 0 when not given. */
  readonly random?: () => number;
}

/**
 * Evaluates a `maps` tree over data, so that a mapping can be tried and tested on its own. Changes neither; throws an
 * `ExpressionError` that names the place when the mapping is malformed or a function refuses its inputs.
 *
 * ```ts
 * const mapping = { total: { "@pipe": [["{a.qty}", "{a.price}"], ["{@math.multiply}"]] } };
 * evaluateMapping(mapping, { a: { qty: 2, price: 5 } }); // { total: 10 }
 * ```
 */
export function evaluateMapping(
  mapping: unknown,
  context: Readonly<Record<string, unknown>>,
  options: MappingOptions = {},
): unknown {
  const { now = 0, random = () => 0 } = options;
  return evaluate(compileMapping(mapping), { root: (name) => ownValue(context, name), now, random });
}
