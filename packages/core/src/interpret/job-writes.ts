import { evaluate } from "../expression/evaluate.js";
import { placed } from "../expression/evaluate-at.js";
import type { Environment } from "../expression/expression.js";
import { withLeaf } from "../job/document.js";
import { isExotic, plainValue, storedOf, wrapped } from "../job/exotic.js";
import { isJsonObject, type Json, jsonOf } from "../json.js";
import type { ActivityPlan, JobWrite } from "../plan/plan.js";
import type { Draft } from "./draft.js";

/** What one `job.maps` writes: leaves of the result document, search fields and markers. */
export interface Writes {
  readonly leaves: readonly { readonly path: readonly string[]; readonly value: Json }[];
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

/**
 * Evaluates `job.maps`. Every expression sees the same snapshot, so nothing is written before all are evaluated.
 * Undefined writes nothing.
 */
export function evaluateWrites(draft: Draft, activity: ActivityPlan, environment: Environment): Writes {
  const leaves: { path: readonly string[]; value: Json }[] = [];
  const fields: { name: string; value: string }[] = [];
  for (const write of activity.writes) {
    const found = evaluateWrite(write, environment);
    const value = write.kind === "leaf" ? storedOf(found) : jsonOf(found);
    if (value === undefined) continue;
    if (write.kind === "leaf") {
      leaves.push({ path: write.path, value });
      const name = write.path.length === 1 ? write.path[0] : undefined;
      if (name !== undefined && isMark(name)) fields.push({ name, value: fieldText(plainValue(value)) });
    } else if (write.kind === "slots") {
      for (const [key, item] of ownEntries(value)) {
        if (isSlot(key, write.count)) leaves.push({ path: [write.name, key], value: wrapped(item) });
      }
    } else {
      for (const [key, item] of ownEntries(value)) {
        if (isDeclared(draft, key)) leaves.push({ path: [key], value: wrapped(item) });
        else if (key.startsWith(write.mark)) fields.push({ name: key, value: fieldText(item) });
      }
    }
  }
  return { leaves, fields };
}

function evaluateWrite(write: JobWrite, environment: Environment): unknown {
  try {
    return evaluate(write.value, environment);
  } catch (thrown) {
    throw placed(thrown, ["job", "maps", ...keysOf(write)]);
  }
}

/** The keys under which a write stands in `job.maps`. */
function keysOf(write: JobWrite): readonly string[] {
  switch (write.kind) {
    case "leaf":
      return write.path;
    case "slots":
      return [`${write.name}[${write.count}]`];
    case "marks":
      return [`[${write.mark}]`];
  }
}

export const noWrites: Writes = { leaves: [], fields: [] };

export function applyWrites(draft: Draft, writes: Writes): void {
  draft.exotic ||= writes.leaves.some((leaf) => isExotic(leaf.value));
  for (const leaf of writes.leaves) draft.data = withLeaf(draft.data, leaf.path, leaf.value);
  for (const field of writes.fields) draft.fields[field.name] = field.value;
}

/** A search field is text; what is no text is stored as its JSON. */
export function fieldText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isMark(name: string): boolean {
  return name.startsWith("_") || name.startsWith("-");
}

function isDeclared(draft: Draft, key: string): boolean {
  return draft.graph.jobFields.some((path) => path.length === 1 && path[0] === key);
}

function isSlot(key: string, count: number): boolean {
  return /^(0|[1-9]\d*)$/.test(key) && Number(key) < count;
}

function ownEntries(value: Json): readonly (readonly [string, Json])[] {
  if (Array.isArray(value)) return value.map((item: Json, index) => [String(index), item]);
  return isJsonObject(value) ? Object.entries(value) : [];
}
