import type { Expression, ReduceVariable } from "./expression.js";

const VARIABLES: ReadonlyMap<string, ReduceVariable> = new Map([
  ["$item", "item"],
  ["$key", "key"],
  ["$index", "index"],
  ["$input", "input"],
  ["$output", "output"],
]);

/** What one text means: a function, a context variable, a path into the data, or itself. */
export type TextCell = Extract<Expression, { readonly op: "call" | "variable" | "ref" | "literal" }>;

/** Does a text have the form of a reference? Such a text is never a literal. */
export function isBraced(text: string): boolean {
  return text.length >= 2 && text.startsWith("{") && text.endsWith("}");
}

/** Reads the text of a cell: the whole text must match, nothing is trimmed. */
export function textCell(text: string): TextCell {
  if (!isBraced(text)) return { op: "literal", value: text };
  const inner = text.slice(1, -1);
  if (inner.startsWith("@")) return { op: "call", fn: inner.slice(1) };
  const [root = "", ...path] = inner.split(".");
  const name = VARIABLES.get(root);
  return name === undefined ? { op: "ref", root, path } : { op: "variable", name, path };
}
