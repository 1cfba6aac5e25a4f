import { HotMeshError, isJsonObject, type Json, jsonOf } from "@hotmesh/core";
import type { EntityCondition, EntityOperator } from "@hotmesh/store-postgres";

/** What has to hold of a field, by operators; all of them have to. */
export interface EntityComparison {
  /** Equal. */
  $eq?: unknown;
  /** Not equal; also of what is missing, unless it is compared with null. */
  $ne?: unknown;
  /** Greater. */
  $gt?: unknown;
  /** Greater or equal. */
  $gte?: unknown;
  /** Less. */
  $lt?: unknown;
  /** Less or equal. */
  $lte?: unknown;
  /** Equal to one of these. */
  $in?: readonly unknown[];
}

/** What has to hold of documents: by field a value to be equal to, or operators. */
export interface EntityConditions {
  readonly [field: string]: unknown;
}

const operators: ReadonlyMap<string, EntityOperator> = new Map([
  ["$eq", "="],
  ["$ne", "!="],
  ["$gt", ">"],
  ["$gte", ">="],
  ["$lt", "<"],
  ["$lte", "<="],
  ["$in", "in"],
]);

const comparisons: ReadonlySet<string> = new Set<EntityOperator>([...operators.values(), "like"]);

/** True of the operators that there are. */
export function isComparison(text: string): text is EntityOperator {
  return comparisons.has(text);
}

/** The conditions as the storage takes them. Throws `invalid-argument` for what cannot be one. */
export function conditionsOf(conditions: EntityConditions): EntityCondition[] {
  if (typeof conditions !== "object" || conditions === null || Array.isArray(conditions)) {
    throw invalid("conditions have to be a map of fields");
  }
  return Object.entries(conditions).flatMap(([field, wanted]) => {
    // Undefined is no value that a document can have: the field is not asked about.
    if (wanted === undefined) return [];
    const given = operatorsIn(field, wanted);
    if (given === null) return [conditionOf({ field, operator: "=", value: wanted })];
    return given.map(([operator, value]) => conditionOf({ field, operator, value }));
  });
}

/** A condition on one field. Throws `invalid-argument` when the value is none that the operator compares with. */
export function conditionOf(condition: {
  readonly field: string;
  readonly operator: EntityOperator;
  readonly value: unknown;
}): EntityCondition {
  const { field, operator } = condition;
  const path = fieldPath(field);
  const value = jsonOf(condition.value);
  if (value === undefined) throw invalid(`the value for '${field}' is ${typeof condition.value}`);
  if (!isComparable(operator, value)) {
    throw invalid(`'${field}' ${operator} needs ${needed(operator)}, not ${JSON.stringify(value)}`);
  }
  return { path, operator, value };
}

/** The parts of a dot path. Throws `invalid-argument` for parts that are no SQL identifiers. */
export function fieldPath(field: unknown): readonly string[] {
  const path = typeof field === "string" ? field.split(".") : [];
  if (path.length > 0 && path.length <= 16 && path.every((part) => /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(part)))
    return path;
  const hint = "letters, digits and _, not beginning with a digit; dots between parts";
  throw invalid(`Invalid field name: ${typeof field === "string" ? `'${field}'` : typeof field}; expected ${hint}`);
}

/** Null: it is no map of operators, but a value. */
function operatorsIn(field: string, wanted: unknown): readonly (readonly [EntityOperator, unknown])[] | null {
  if (!isJsonObject(wanted)) return null;
  const entries = Object.entries(wanted);
  if (!entries.some(([name]) => name.startsWith("$"))) return null;
  return entries.flatMap(([name, value]): (readonly [EntityOperator, unknown])[] => {
    const operator = operators.get(name);
    if (operator === undefined) {
      throw invalid(`'${name}' of '${field}' is no operator; expected ${[...operators.keys()].join(" ")}`);
    }
    return value === undefined ? [] : [[operator, value]];
  });
}

function isComparable(operator: EntityOperator, value: Json): boolean {
  switch (operator) {
    case "=":
    case "!=":
      return true;
    case "in":
      return Array.isArray(value);
    case "like":
      // The server refuses a pattern that ends with half an escape.
      return typeof value === "string" && !/(?<!\\)(\\\\)*\\$/.test(value);
    case ">":
    case ">=":
    case "<":
    case "<=":
      return typeof value === "number" || typeof value === "string";
  }
}

function needed(operator: EntityOperator): string {
  if (operator === "in") return "a list";
  return operator === "like" ? "a pattern" : "a number or a text";
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", `Entity: ${message}`);
}
