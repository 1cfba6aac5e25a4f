import { HotMeshError } from "../errors.js";
import { isJsonObject, type Json } from "../json.js";

/** The search fields of a job, by their stored names. */
export type SearchFields = { readonly [name: string]: string };

/** The fields after an operation, and what the function that asked for it gets. */
export interface SearchOutcome {
  readonly fields: SearchFields;
  readonly result: Json;
}

/**
 * The name a field is stored by: `_` and its key; of a key in double quotes, what is between them. Throws
 * `invalid-argument` for a key that is no text.
 */
export function storedName(key: Json): string {
  if (typeof key !== "string") throw invalid(`a key is ${shown(key)}; expected a text`);
  return key.length >= 2 && key.startsWith('"') && key.endsWith('"') ? key.slice(1, -1) : `_${key}`;
}

/** What is stored of a value: a text as it is, anything else as JSON. */
function storedValue(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * What a method of `search()` makes of a job's search fields. Nothing that is given is changed. Throws
 * `invalid-argument` (400) when the method is unknown, or cannot do this with these fields.
 */
export function applySearch(fields: SearchFields, method: string, given: readonly Json[]): SearchOutcome {
  switch (method) {
    case "set":
      return setFields(fields, given);
    case "get":
      return { fields, result: fieldOf(fields, storedName(only("get(key)", given))) ?? "" };
    case "mget":
      return { fields, result: given.map((key) => fieldOf(fields, storedName(key)) ?? "") };
    case "del":
      return deleteFields(fields, given);
    case "incr":
      return compute(fields, { method, given, missing: 0, by: (value, operand) => value + operand });
    case "mult":
      return compute(fields, { method, given, missing: 1, by: (value, operand) => value * operand });
  }
  throw new HotMeshError("invalid-argument", `search has no method '${method}'`);
}

function setFields(fields: SearchFields, given: readonly Json[]): SearchOutcome {
  const entries = entriesOf(given).map(([key, value]): [string, string] => [writtenName(key), storedValue(value)]);
  const names = new Set(entries.map(([name]) => name));
  const added = [...names].filter((name) => !Object.hasOwn(fields, name)).length;
  return { fields: withFields(fields, entries), result: added };
}

/** One map, or keys and values in turn. */
function entriesOf(given: readonly Json[]): readonly (readonly [Json, Json])[] {
  const [first] = given;
  if (isJsonObject(first) && given.length === 1) return Object.entries(first);
  if (given.length === 0 || given.length % 2 !== 0 || typeof first !== "string") {
    throw invalid(`set got ${given.length} arguments; expected one map, or keys and values in turn`);
  }
  return given.flatMap((key, at): [Json, Json][] => (at % 2 === 0 ? [[key, given[at + 1] ?? null]] : []));
}

function deleteFields(fields: SearchFields, given: readonly Json[]): SearchOutcome {
  const names = new Set(given.map(writtenName));
  const kept = Object.entries(fields).filter(([name]) => !names.has(name));
  return { fields: Object.fromEntries(kept), result: Object.keys(fields).length - kept.length };
}

interface Computation {
  readonly method: string;
  readonly given: readonly Json[];
  /** What a field that is not there counts as. */
  readonly missing: number;
  readonly by: (value: number, operand: number) => number;
}

function compute(fields: SearchFields, { method, given, missing, by }: Computation): SearchOutcome {
  const [key = null, operand = null, ...rest] = given;
  if (rest.length > 0 || typeof operand !== "number") {
    throw invalid(`${method}(key, number) got ${given.map(shown).join(", ") || "nothing"}`);
  }
  const name = writtenName(key);
  const stored = fieldOf(fields, name);
  const value = stored === undefined ? missing : numberOf(stored);
  if (value === null) throw invalid(`${method} needs a number, and field ${shown(key)} is ${shown(stored ?? null)}`);
  // Plus 0, because -0 has no text of its own.
  const result = by(value, operand) + 0;
  if (!Number.isFinite(result)) throw invalid(`${method} of field ${shown(key)} gives more than a number can hold`);
  return { fields: withFields(fields, [[name, String(result)]]), result };
}

function numberOf(text: string): number | null {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** `:` is the status and `@` the entity document: neither is a field, and a field by that name would hide it. */
function writtenName(key: Json): string {
  const name = storedName(key);
  if (name === ":" || name === "@") throw invalid(`the name "${name}" is not for search fields`);
  return name;
}

function withFields(fields: SearchFields, entries: readonly (readonly [string, string])[]): SearchFields {
  // `Object.fromEntries` defines own properties, so `__proto__` is a name like any other.
  return Object.fromEntries([...Object.entries(fields), ...entries]);
}

function fieldOf(fields: SearchFields, name: string): string | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function only(form: string, given: readonly Json[]): Json {
  const [key = null] = given;
  if (given.length !== 1) throw invalid(`${form} got ${given.length} arguments`);
  return key;
}

function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", `search: ${message}`);
}
