import { evaluate } from "./evaluate.js";
import type { Environment, Expression } from "./expression.js";
import { ExpressionError, type Place } from "./expression-error.js";

/**
 * The value of a property's expression. What throws names the property, `output.maps.parts["@pipe"][1]`; whoever knows
 * the activity puts it in front with {@link placed}. Text is taken apart at its dots.
 */
export function evaluateAt(property: string | Place, expression: Expression, environment: Environment): unknown {
  try {
    return evaluate(expression, environment);
  } catch (thrown) {
    throw placed(thrown, typeof property === "string" ? property.split(".") : property);
  }
}

/** An exception with a place in front of the one it names; what does not come from an expression, as it is. */
export function placed(thrown: unknown, place: Place): unknown {
  return thrown instanceof ExpressionError ? new ExpressionError(thrown.cause, [...place, ...thrown.place]) : thrown;
}
