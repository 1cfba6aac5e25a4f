import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../json.js";
import { type AppManifest, compileText } from "../compile.js";
import { emitTypes } from "./emit-types.js";

const options: ts.CompilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es5.d.ts"],
  types: [],
  noEmit: true,
};

/** What the compiler says of each file; the files exist in memory only. */
function check(texts: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  const named = new Map([...texts].map(([name, text]) => [`/app/${name}`, text]));
  host.fileExists = (path) => named.has(path);
  host.directoryExists = (path) => path === "/app";
  host.getSourceFile = (path, language, ...rest) => {
    const text = named.get(path);
    return text === undefined ? getSourceFile(path, language, ...rest) : ts.createSourceFile(path, text, language);
  };
  const program = ts.createProgram([...named.keys()], options, host);
  return new Map(
    [...named.keys()].map((path) => {
      const file = program.getSourceFile(path);
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      const said = found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
      return [path.slice("/app/".length), said];
    }),
  );
}

const object = (properties: JsonObject, ...required: string[]): JsonObject => ({
  type: "object",
  properties,
  required,
});

const string = { type: "string" };
const number = { type: "number" };

const rich: JsonObject = {
  ...object(
    {
      "first name": string,
      size: { enum: ["s", "m", 3, null] },
      fixed: { const: "v1", description: "Says */ what\n\nit is." },
      note: { type: ["string", "null"] },
      pair: { type: "array", prefixItems: [string, number], minItems: 2, items: false },
      tree: { $ref: "#/$defs/tree" },
      pay: {
        oneOf: [object({ card: string }, "card"), object({ iban: string }, "iban")],
        type: "object",
        properties: { amount: number },
        required: ["amount"],
      },
      both: { allOf: [object({ a: string }, "a"), object({ b: number }, "b")] },
      counts: { type: "object", additionalProperties: number },
      open: { ...object({ a: string }), additionalProperties: number },
      "/t": { not: string },
    },
    "first name",
    "size",
    "pay",
  ),
  $defs: {
    tree: object({ kids: { type: "array", items: { $ref: "#/$defs/tree" } }, map: { $ref: "#/$defs/record" } }),
    record: { type: "object", additionalProperties: { $ref: "#/$defs/tree" } },
  },
};

const manifest = (input: Json, output: Json = true): AppManifest => ({
  app: {
    id: "demo",
    version: "1",
    settings: null,
    graphs: [{ subscribes: "t", input: { schema: input }, output: { schema: output } }],
  },
});

const uses = `import type { App } from "./rich";
type Input = App["topics"]["t"]["input"];
declare const base: { "first name": string; size: "s"; pay: { amount: number; card: string } };
declare const read: Input;
`;

const right = {
  "the least": `export const x: Input = { "first name": "a", size: 3, pay: { amount: 1, card: "c" } };`,
  "the other alternative": `export const x: Input = { ...base, pay: { amount: 1, iban: "i" } };`,
  "null where it is a value": `export const x: Input = { ...base, size: null, note: null };`,
  constants: `export const x: Input = { ...base, fixed: "v1" };`,
  tuples: `export const x: Input = { ...base, pair: ["a", 1] };`,
  trees: `export const x: Input = { ...base, tree: { kids: [{ kids: [] }], map: { a: { kids: [] } } } };`,
  "both at once": `export const x: Input = { ...base, both: { a: "a", b: 1 } };`,
  dictionaries: `export const x: Input = { ...base, counts: { a: 1 }, open: { a: "a", b: 2 } };`,
  "reading an entry": `export const x: number | undefined = read.counts?.["a"];`,
  "reading deep": `export const x: unknown[] | undefined = read.tree?.kids?.[0]?.map?.["a"]?.kids;`,
  "reading what has no type": `export const x: unknown = read["/t"];`,
};

const wrong = {
  "a missing field": `export const x: Input = { size: "s", pay: { amount: 1, card: "c" } };`,
  "a missing part of the base": `export const x: Input = { ...base, pay: { card: "c" } };`,
  "no alternative": `export const x: Input = { ...base, pay: { amount: 1 } };`,
  "a value that is none": `export const x: Input = { ...base, size: "xl" };`,
  "another constant": `export const x: Input = { ...base, fixed: "v2" };`,
  "undefined for null": `export const x: Input = { ...base, size: undefined };`,
  "a number for a text": `export const x: Input = { ...base, note: 1 };`,
  "a tuple that is too short": `export const x: Input = { ...base, pair: ["a"] };`,
  "a tuple that is too long": `export const x: Input = { ...base, pair: ["a", 1, 2] };`,
  "a leaf that is no tree": `export const x: Input = { ...base, tree: { kids: [{ kids: [1] }] } };`,
  "half of both": `export const x: Input = { ...base, both: { a: "a" } };`,
  "an entry of another type": `export const x: Input = { ...base, counts: { a: "1" } };`,
  "a name that is none": `export const x: Input = { ...base, "last name": "b" };`,
  "an entry that may be absent": `export const x: number = { ...read.counts }["a"];`,
  "an unknown topic": `export type X = App["topics"]["u"];`,
  "an unknown section": `export type X = App["jobs"];`,
};

const examples = readFileSync(fileURLToPath(new URL("../../testing/spec/examples.yaml", import.meta.url)), "utf8");

/** Schemas of all shapes, sound or not, that may refer to each other and to themselves. */
const { schema: anySchema } = fc.letrec<{ schema: Json; leaf: Json; list: Json; map: Json }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    tie("leaf"),
    fc.record({ type: fc.constant("object"), properties: tie("map"), required: fc.constantFrom(["a"], ["b c", "x"]) }),
    fc.record({ properties: tie("map"), additionalProperties: tie("schema"), patternProperties: tie("map") }),
    fc.record({ type: fc.constant("object"), additionalProperties: tie("schema") }),
    fc.record({ type: fc.constant("array"), items: tie("schema"), description: fc.string() }),
    fc.record({ prefixItems: tie("list"), items: tie("schema"), minItems: fc.nat(3), maxItems: fc.nat(3) }),
    fc.record({ items: tie("list"), additionalItems: tie("schema") }),
    fc.record({ oneOf: tie("list"), allOf: tie("list") }),
    fc.record({ anyOf: tie("list"), nullable: fc.boolean(), $ref: fc.constantFrom("#/$defs/a", "#/$defs/__proto__") }),
  ),
  leaf: fc.oneof(
    fc.constantFrom<Json>(true, false, {}, { type: "string" }, { type: ["integer", "null"] }, { type: "nothing" }, 5),
    fc.constantFrom<Json>({ $ref: "#" }, { $ref: "#/$defs/a" }, { $ref: "#/$defs/b" }, { $ref: "#/$defs/none" }),
    fc.jsonValue({ maxDepth: 2 }).map((value): Json => ({ const: JSON.parse(JSON.stringify(value)) })),
    fc
      .array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 4 })
      .map((of): Json => ({ enum: JSON.parse(JSON.stringify(of)) })),
  ),
  list: fc.array(tie("schema"), { maxLength: 3 }).map((items): Json => items),
  map: fc
    .dictionary(fc.oneof(fc.constantFrom("a", "b c", "__proto__"), fc.string()), tie("schema"), { maxKeys: 3 })
    .map((map): Json => map),
}));

const manySchemas = fc.sample(fc.record({ root: anySchema, a: anySchema, b: anySchema }), { numRuns: 80, seed: 7 });
const withDefinitions = ({ root, a, b }: { root: Json; a: Json; b: Json }): Json =>
  typeof root === "object" && root !== null && !Array.isArray(root) ? { ...root, $defs: { a, b } } : root;

const found = check(
  new Map([
    ["examples.d.ts", emitTypes(compileText(examples))],
    ["rich.d.ts", emitTypes(manifest(rich, { $ref: "#/properties/x", properties: { x: rich } }))],
    ...manySchemas.map((each, index): [string, string] => [
      `any${index}.d.ts`,
      emitTypes(manifest(withDefinitions(each), each.a)),
    ]),
    ...Object.entries({ ...right, ...wrong }).map(([name, code]): [string, string] => [`${name}.ts`, uses + code]),
  ]),
);

test("the types of the catalogue of examples compile", () => {
  expect(found.get("examples.d.ts")).toEqual([]);
});

test("the types of rich schemas compile", () => {
  expect(found.get("rich.d.ts")).toEqual([]);
});

test("the types of whatever schemas compile", () => {
  const broken = manySchemas.flatMap((each, index) => {
    const said = found.get(`any${index}.d.ts`);
    return said?.length === 0 ? [] : [{ said, text: emitTypes(manifest(withDefinitions(each), each.a)) }];
  });

  expect(broken).toEqual([]);
});

describe("right uses compile", () => {
  test.each(Object.keys(right))("%s", (name) => {
    expect(found.get(`${name}.ts`)).toEqual([]);
  });
});

describe("wrong uses do not", () => {
  test.each(Object.keys(wrong))("%s", (name) => {
    expect(found.get(`${name}.ts`)).toHaveLength(1);
  });
});
