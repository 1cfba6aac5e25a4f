import { isJsonObject, type Json, type JsonObject } from "../../json.js";
import { is, unlessReference } from "./keyword.js";

/**
 * What the compiler checks are documents without nulls whose references are resolved; an editor sees them as they are
 * written. So each place also takes a reference, and each that may be absent takes null.
 */
export function relaxed(schema: JsonObject, isOptional: boolean): JsonObject {
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, below(schema, key, value)]));
  if (schema["type"] === undefined && schema["enum"] === undefined) return inside;
  const own = isOptional ? orNull(inside) : inside;
  return isStructure(schema) ? unlessReference(own) : scalarOrReference(own);
}

function below(owner: JsonObject, keyword: string, value: Json): Json {
  switch (keyword) {
    case "properties":
      return eachOf(value, (child, key) => relaxed(child, !isRequired(owner, key)));
    case "patternProperties":
      return eachOf(value, (child) => relaxed(child, true));
    case "additionalProperties":
      return isJsonObject(value) ? relaxed(value, true) : value;
    case "items":
    case "then":
      return isJsonObject(value) ? relaxed(value, false) : value;
    case "allOf":
      return Array.isArray(value) ? value.map((part) => (isJsonObject(part) ? relaxed(part, false) : part)) : value;
    default:
      return value;
  }
}

function eachOf(value: Json, change: (child: JsonObject, key: string) => JsonObject): Json {
  if (!isJsonObject(value)) return value;
  const changed = Object.entries(value).map(([key, child]) => [key, isJsonObject(child) ? change(child, key) : child]);
  return Object.fromEntries(changed);
}

function isRequired(owner: JsonObject, key: string): boolean {
  const { required } = owner;
  return Array.isArray(required) && required.includes(key);
}

function isStructure({ type }: JsonObject): boolean {
  const types = Array.isArray(type) ? type : [type];
  return types.includes("object") || types.includes("array");
}

function orNull(schema: JsonObject): JsonObject {
  const { type, enum: values } = schema;
  return {
    ...schema,
    ...(type !== undefined && { type: [...new Set([...(Array.isArray(type) ? type : [type]), "null"])] }),
    ...(Array.isArray(values) && { enum: [...values, null] }),
  };
}

/** A choice and not a condition, because editors offer the values of an `enum` from there. */
function scalarOrReference(schema: JsonObject): JsonObject {
  const { title, description, ...rest } = schema;
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    anyOf: [rest, is("reference")],
  };
}
