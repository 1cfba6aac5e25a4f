import type { ErrorObject } from "ajv";
import { isJsonObject, type Json } from "../json.js";
import { pathAlong } from "./json-pointer.js";
import { type SchemaValidator, schemaValidator } from "./json-schema.js";
import { documentSchema } from "./schema.js";
import type { DocumentPath } from "./source-node.js";

/** Something that is missing, or of the wrong kind, or out of range. */
export interface StructureDefect {
  readonly code: "missing-key" | "bad-value";
  /** Where the value is; for a missing key, where it should be. */
  readonly path: DocumentPath;
  readonly message: string;
  readonly hint: string;
}

let validator: SchemaValidator | null = null;

/** Holds a document against the schema of the language. Null members count as absent (language.md 2.3). */
export function structureDefects(document: Json): readonly StructureDefect[] {
  validator ??= schemaValidator(documentSchema);
  const present = withoutNulls(document);
  const defects = new Map<string, StructureDefect>();
  for (const error of validator(present)) {
    if (error.keyword === "if") continue;
    const steps = pathAlong(present, error.instancePath);
    const defect = error.keyword === "required" ? missing(steps, error, present) : wrong(steps, error);
    const key = JSON.stringify(defect.path);
    if (!defects.has(key)) defects.set(key, defect);
  }
  return [...defects.values()];
}

function missing(owner: DocumentPath, error: ErrorObject, present: Json): StructureDefect {
  const key = String(error.params["missingProperty"]);
  if (key === "schema") {
    const message = "validate is true, but there is no schema to validate with";
    return { code: "bad-value", path: [...owner, "validate"], message, hint: "add input.schema" };
  }
  const keys = Object.keys(valueAt(present, owner));
  return {
    code: "missing-key",
    path: [...owner, key],
    message: `${owner.length === 0 ? "the document" : String(owner.at(-1))} needs the key ${key}; it has ${list(keys)}`,
    hint: `add ${key}`,
  };
}

function wrong(path: DocumentPath, error: ErrorObject): StructureDefect {
  const what = String(path.at(-1) ?? "the document");
  return { code: "bad-value", path, message: `${what} ${expected(path, error)}, found ${shown(error.data)}`, hint: "" };
}

function expected(path: DocumentPath, error: ErrorObject): string {
  switch (error.keyword) {
    case "type":
      return `must be ${kinds(error.params["type"])}`;
    case "enum":
      return `must be one of ${list(error.params["allowedValues"])}`;
    case "minLength":
      return "must not be empty";
    case "minItems":
      return path.includes("retry") ? "must name a number of retries, as in { '503': [2] }" : "must not be empty";
    case "pattern":
      return path.at(-1) === "subscribes" ? "must not begin with a dot" : "may hold letters, digits and - only";
    case "not":
      return "is reserved";
    case "minimum":
      return `must be at least ${String(error.params["limit"])}`;
    default:
      return error.message ?? error.keyword;
  }
}

const kindNames: Readonly<Record<string, string>> = {
  object: "a map",
  array: "a list",
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
};

function kinds(types: unknown): string {
  const names: unknown[] = Array.isArray(types) ? types : [types];
  return names.map((name) => kindNames[String(name)] ?? String(name)).join(" or ");
}

function list(values: unknown): string {
  return Array.isArray(values) && values.length > 0 ? values.map(String).join(", ") : "none";
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Null members are left out at any depth; what the schema looks at holds no data in which null is a value. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member)]));
}

function valueAt(root: unknown, path: DocumentPath): object {
  let value: unknown = root;
  for (const step of path) {
    value = typeof value === "object" && value !== null && Object.hasOwn(value, step) ? Reflect.get(value, step) : null;
  }
  return typeof value === "object" && value !== null ? value : {};
}
