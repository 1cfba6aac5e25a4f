import type { Expression, Row } from "./expression.js";

/** The roots of all references in an expression: what an environment may be asked for. */
export function mentionedRoots(expression: Expression): ReadonlySet<string> {
  const roots = new Set<string>();
  visit(expression, roots);
  return roots;
}

function visit(expression: Expression, roots: Set<string>): void {
  switch (expression.op) {
    case "ref":
      roots.add(expression.root);
      return;
    case "list":
      for (const item of expression.items) visit(item, roots);
      return;
    case "object":
      for (const [, value] of expression.entries) visit(value, roots);
      return;
    case "pipe":
      visitRows(expression.rows, roots);
      return;
    case "literal":
    case "undefined":
    case "variable":
    case "call":
  }
}

function visitRows(rows: readonly Row[], roots: Set<string>): void {
  for (const row of rows) {
    if (row.row === "cells") for (const cell of row.cells) visit(cell, roots);
    else if (row.row !== "bad") visitRows(row.rows, roots);
  }
}
