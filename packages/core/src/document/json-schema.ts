import { Ajv, type ErrorObject, type Options } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isJsonObject, type Json, type JsonObject, jsonOf } from "../json.js";
import { canonicalJson } from "../plan/canonical.js";
import { pointerSteps } from "./json-pointer.js";

/** One violation of a schema. `path` is a JSON pointer into what was checked. */
export interface SchemaViolation {
  readonly path: string;
  readonly message: string;
}

export type SchemaValidator = (value: unknown) => readonly ErrorObject[];

/** Nothing is coerced and nothing is filled in; unknown keywords and formats are documentation. */
const options: Options = {
  strict: false,
  allErrors: true,
  logger: false,
  validateFormats: false,
  addUsedSchema: false,
  ownProperties: true,
};

type Dialect = Pick<Ajv, "compile" | "removeSchema" | "validateSchema" | "errors">;
const dialects = new Map<string, Dialect>();
const olderDraft = /^https?:\/\/json-schema\.org\/draft-0[0-7]\//;

/**
 * JSON Schema 2020-12, or draft 7 for a schema that names that draft or an older one. Made when first needed: it is not
 * cheap.
 */
function dialect(name: "2020-12" | "draft-07"): Dialect {
  const known = dialects.get(name);
  if (known !== undefined) return known;
  const made = comparingData(name === "2020-12" ? new Ajv2020(options) : new Ajv(options));
  dialects.set(name, made);
  return made;
}

/** Values are told apart by what they say. Ajv would call their `toString` and `valueOf`, which are data here. */
function comparingData(compiler: Ajv): Ajv {
  for (const keyword of ["const", "enum", "uniqueItems"]) compiler.removeKeyword(keyword);
  compiler.addKeyword({
    keyword: "const",
    error: { message: "must be equal to constant" },
    validate: (allowed: unknown, value: unknown) => written(allowed) === written(value),
  });
  compiler.addKeyword({
    keyword: "enum",
    schemaType: "array",
    error: { message: "must be equal to one of the allowed values" },
    validate: (allowed: readonly unknown[], value: unknown) => allowed.some((one) => written(one) === written(value)),
  });
  compiler.addKeyword({
    keyword: "uniqueItems",
    type: "array",
    schemaType: "boolean",
    error: { message: "must NOT have duplicate items" },
    validate: (isAsked: boolean, items: readonly unknown[]) =>
      !isAsked || new Set(items.map(written)).size === items.length,
  });
  return compiler;
}

function written(value: unknown): string {
  return canonicalJson(jsonOf(value) ?? null);
}

/** A function that lists how a value breaks the schema. Throws when the schema cannot be used. */
export function schemaValidator(schema: JsonObject | boolean): SchemaValidator {
  const compiler = dialect(dialectOf(schema));
  const named = usable(schema);
  const validate = compiler.compile(named);
  // The compiler keeps what it compiled; a process that deploys for years must not keep every schema.
  if (isJsonObject(named)) compiler.removeSchema(named);
  return (value) => (validate(value) ? [] : (validate.errors ?? []));
}

/**
 * The payload check of a graph with `input.validate`: every violation; an empty list for a valid
 * payload. The payload is never changed.
 */
export function payloadValidator(schema: JsonObject | boolean): (payload: unknown) => readonly SchemaViolation[] {
  const validate = schemaValidator(schema);
  return (payload) =>
    validate(payload)
      .filter((error) => error.keyword !== "if")
      .map((error) => ({ path: error.instancePath, message: error.message ?? error.keyword }));
}

const checks = new WeakMap<JsonObject, (payload: unknown) => readonly SchemaViolation[]>();

/** The payload check an engine needs for graphs with `input.validate`. Schemas are prepared once. */
export function payloadCheck(schema: JsonObject | boolean, payload: JsonObject): readonly SchemaViolation[] {
  if (typeof schema === "boolean") return payloadValidator(schema)(payload);
  const known = checks.get(schema) ?? payloadValidator(schema);
  checks.set(schema, known);
  return known(payload);
}

/** Why a value is no JSON Schema: one defect per place, deepest places only; empty when it is one. */
export function schemaDefects(schema: Json): readonly SchemaViolation[] {
  if (typeof schema === "boolean") return [];
  if (!isJsonObject(schema)) return [{ path: "", message: "a JSON Schema is a map, true or false" }];
  const defects = new Map<string, string>();
  for (const error of metaErrors(schema, dialectOf(schema))) {
    if (!defects.has(error.instancePath)) defects.set(error.instancePath, defectText(error, schema));
  }
  const paths = [...defects.keys()];
  return [...defects]
    .map(([path, message]) => ({ path, message }))
    .filter(({ path }) => !paths.some((other) => other.startsWith(`${path}/`)));
}

/** A schema that names no draft may follow either: older ones allow for example a list under `items`. */
function dialectOf(schema: JsonObject | boolean): "2020-12" | "draft-07" {
  if (typeof schema === "boolean") return "2020-12";
  const named = schema["$schema"];
  if (typeof named === "string") return olderDraft.test(named) ? "draft-07" : "2020-12";
  if (metaErrors(schema, "2020-12").length === 0) return "2020-12";
  return metaErrors(schema, "draft-07").length === 0 ? "draft-07" : "2020-12";
}

function metaErrors(schema: JsonObject, name: "2020-12" | "draft-07"): readonly ErrorObject[] {
  const checker = dialect(name);
  return checker.validateSchema(usable(schema)) === true ? [] : (checker.errors ?? []);
}

/** Without `$schema`, which the dialect stands for: one that nobody knows is documentation. */
function usable(schema: JsonObject | boolean): JsonObject | boolean {
  if (typeof schema === "boolean") return schema;
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$schema"));
}

function defectText(error: ErrorObject, schema: JsonObject): string {
  const found = JSON.stringify(valueAt(schema, error.instancePath));
  const isType = error.instancePath.endsWith("/type") && error.keyword === "enum";
  return isType ? `${found} is no JSON Schema type` : `${error.message ?? error.keyword}, found ${found}`;
}

function valueAt(root: Json, pointer: string): Json | undefined {
  let value: Json | undefined = root;
  for (const step of pointerSteps(pointer)) {
    if (Array.isArray(value)) value = value[Number(step)];
    else value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}
