import { HotMeshError } from "../errors.js";
import { isJsonObject, type Json, type JsonObject } from "../json.js";

/** The way to a place in a document: names of members, and positions in lists as digits. */
export type DocumentPath = readonly string[];

const segmentsMax = 100;

/** A dot path, `stock.bowls.0`, in its parts. Throws `invalid-argument` when it is none. */
export function documentPath(text: Json): DocumentPath {
  if (typeof text !== "string") throw invalid(`a path is ${JSON.stringify(text)}; expected a text`);
  const path = text.split(".");
  if (path.includes("")) throw invalid(`the path '${text}' has an empty part`);
  if (path.length > segmentsMax) throw invalid(`a path has ${path.length} parts; the most is ${segmentsMax}`);
  return path;
}

/** The path as it was written. */
export function shownPath(path: DocumentPath): string {
  return `'${path.join(".")}'`;
}

/** What stands there; undefined: nothing does. */
export function valueAt(document: Json, path: DocumentPath): Json | undefined {
  let value: Json | undefined = document;
  for (const part of path) value = value === undefined ? undefined : itemOf(value, part);
  return value;
}

/** A copy with this value there. Maps on the way are made when they are missing; throws when something else is. */
export function withValueAt(document: JsonObject, path: DocumentPath, value: Json): JsonObject {
  return withMember(document, { path, at: 0, value });
}

/** A copy in which nothing stands there. */
export function withoutValueAt(document: JsonObject, path: DocumentPath): JsonObject {
  if (valueAt(document, path) === undefined) return document;
  const left = without(document, path);
  return isJsonObject(left) ? left : document;
}

interface Change {
  readonly path: DocumentPath;
  /** How much of the path leads to the value that is to be changed. */
  readonly at: number;
  readonly value: Json;
}

function changed(present: Json | undefined, change: Change): Json {
  const { path, at, value } = change;
  if (at === path.length) return value;
  if (isList(present)) return withItem(present, change);
  if (present === undefined || isJsonObject(present)) return withMember(present ?? {}, change);
  const parent = shownPath(path.slice(0, at));
  throw invalid(`nothing can be put at ${shownPath(path)}, because ${parent} is neither a map nor a list`);
}

function withMember(map: JsonObject, { path, at, value }: Change): JsonObject {
  const name = path[at] ?? "";
  const present = Object.hasOwn(map, name) ? map[name] : undefined;
  // `Object.fromEntries` defines own properties, so `__proto__` is a name like any other.
  return Object.fromEntries([...Object.entries(map), [name, changed(present, { path, at: at + 1, value })]]);
}

function withItem(list: readonly Json[], change: Change): Json {
  const { path, at, value } = change;
  const position = positionOf(path[at] ?? "");
  if (position === null || position > list.length) {
    const place = `${shownPath(path.slice(0, at))}, which is a list of ${list.length}`;
    throw invalid(`'${path[at]}' is no place in ${place}`);
  }
  const item = changed(list[position], { path, at: at + 1, value });
  return position === list.length ? [...list, item] : list.with(position, item);
}

function without(value: Json, [part = "", ...rest]: DocumentPath): Json {
  if (isList(value)) {
    const position = positionOf(part) ?? value.length;
    return rest.length === 0
      ? value.toSpliced(position, 1)
      : value.map((i, at) => (at === position ? without(i, rest) : i));
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    rest.length === 0
      ? entries.filter(([name]) => name !== part)
      : entries.map(([name, member]): [string, Json] => [name, name === part ? without(member, rest) : member]),
  );
}

function itemOf(value: Json, part: string): Json | undefined {
  if (isList(value)) {
    const position = positionOf(part);
    return position === null ? undefined : value[position];
  }
  return isJsonObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

function positionOf(part: string): number | null {
  return /^(0|[1-9][0-9]{0,8})$/.test(part) ? Number(part) : null;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", `entity: ${message}`);
}
