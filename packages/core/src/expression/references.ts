import { isBraced, textCell } from "./cell.js";
import { type Before, following, rowProblem, rowsProblem } from "./compile-rows.js";
import type { Place } from "./expression-error.js";
import { isKeyed, isList } from "./functions/own.js";
import { MAP_DEPTH_MAX } from "./literal.js";
import { isPipe, rawRow } from "./raw-row.js";

/** One text of the form `{…}` in a place that is evaluated. Functions are none. */
export interface Reference {
  /** What stands before the first `.`: `$self`, `$item`, an activity, or whatever was written between the braces. */
  readonly root: string;
  /** The whole text, braces included. */
  readonly text: string;
  /** From the value: `["@pipe", 0, 1]`. */
  readonly path: Place;
}

/**
 * Every reference of a value as the document has it, in document order: paths into data, context variables, and texts
 * in braces that name nothing known. Texts inside literals are none, nor are rows that never run.
 */
export function references(value: unknown, kind: "setting" | "maps"): readonly Reference[] {
  const found: Reference[] = [];
  visit(value, { path: [], isMaps: kind === "maps" }, found);
  return found;
}

function visit(value: unknown, { path, isMaps }: { path: Place; isMaps: boolean }, found: Reference[]): void {
  if (typeof value === "string") visitText(value, path, found);
  else if (isPipe(value)) visitRows(value["@pipe"], { path: [...path, "@pipe"], depth: 1, isBody: false }, found);
  else if (isMaps && isKeyed(value) && path.length <= MAP_DEPTH_MAX) {
    const steps: (string | number)[] = isList(value) ? [...value.keys()] : Object.keys(value);
    for (const step of steps) visit(value[step], { path: [...path, step], isMaps }, found);
  }
}

function visitText(text: string, path: Place, found: Reference[]): void {
  if (!isBraced(text) || textCell(text).op === "call") return;
  const [root = ""] = text.slice(1, -1).split(".");
  found.push({ root, text, path });
}

function visitRows(value: unknown, place: { path: Place; depth: number; isBody: boolean }, found: Reference[]): void {
  if (rowsProblem(value, place) !== null || !isList(value)) return;
  let before: Before = { index: 0, hasListRun: false, hasNestedRun: false };
  const depth = place.depth + 1;
  for (const item of value) {
    const raw = rawRow(item, before.hasListRun);
    const path = [...place.path, before.index];
    const isFirst = before.index === 0 && !place.isBody;
    if (rowProblem(raw, before, place) === null) {
      if (raw.kind === "pipe") visitRows(raw.rows, { path: [...path, "@pipe"], depth, isBody: false }, found);
      if (raw.kind === "reduce" && !isFirst)
        visitRows(raw.rows, { path: [...path, "@reduce"], depth, isBody: true }, found);
      if (raw.kind === "cells") {
        for (const [at, cell] of raw.cells.entries())
          if (typeof cell === "string") visitText(cell, [...path, at], found);
      }
    }
    before = following(raw, before);
  }
}
