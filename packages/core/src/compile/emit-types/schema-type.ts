import { isJsonObject, type Json, type JsonObject } from "../../json.js";
import {
  anyRecord,
  intersection,
  isWord,
  type Member,
  namesInLists,
  never,
  type TsType,
  type TupleItem,
  union,
  unknown,
  word,
} from "./ts-type.js";
import type { Home, TypeNames } from "./type-names.js";

/**
 * The type of the values that a JSON Schema allows. What types cannot say, such as ranges and patterns, is left out:
 * the type then allows more than the schema. Members that are not declared are none, unless `additionalProperties`
 * asks for them.
 */
export function schemaType(schema: Json | undefined, home: Home, names: TypeNames): TsType {
  return new Reading(home, names).typeOf(schema);
}

/** What a comment above a value of the schema says. */
export function docOf(schema: Json | undefined): string {
  if (!isJsonObject(schema)) return "";
  const said = [schema["description"], schema["title"]].find((text) => typeof text === "string" && text.trim() !== "");
  const lines = [
    ...(typeof said === "string" ? [said] : []),
    ...(schema["deprecated"] === true ? ["@deprecated"] : []),
  ];
  return lines.join("\n");
}

/** The type of exactly one value. */
function literalType(value: Json): TsType {
  if (typeof value !== "object" || value === null) return word(JSON.stringify(value));
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([name, item]) => member(name, literalType(item), { isOptional: false }));
    return { kind: "record", members, index: null };
  }
  return { kind: "tuple", items: value.map((item) => ({ type: literalType(item), isOptional: false })), rest: null };
}

function member(name: string, type: TsType, { isOptional, doc = "" }: { isOptional: boolean; doc?: string }): Member {
  return { name, type, isOptional, doc };
}

class Reading {
  private readonly home: Home;
  private readonly names: TypeNames;

  constructor(home: Home, names: TypeNames) {
    this.home = home;
    this.names = names;
  }

  typeOf(schema: Json | undefined): TsType {
    if (schema === false) return never;
    if (!isJsonObject(schema)) return unknown;
    const { $ref: ref } = schema;
    const type = intersection([
      typeof ref === "string" ? this.referred(ref) : unknown,
      this.ownType(schema),
      ...schemasOf(schema["allOf"]).map((part) => this.typeOf(part)),
      this.anyOf(schema["anyOf"]),
      this.anyOf(schema["oneOf"]),
    ]);
    return schema["nullable"] === true ? union([type, word("null")]) : type;
  }

  private referred(ref: string): TsType {
    const name = this.names.of(ref, this.home);
    return name === null ? unknown : { kind: "name", text: name };
  }

  private anyOf(alternatives: Json | undefined): TsType {
    const types = schemasOf(alternatives).map((part) => this.typeOf(part));
    return types.length === 0 ? unknown : union(types);
  }

  private ownType(schema: JsonObject): TsType {
    const { const: constant, enum: values } = schema;
    if (constant !== undefined) return literalType(constant);
    if (Array.isArray(values)) return union(values.map(literalType));
    const kinds = kindsOf(schema);
    return kinds.length === 0 ? unknown : union(kinds.map((kind) => this.ofKind(kind, schema)));
  }

  private ofKind(kind: Json, schema: JsonObject): TsType {
    switch (kind) {
      case "string":
      case "number":
      case "boolean":
      case "null":
        return word(kind);
      case "integer":
        return word("number");
      case "array":
        return this.list(schema);
      case "object":
        return this.record(schema);
      default:
        return unknown;
    }
  }

  /** `prefixItems` and `items` of 2020-12, or a list under `items` and `additionalItems` of draft 7. */
  private list({ prefixItems, items, additionalItems, minItems, maxItems }: JsonObject): TsType {
    const listed = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
    const more = listed === items ? additionalItems : items;
    if (listed.length === 0 && more !== false) return { kind: "list", item: this.typeOf(more) };
    const least = typeof minItems === "number" ? minItems : 0;
    const all = listed.map(
      (item: Json, index: number): TupleItem => ({ type: this.typeOf(item), isOptional: index >= least }),
    );
    // Where nothing may stand the list ends.
    const end = all.findIndex(({ type }) => isWord(type, "never"));
    const first = end < 0 ? all : all.slice(0, end);
    const isFull = end >= 0 || (typeof maxItems === "number" && maxItems <= listed.length);
    const rest = isFull ? never : this.typeOf(more);
    if (isWord(rest, "never")) return { kind: "tuple", items: first, rest: null };
    // There the compiler takes no alias that meets itself in a further list: nothing is said about those items.
    return { kind: "tuple", items: first, rest: namesInLists(rest) ? unknown : rest };
  }

  private record(schema: JsonObject): TsType {
    const { additionalProperties: additional } = schema;
    const members = this.members(schema);
    const patterns = Object.values(mapOf(schema["patternProperties"])).map((part) => this.typeOf(part));
    const others = additional === undefined || additional === false ? [] : [this.typeOf(additional)];
    const index = union([...patterns, ...others]);
    if (isWord(index, "never")) {
      if (members.length > 0) return { kind: "record", members, index: null };
      return additional === undefined ? anyRecord : word("Record<string, never>");
    }
    if (members.length === 0 && isWord(index, "unknown")) return anyRecord;
    return { kind: "record", members, index: covering(index, members) };
  }

  private members(schema: JsonObject): readonly Member[] {
    const properties = mapOf(schema["properties"]);
    const { required: names } = schema;
    const required = new Set(Array.isArray(names) ? names.filter((name) => typeof name === "string") : []);
    const declared = Object.entries(properties).map(([name, property]) =>
      member(name, this.typeOf(property), { isOptional: !required.has(name), doc: docOf(property) }),
    );
    const undeclared = [...required].filter((name) => !Object.hasOwn(properties, name));
    return [...declared, ...undeclared.map((name) => member(name, unknown, { isOptional: false }))];
  }
}

/** The index of a record has to admit every member that has a name. */
function covering(index: TsType, members: readonly Member[]): TsType {
  const optional = members.some(({ isOptional }) => isOptional) ? [word("undefined")] : [];
  return union([index, ...members.map(({ type }) => type), ...optional]);
}

const forRecords = ["properties", "required", "additionalProperties", "patternProperties"];
const forLists = ["items", "prefixItems"];

/** The types that are named, or those that its keywords are about. */
function kindsOf(schema: JsonObject): readonly Json[] {
  const { type } = schema;
  if (type !== undefined) return Array.isArray(type) ? type : [type];
  const isAbout = (keywords: readonly string[]): boolean => keywords.some((keyword) => Object.hasOwn(schema, keyword));
  return [...(isAbout(forRecords) ? ["object"] : []), ...(isAbout(forLists) ? ["array"] : [])];
}

function schemasOf(list: Json | undefined): readonly Json[] {
  return Array.isArray(list) ? list : [];
}

function mapOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
