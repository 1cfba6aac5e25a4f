import { HotMeshError } from "../errors.js";
import { isJsonObject, type Json, type JsonObject } from "../json.js";
import { type DocumentPath, documentPath, shownPath, valueAt, withoutValueAt, withValueAt } from "./document-path.js";
import type { SearchFields } from "./search.js";

/**
 * The name under which the entity document of a job is kept, as JSON text, among its search fields. It is not part of
 * the job's data: no codec encodes it, and neither states nor results carry it.
 */
export const entityField = "@";

/** The entity document of a job with these fields; null: it was never set, or something else stands there. */
export function entityIn(fields: SearchFields): JsonObject | null {
  const text = Object.hasOwn(fields, entityField) ? fields[entityField] : undefined;
  if (text === undefined) return null;
  try {
    const document: unknown = JSON.parse(text);
    return isJsonObject(document) ? document : null;
  } catch {
    // Fields can be written by hand.
    return null;
  }
}

/** The fields of a job with this entity document. */
export function withEntity(fields: SearchFields, document: JsonObject | null): SearchFields {
  return document === null ? fields : { ...fields, [entityField]: JSON.stringify(document) };
}

/** The document after an operation, and what the function that asked for it gets. */
export interface EntityOutcome {
  /** Null: it is still not set. */
  readonly document: JsonObject | null;
  /** Absent from the document: undefined. */
  readonly result: Json | undefined;
}

/**
 * What a method of `entity()` makes of the entity document; null: it was never set. Nothing that is given is changed.
 * Throws `invalid-argument` (400) when the method is unknown, or cannot do this with this document.
 */
export function applyEntity(document: JsonObject | null, method: string, given: readonly Json[]): EntityOutcome {
  const [form, countMax = 0, countMin = countMax] = (Object.hasOwn(forms, method) ? forms[method] : undefined) ?? [];
  if (form === undefined) throw invalid(`there is no method '${method}'`);
  if (given.length < countMin || given.length > countMax) throw invalid(`${form} got ${given.length} arguments`);
  const [first = null, second = null] = given;
  switch (method) {
    case "set":
      return whole(mapIn(form, first));
    case "merge":
      return whole(merged(document ?? {}, mapIn(form, first)));
    case "get":
      return { document, result: given.length === 0 ? (document ?? {}) : valueAt(document, documentPath(first)) };
    case "delete":
      return deleteAt(document, documentPath(first));
    case "append":
      return addTo(document, documentPath(first), (list) => [...list, second]);
    case "prepend":
      return addTo(document, documentPath(first), (list) => [second, ...list]);
    case "remove":
      return removeFrom(document, documentPath(first), second);
    case "increment":
      return increment(document, documentPath(first), given.length === 1 ? 1 : second);
    case "toggle":
      return toggle(document, documentPath(first));
    default:
      return setIfNotExists(document, documentPath(first), second);
  }
}

/** How each method is written; the most arguments it takes, and the fewest. */
const forms: { readonly [method: string]: readonly [form: string, countMax: number, countMin?: number] } = {
  set: ["set(document)", 1],
  merge: ["merge(partial)", 1],
  get: ["get(path)", 1, 0],
  delete: ["delete(path)", 1],
  append: ["append(path, value)", 2],
  prepend: ["prepend(path, value)", 2],
  remove: ["remove(path, index)", 2],
  increment: ["increment(path, n)", 2, 1],
  toggle: ["toggle(path)", 1],
  setIfNotExists: ["setIfNotExists(path, value)", 2],
};

function whole(document: JsonObject): EntityOutcome {
  return { document, result: document };
}

/** Maps are merged at every depth; anything else replaces what is there. */
function merged(base: JsonObject, partial: JsonObject): JsonObject {
  const entries = Object.entries(partial).map(([key, value]): [string, Json] => {
    const present = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isJsonObject(present) && isJsonObject(value) ? merged(present, value) : value];
  });
  return Object.fromEntries([...Object.entries(base), ...entries]);
}

function deleteAt(document: JsonObject | null, path: DocumentPath): EntityOutcome {
  const left = document === null ? null : withoutValueAt(document, path);
  return { document: left, result: left ?? {} };
}

function write(document: JsonObject | null, path: DocumentPath, value: Json): EntityOutcome {
  return { document: withValueAt(document ?? {}, path, value), result: value };
}

function addTo(
  document: JsonObject | null,
  path: DocumentPath,
  change: (list: readonly Json[]) => readonly Json[],
): EntityOutcome {
  return write(document, path, change(listAt(document, path) ?? []));
}

function removeFrom(document: JsonObject | null, path: DocumentPath, index: Json): EntityOutcome {
  if (typeof index !== "number" || !Number.isSafeInteger(index)) {
    throw invalid(`remove needs a whole number as the index, not ${shown(index)}`);
  }
  const list = listAt(document, path);
  const place = list === null ? -1 : index < 0 ? list.length + index : index;
  // What is not there needs no removing, and the document stays as it is.
  if (list === null || place < 0 || place >= list.length) return { document, result: list ?? [] };
  return write(document, path, list.toSpliced(place, 1));
}

function increment(document: JsonObject | null, path: DocumentPath, by: Json): EntityOutcome {
  if (typeof by !== "number") throw invalid(`increment needs a number to add, not ${shown(by)}`);
  const value = valueAt(document, path);
  if (value !== undefined && typeof value !== "number") throw mismatch("a number", path, value);
  const result = (value ?? 0) + by;
  if (!Number.isFinite(result)) throw invalid(`increment of ${shownPath(path)} gives more than a number can hold`);
  return write(document, path, result);
}

function toggle(document: JsonObject | null, path: DocumentPath): EntityOutcome {
  const value = valueAt(document, path);
  if (value !== undefined && typeof value !== "boolean") throw mismatch("true or false", path, value);
  return write(document, path, value !== true);
}

function setIfNotExists(document: JsonObject | null, path: DocumentPath, value: Json): EntityOutcome {
  const present = valueAt(document, path);
  return present === undefined ? write(document, path, value) : { document, result: present };
}

/** Null: nothing stands there. */
function listAt(document: JsonObject | null, path: DocumentPath): readonly Json[] | null {
  const value = valueAt(document, path);
  if (value === undefined) return null;
  if (!isList(value)) throw mismatch("a list", path, value);
  return value;
}

function mapIn(form: string, value: Json): JsonObject {
  if (!isJsonObject(value)) throw invalid(`${form} got ${shown(value)}; expected a map`);
  return value;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function mismatch(expected: string, path: DocumentPath, value: Json): HotMeshError {
  return invalid(`${shownPath(path)} is ${shown(value)}; expected ${expected}`);
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", `entity: ${message}`);
}
