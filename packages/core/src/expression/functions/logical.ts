import type { Namespace } from "./mapping-function.js";

/** Both give back an operand, not a boolean, and look at two inputs only. */
export const logicalFunctions: Namespace = {
  /** (a, b): a when a is falsy, else b. `[true, "x"] -> "x"` */
  and: ([a, b]) => a && b,
  /** (a, b): a when a is truthy, else b; 0, "", false and null fall through. `["", "x"] -> "x"` */
  or: ([a, b]) => a || b,
};
