import fc from "fast-check";
import { expect, test } from "vitest";
import { isJsonObject, type Json } from "../json.js";
import { pathAlong } from "./json-pointer.js";
import { schemaValidator } from "./json-schema.js";
import { documentSchema } from "./schema.js";
import { schemaChecker } from "./schema-breaches.js";

const breachesOf = schemaChecker(documentSchema);
const byAjv = schemaValidator(documentSchema);

/** Each breach as one text: the keyword and the place. */
function ours(document: Json): readonly string[] {
  return breachesOf(document)
    .map(({ keyword, path, rule }) => JSON.stringify([keyword, path, keyword === "required" ? rule : null]))
    .sort();
}

function theirs(document: Json): readonly string[] {
  return byAjv(document)
    .filter(({ keyword }) => keyword !== "if")
    .map(({ keyword, instancePath, params }) =>
      JSON.stringify([
        keyword,
        pathAlong(document, instancePath),
        keyword === "required" ? params["missingProperty"] : null,
      ]),
    )
    .sort();
}

/** Values that some keyword of the schema has an opinion on. */
const leaf = fc.constantFrom<Json[]>(
  ...["", "a", "A-1", ".x", "trigger", "worker", "hook", "signal", "cycle", "all", "and", "count", "5m", "1"],
  ...[-1, 0, 1.5, 3, true, false],
);

/** The keys that the schema itself names, so that documents meet its inner parts often. */
const keys = [...new Set(JSON.stringify(documentSchema).match(/(?<=")[a-z]+(?=":)/g))];

const { anything } = fc.letrec<{ anything: Json }>((tie) => ({
  anything: fc.oneof(
    { depthSize: "large", withCrossShrink: true },
    leaf,
    fc.array(tie("anything"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom(...keys), tie("anything"), { maxKeys: 4 }),
  ),
}));

const mapOf = (value: fc.Arbitrary<Json>) => fc.dictionary(fc.constantFrom("a", "b", "503"), value, { maxKeys: 2 });
const some = (shape: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Json> =>
  fc.oneof({ weight: 9, arbitrary: fc.record<Record<string, Json>>(shape, { requiredKeys: [] }) }, anything);
const listOf = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.oneof({ weight: 9, arbitrary: fc.array(value, { maxLength: 2 }) }, anything);

const types = fc.constantFrom<Json[]>("trigger", "worker", "await", "hook", "activity", "signal", "cycle", "odd", 3);
const conditions = some({ code: anything, gate: leaf, match: listOf(anything) });
const stats = some({ granularity: leaf, measures: listOf(some({ measure: leaf })) });
const retry = fc.oneof(mapOf(listOf(leaf)), anything);
const setting = { stats, retry, cycle: leaf, ancestor: leaf, subtype: leaf, escalation: anything, input: anything };
const activity = some({ type: types, join: leaf, job: anything, signal: anything, resolver: anything, ...setting });
const edge = some({ to: leaf, conditions });
const input = some({ validate: leaf, schema: anything });
const graph = some({
  ...{ subscribes: leaf, publishes: leaf, input, output: anything },
  ...{ activities: mapOf(activity), transitions: mapOf(listOf(edge)), hooks: mapOf(listOf(edge)) },
});

test.each([
  ["documents", some({ app: some({ id: leaf, version: leaf, graphs: listOf(graph) }) })],
  ["graphs", graph.map((body): Json => ({ app: { id: "a-1", version: "1", graphs: [body] } }))],
  ["activities", activity.map((body): Json => documentOf({ activities: { a: body } }))],
  ["retries", retry.map((policy): Json => documentOf({ activities: { a: { type: "worker", retry: policy } } }))],
  ["edges", edge.map((body): Json => documentOf({ activities: {}, transitions: { a: [body] } }))],
])("in %s every keyword of the schema is enforced as Ajv does", (_what, documents) => {
  fc.assert(
    fc.property(documents, (document) => {
      expect(ours(document)).toEqual(theirs(document));
    }),
    { numRuns: 500 },
  );
});

function documentOf(graph: Record<string, Json>): Json {
  return { app: { id: "a-1", version: "1", graphs: [{ subscribes: "a", ...graph }] } };
}

test("a null member is absent, and a null in a list is not", () => {
  const document = { app: { id: null, version: "1", graphs: [null] } };

  expect(breachesOf(document)).toEqual([
    { keyword: "required", rule: "id", path: ["app"], value: document.app },
    { keyword: "type", rule: "object", path: ["app", "graphs", 0], value: null },
  ]);
});

test("the schema of documents holds no keyword that is not looked at", () => {
  const looked = new Set([
    ...["$schema", "title", "type", "enum", "const", "minLength", "pattern", "minimum", "minItems", "not"],
    ...["required", "properties", "additionalProperties", "items", "allOf", "if", "then"],
  ]);
  const keywords = (schema: Json): readonly string[] => {
    if (!isJsonObject(schema)) return [];
    return Object.entries(schema).flatMap(([keyword, rule]) => {
      const isMap = keyword === "properties" && isJsonObject(rule);
      const below = isMap ? Object.values(rule) : Array.isArray(rule) ? rule : [rule];
      return [keyword, ...below.flatMap(keywords)];
    });
  };

  expect(keywords(documentSchema).filter((keyword) => !looked.has(keyword))).toEqual([]);
});
