import { isJsonObject, type Json, type JsonObject } from "../../json.js";

/** Drafts differ in many keywords; the ones used here are those of draft 7, which every YAML editor knows. */
export const draft = "http://json-schema.org/draft-07/schema#";

/** The definition of that name. Beside other keywords a `$ref` of draft 7 hides them, hence the list around it. */
export function is(name: string): JsonObject {
  return { $ref: `#/definitions/${name}` };
}

/** What `name` stands for, with a text of its own for whoever points at it. */
export function described(name: string, description: string): JsonObject {
  return { description, allOf: [is(name)] };
}

/** The second schema holds wherever the first does. */
export function when(condition: JsonObject, consequence: JsonObject): JsonObject {
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema.
  return { if: condition, then: consequence };
}

/** A `$ref` may stand in place of anything; what it leads to is not known here. */
export function unlessReference(schema: JsonObject): JsonObject {
  const { title, description, ...rest } = schema;
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    if: is("reference"),
    else: rest,
  };
}

/** A map that has all of these keys. */
export function mapWith(...keys: readonly string[]): JsonObject {
  return { type: "object", required: keys };
}

/** One schema laid over another: maps are merged, lists of `allOf` joined, everything else is replaced. */
export function overlaid(base: Json | undefined, over: Json): Json {
  if (!isJsonObject(base) || !isJsonObject(over)) return over;
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    const joins = key === "allOf" && Array.isArray(below) && Array.isArray(value);
    merged[key] = joins ? [...below, ...value] : overlaid(below, value);
  }
  return merged;
}
