import { isJsonObject, type Json, type JsonObject, jsonOf } from "../json.js";

/**
 * Values of a mapping that JSON cannot carry but that stay what they are within a job: a Date, NaN and the infinities.
 * They are stored as a tagged map. A map of somebody's data that has the tag is wrapped, wherever it is, so nothing is
 * mistaken.
 */
const tag = "$hotmesh";

/** A leaf of job data, or one value of an activity's output, as it is stored. */
export function storedOf(value: unknown): Json | undefined {
  if (value instanceof Date) return { [tag]: "date", v: Number.isNaN(value.getTime()) ? null : value.getTime() };
  if (typeof value === "number" && !Number.isFinite(value)) return { [tag]: "number", v: String(value) };
  const json = jsonOf(value);
  return json === undefined ? undefined : wrapped(json);
}

/** What came from outside as JSON, as it is stored: with nothing in it that is tagged, it is what it was. */
export function wrapped(json: Json): Json {
  if (!isExotic(json)) return json;
  if (Array.isArray(json)) return json.map((item: Json) => wrapped(item));
  if (!isJsonObject(json) || Object.hasOwn(json, tag)) return { [tag]: "map", v: json };
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, wrapped(item)]));
}

/** The same for an output: its top-level values are values of their own. */
export function storedOutputOf(value: unknown): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date)
    return storedOf(value);
  if (Object.hasOwn(value, tag)) return storedOf(value);
  const entries = Object.entries(value).map(([key, item]): [string, Json | undefined] => [key, storedOf(item)]);
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

/** Whether something in it is tagged; told by the text, because almost nothing ever is. */
export function isExotic(value: Json | undefined): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((item: Json) => isExotic(item));
  if (!isJsonObject(value)) return false;
  return Object.hasOwn(value, tag) || Object.values(value).some((item) => isExotic(item));
}

/** What expressions see of stored data. */
export function revived(value: Json): unknown {
  return translated(value, { date: (ms) => new Date(ms), number: (number) => number });
}

/** What callers see of stored data: a Date is its ISO text, NaN and the infinities are null. */
export function plain(data: JsonObject): JsonObject {
  const json = plainValue(data);
  return isJsonObject(json) ? json : {};
}

/** The same for any stored value. */
export function plainValue(value: Json): Json {
  const json = translated(value, {
    date: (ms) => (Number.isNaN(ms) ? null : new Date(ms).toISOString()),
    number: () => null,
  });
  return jsonOf(json) ?? null;
}

/** What a tagged map stands for, as callers see it. Null: it is not tagged. `isMap`: it is what its author wrote. */
export function untagged(value: JsonObject): { readonly shown: Json; readonly isMap: boolean } | null {
  if (!Object.hasOwn(value, tag)) return null;
  const { v } = value;
  switch (value[tag]) {
    case "date": {
      const date = new Date(typeof v === "number" ? v : Number.NaN);
      return { shown: Number.isNaN(date.getTime()) ? null : date.toISOString(), isMap: false };
    }
    case "number":
      return { shown: null, isMap: false };
    case "map":
      return { shown: v === undefined ? value : v, isMap: true };
    default:
      return { shown: value, isMap: true };
  }
}

interface Translation {
  readonly date: (ms: number) => unknown;
  readonly number: (value: number) => unknown;
}

function translated(value: Json, to: Translation): unknown {
  if (Array.isArray(value)) return value.map((item: Json) => translated(item, to));
  if (!isJsonObject(value)) return value;
  const { v } = value;
  if (Object.hasOwn(value, tag) && v !== undefined) {
    if (value[tag] === "date") return to.date(typeof v === "number" ? v : Number.NaN);
    if (value[tag] === "number") return to.number(Number(v));
    return v;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, translated(item, to)]));
}
