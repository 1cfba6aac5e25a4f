import { textCell } from "./cell.js";
import { compileRows } from "./compile-rows.js";
import type { Expression } from "./expression.js";
import { isKeyed, isList } from "./functions/own.js";
import { literal, MAP_DEPTH_MAX, TooDeep } from "./literal.js";
import { isPipe } from "./raw-row.js";

/**
 * Compiles one value position: a pipe runs, a text is one cell, everything else, lists and
 * objects included, is a literal. Never throws: what is malformed compiles to a row that throws when it is reached.
 */
export function compileExpression(value: unknown): Expression {
  return compiled(() => setting(value));
}

/**
 * Compiles a `maps` tree: objects and lists are walked, pipes and references are evaluated
 * wherever they stand. Never throws, as `compileExpression`.
 */
export function compileMapping(value: unknown): Expression {
  return compiled(() => mapping(value, 0));
}

function compiled(compile: () => Expression): Expression {
  try {
    return compile();
  } catch (error) {
    if (error instanceof TooDeep) return { op: "pipe", rows: [{ row: "bad", reason: error.message }] };
    throw error;
  }
}

function setting(value: unknown): Expression {
  if (isPipe(value)) return { op: "pipe", rows: compileRows(value["@pipe"]) };
  return scalar(value);
}

function scalar(value: unknown): Expression {
  if (typeof value === "string") return textCell(value);
  return value === undefined ? { op: "undefined" } : { op: "literal", value: literal(value) };
}

function mapping(value: unknown, depth: number): Expression {
  if (depth > MAP_DEPTH_MAX) throw new TooDeep("a map is nested too deep");
  if (isPipe(value)) return setting(value);
  if (isList(value)) return { op: "list", items: Array.from(value, (item) => mapping(item, depth + 1)) };
  if (!isKeyed(value) || value instanceof Date) return scalar(value);
  const entries = Object.entries(value).map(([key, item]) => [key, mapping(item, depth + 1)] as const);
  return { op: "object", entries };
}
