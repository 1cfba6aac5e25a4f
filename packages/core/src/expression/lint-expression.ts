import { textCell } from "./cell.js";
import type { Place } from "./expression-error.js";
import { isKeyed, isList } from "./functions/own.js";
import { deadCell, type LintFinding, textFindings } from "./lint-finding.js";
import { lintRows } from "./lint-rows.js";
import { MAP_DEPTH_MAX } from "./literal.js";
import { isPipe } from "./raw-row.js";

export type { LintFinding } from "./lint-finding.js";
export { type Reference, references } from "./references.js";

/** How a value is evaluated: as one setting, or as a `maps` tree (2.8). */
export type ValueKind = "setting" | "maps";

/**
 * The compile-time checks of a value as the document has it: functions that do not exist, pipes
 * that always throw, and rows, cells and context variables without effect. Empty when there is nothing to say.
 */
export function lintExpression(value: unknown, kind: ValueKind): readonly LintFinding[] {
  return kind === "maps" ? lintMaps(value, []) : lintSetting(value);
}

function lintSetting(value: unknown): LintFinding[] {
  if (isPipe(value)) return lintRows(value["@pipe"], { path: ["@pipe"], depth: 1, isBody: false, isInReduce: false });
  if (typeof value === "string") return textFindings(textCell(value), [], false);
  return strayReduce(value, []);
}

function lintMaps(value: unknown, path: Place): LintFinding[] {
  if (path.length > MAP_DEPTH_MAX) return [];
  if (isPipe(value)) {
    return lintRows(value["@pipe"], { path: [...path, "@pipe"], depth: 1, isBody: false, isInReduce: false });
  }
  if (typeof value === "string") return textFindings(textCell(value), path, false);
  if (isList(value)) return value.flatMap((item, index) => lintMaps(item, [...path, index]));
  if (!isKeyed(value)) return [];
  const inside = Object.entries(value).flatMap(([key, item]) => lintMaps(item, [...path, key]));
  return [...strayReduce(value, path), ...inside];
}

function strayReduce(value: unknown, path: Place): LintFinding[] {
  if (!isKeyed(value) || !Object.hasOwn(value, "@reduce")) return [];
  return [deadCell([...path, "@reduce"], "@reduce outside a pipe is an ordinary key")];
}
