import type { DocumentPath } from "./source-node.js";

/**
 * How many steps of a path lead to the JSON Schema that holds it, or null when it lies in none. Schemas stand under
 * `input` and `output` of graphs, under `input`, `output` and `job` of activities, there also under a code
 * (`output: { 422: { schema } }`), and under `hook`.
 */
export function schemaDepth(path: DocumentPath): number | null {
  if (path[0] !== "app" || path[1] !== "graphs" || typeof path[2] !== "number") return null;
  const inActivity = path[3] === "activities";
  const section = inActivity ? 5 : 3;
  if (inActivity && path[section] === "hook") return section + 1;
  if (!isSection(path[section], inActivity)) return null;
  if (path[section + 1] === "schema") return section + 2;
  return isCode(path[section + 1]) && path[section + 2] === "schema" ? section + 3 : null;
}

function isSection(step: unknown, inActivity: boolean): boolean {
  return step === "input" || step === "output" || (inActivity && step === "job");
}

/** A key that is a response code: `422`. */
export function isCode(step: unknown): boolean {
  return typeof step === "string" && /^\d{3}$/.test(step);
}
