import { describe, expect, test } from "vitest";
import type { Json } from "../json.js";
import { payloadValidator, schemaDefects } from "./json-schema.js";

describe("payloads", () => {
  const check = payloadValidator({
    type: "object",
    required: ["ticket", "grams"],
    properties: { ticket: { type: "string", minLength: 1 }, grams: { type: "integer", minimum: 1, default: 1 } },
  });

  test("a valid payload has no violations and is not changed", () => {
    const payload = Object.freeze({ ticket: "T1", grams: 250, extra: true });

    expect(check(payload)).toEqual([]);
  });

  test("every violation is listed with a pointer, and nothing is coerced", () => {
    expect(check({ grams: "5" }).map(({ path }) => path)).toEqual(["", "/grams"]);
    expect(check({ ticket: "T1", grams: 0 })).toEqual([{ path: "/grams", message: "must be >= 1" }]);
  });

  test("own properties count, inherited ones do not", () => {
    expect(payloadValidator({ required: ["toString"] })({})).toHaveLength(1);
  });

  test("values are compared by what they say, whatever their members are called", () => {
    const odd = { toString: null, valueOf: 1, constructor: { b: 1, a: 2 } };
    const same = { constructor: { a: 2, b: 1 }, valueOf: 1, toString: null };
    const both = payloadValidator({ uniqueItems: true });

    expect(both([odd, { ...odd, valueOf: 2 }])).toEqual([]);
    expect(both([odd, 1, same])).toEqual([{ path: "", message: "must NOT have duplicate items" }]);
    expect(payloadValidator({ const: odd })(same)).toEqual([]);
    expect(payloadValidator({ enum: [1, odd] })({ ...odd, constructor: null })).toHaveLength(1);
    expect(payloadValidator({ enum: ["1", null] })(1)).toHaveLength(1);
  });

  test("a schema that names itself may be used many times", () => {
    const schema = { $id: "https://x.test/a", $schema: "https://unknown.test/draft", type: "number" };

    expect([payloadValidator(schema)(1), payloadValidator({ ...schema })(1)]).toEqual([[], []]);
  });
});

describe("schemas", () => {
  test.each([
    ["true", true],
    ["an empty map", {}],
    ["2020-12", { $schema: "https://json-schema.org/draft/2020-12/schema", prefixItems: [{ type: "number" }] }],
    ["draft 7", { $schema: "http://json-schema.org/draft-07/schema#", items: [{ type: "number" }] }],
    ["an older form without a name", { items: [{ type: "number" }], additionalItems: false }],
    ["unknown keywords and formats", { unit: "kg", format: "weight" }],
  ])("%s is one", (_name, schema) => expect(schemaDefects(schema)).toEqual([]));

  test.each<[string, Json, string[]]>([
    ["an unknown type", { type: "objekt" }, ["/type"]],
    [
      "several places",
      { properties: { a: { type: "x" }, b: { minLength: -1 } } },
      ["/properties/a/type", "/properties/b/minLength"],
    ],
    ["a type whose members are called strangely", { type: [{}, { toString: null }] }, ["/type/0", "/type/1"]],
    ["a type named twice", { type: ["null", "null"] }, ["/type"]],
    ["text", "any", [""]],
    ["null", null, [""]],
    ["a list", [], [""]],
  ])("%s is a defect, at its deepest place", (_name, schema, paths) => {
    expect(schemaDefects(schema).map(({ path }) => path)).toEqual(paths);
  });
});
