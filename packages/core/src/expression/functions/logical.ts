import type { Namespace } from "./mapping-function.js";

/** Both give back an operand, not a boolean, and look at two inputs only. */
export const logicalFunctions: Namespace = {
  /**
   * `(a: any, b: any) => any`
   * a when a is falsy, else b: an operand, not a boolean. Further inputs are ignored.
   * @example [true, "x"] -> "x"
   * @example ["", "x"] -> ""
   */
  and: ([a, b]) => a && b,
  /**
   * `(a: any, b: any) => any`
   * a when a is truthy, else b: an operand, not a boolean. 0, "", false and null fall through; further inputs are
   * ignored.
   * @example ["", "x"] -> "x"
   * @example [null, 0, "x"] -> 0
   */
  or: ([a, b]) => a || b,
};
