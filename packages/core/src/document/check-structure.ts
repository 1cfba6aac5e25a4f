import { isJsonObject, type Json } from "../json.js";
import { documentSchema } from "./schema.js";
import { type SchemaBreach, schemaChecker } from "./schema-breaches.js";
import type { DocumentPath } from "./source-node.js";

/** Something that is missing, or of the wrong kind, or out of range. */
export interface StructureDefect {
  readonly code: "missing-key" | "bad-value";
  /** Where the value is; for a missing key, where it should be. */
  readonly path: DocumentPath;
  readonly message: string;
  readonly hint: string;
}

const breachesOf = schemaChecker(documentSchema);

/** Holds a document against the schema of the language. Null members count as absent. */
export function structureDefects(document: Json): readonly StructureDefect[] {
  const defects = new Map<string, StructureDefect>();
  for (const breach of breachesOf(document)) {
    const defect = breach.keyword === "required" ? missing(breach) : wrong(breach);
    const key = JSON.stringify(defect.path);
    if (!defects.has(key)) defects.set(key, defect);
  }
  return [...defects.values()];
}

function missing({ path: owner, rule, value }: SchemaBreach): StructureDefect {
  const key = String(rule);
  if (key === "schema") {
    const message = "validate is true, but there is no schema to validate with";
    return { code: "bad-value", path: [...owner, "validate"], message, hint: "add input.schema" };
  }
  const present = withoutNulls(value);
  const keys = isJsonObject(present) ? Object.keys(present) : [];
  return {
    code: "missing-key",
    path: [...owner, key],
    message: `${owner.length === 0 ? "the document" : String(owner.at(-1))} needs the key ${key}; it has ${list(keys)}`,
    hint: `add ${key}`,
  };
}

function wrong(breach: SchemaBreach): StructureDefect {
  const { path, value } = breach;
  const what = String(path.at(-1) ?? "the document");
  return { code: "bad-value", path, message: `${what} ${expected(breach)}, found ${shown(value)}`, hint: "" };
}

function expected({ keyword, rule, path }: SchemaBreach): string {
  switch (keyword) {
    case "type":
      return `must be ${kinds(rule)}`;
    case "enum":
      return `must be one of ${list(rule)}`;
    case "minLength":
      return "must not be empty";
    case "minItems":
      return path.includes("retry") ? "must name a number of retries, as in { '503': [2] }" : "must not be empty";
    case "pattern":
      return path.at(-1) === "subscribes" ? "must not begin with a dot" : "may hold letters, digits and - only";
    case "not":
      return "is reserved";
    case "minimum":
      return `must be at least ${String(rule)}`;
    default:
      return `breaks ${keyword}`;
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

function shown(value: Json): string {
  const text = JSON.stringify(withoutNulls(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Null members are left out at any depth; what the schema looks at holds no data in which null is a value. */
function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member)]));
}
