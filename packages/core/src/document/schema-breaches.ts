import { isJsonObject, type Json, type JsonObject } from "../json.js";
import type { DocumentPath } from "./source-node.js";

/** One keyword of a schema that a value does not meet. */
export interface SchemaBreach {
  readonly keyword: string;
  /** What the schema says under that keyword; of `required` the key that is missing. */
  readonly rule: Json;
  readonly path: DocumentPath;
  readonly value: Json;
}

/**
 * A function that lists how a document breaks a schema of ours. It knows the keywords of JSON Schema that ours use, and
 * takes null members as absent. For Ajv to compile such a schema takes longer than everything else that is done to a
 * document; Ajv is for the schemas of users.
 */
export function schemaChecker(schema: JsonObject): (document: Json) => readonly SchemaBreach[] {
  const check = checkOf(schema);
  return (document) => {
    const found: SchemaBreach[] = [];
    check(document, [], found);
    return found;
  };
}

type Check = (value: Json, path: DocumentPath, found: SchemaBreach[]) => void;

function checkOf(schema: Json): Check {
  if (!isJsonObject(schema)) throw new Error(`a schema of ours is ${JSON.stringify(schema)}, and has to be a map`);
  const checks = Object.entries(schema).flatMap(([keyword, rule]) => keywordCheck(keyword, rule, schema) ?? []);
  return (value, path, found) => {
    for (const check of checks) check(value, path, found);
  };
}

/** Null for a keyword that asks nothing. */
function keywordCheck(keyword: string, rule: Json, schema: JsonObject): Check | null {
  switch (keyword) {
    case "required":
      return requiredCheck(listed(rule).map(String));
    case "properties":
      return propertiesCheck(isJsonObject(rule) ? rule : {});
    case "additionalProperties":
      return membersCheck(checkOf(rule));
    case "items":
      return itemsCheck(checkOf(rule));
    case "allOf": {
      const checks = listed(rule).map(checkOf);
      return (value, path, found) => {
        for (const check of checks) check(value, path, found);
      };
    }
    case "if": {
      const condition = checkOf(rule);
      const consequence = checkOf(schema["then"] ?? {});
      return (value, path, found) => {
        if (isValid(condition, value)) consequence(value, path, found);
      };
    }
    default: {
      const isMet = test(keyword, rule);
      if (isMet === null) return null;
      return (value, path, found) => {
        if (!isMet(value)) found.push({ keyword, rule, path, value });
      };
    }
  }
}

/** What a keyword asks of a value itself and not of what is inside it. */
function test(keyword: string, rule: Json): ((value: Json) => boolean) | null {
  switch (keyword) {
    case "type": {
      const kinds = listed(rule);
      return (value) => kinds.some((kind) => isOfKind(value, kind));
    }
    case "enum": {
      const allowed = listed(rule);
      return (value) => allowed.includes(value);
    }
    case "const":
      return (value) => value === rule;
    case "minLength":
      return (value) => typeof value !== "string" || value.length >= Number(rule);
    case "pattern": {
      const pattern = new RegExp(String(rule), "u");
      return (value) => typeof value !== "string" || pattern.test(value);
    }
    case "minimum":
      return (value) => typeof value !== "number" || value >= Number(rule);
    case "minItems":
      return (value) => !Array.isArray(value) || value.length >= Number(rule);
    case "not": {
      const refused = checkOf(rule);
      return (value) => !isValid(refused, value);
    }
    default:
      return null;
  }
}

function requiredCheck(keys: readonly string[]): Check {
  return (value, path, found) => {
    if (!isJsonObject(value)) return;
    for (const key of keys) {
      if (member(value, key) === null) found.push({ keyword: "required", rule: key, path, value });
    }
  };
}

function propertiesCheck(rule: JsonObject): Check {
  const checks = Object.entries(rule).map(([key, schema]) => ({ key, check: checkOf(schema) }));
  return (value, path, found) => {
    if (!isJsonObject(value)) return;
    for (const { key, check } of checks) {
      const below = member(value, key);
      if (below !== null) check(below, [...path, key], found);
    }
  };
}

function membersCheck(check: Check): Check {
  return (value, path, found) => {
    if (!isJsonObject(value)) return;
    for (const [key, below] of Object.entries(value)) if (below !== null) check(below, [...path, key], found);
  };
}

function itemsCheck(check: Check): Check {
  return (value, path, found) => {
    if (!Array.isArray(value)) return;
    for (const [index, item] of value.entries()) check(item, [...path, index], found);
  };
}

function isValid(check: Check, value: Json): boolean {
  const found: SchemaBreach[] = [];
  check(value, [], found);
  return found.length === 0;
}

/** Null when it is absent. */
function member(value: JsonObject, key: string): Json {
  return Object.hasOwn(value, key) ? (value[key] ?? null) : null;
}

function isOfKind(value: Json, kind: Json): boolean {
  switch (kind) {
    case "object":
      return isJsonObject(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === kind;
  }
}

const listed = (rule: Json): readonly Json[] => (Array.isArray(rule) ? rule : [rule]);
