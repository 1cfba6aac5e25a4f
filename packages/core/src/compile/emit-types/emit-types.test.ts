import { describe, expect, test } from "vitest";
import type { Json } from "../../json.js";
import { compileText } from "../compile.js";
import { emitTypes } from "./emit-types.js";

interface Extra {
  readonly activities?: object;
  readonly transitions?: object;
  readonly hooks?: object;
  readonly [key: string]: unknown;
}

const graph = (subscribes: string, { activities = {}, ...more }: Extra = {}) => ({
  subscribes,
  activities: { [`${subscribes}1`.replace(/\W/g, "")]: { type: "trigger" }, ...activities },
  ...more,
});

const emitted = (graphs: readonly object[], options?: { name: string }): string =>
  emitTypes(compileText(JSON.stringify({ app: { id: "demo", version: "1", graphs } })), options);

/** What is emitted for a schema in the place of the input of a graph, and for the types it names. */
function typeOf(schema: Json): string {
  const [, text = ""] = emitted([graph("t", { input: { schema } })]).split(/\n {6}input: /);
  const [type = "", ...named] = text.split(/;\n {6}output: [\s\S]*?\n}\n\n?/);
  return [type.replaceAll("\n      ", "\n"), ...named].filter((part) => part !== "").join("\n---\n");
}

test("an app is an interface of its topics, workers, signals and publications", () => {
  const input = { type: "object", required: ["kg"], properties: { kg: { type: "number", description: "Per box." } } };
  const text = emitted([
    graph("fruit.pick", {
      title: "Picks fruit",
      publishes: "fruit.picked",
      input: { schema: input },
      output: { schema: { type: "object", properties: { boxes: { type: "integer" } } } },
      activities: {
        weigh: { type: "worker", topic: "scale.read", output: { schema: { type: "object", required: ["ok"] } } },
        other: { type: "worker", topic: "{fruitpick1.output.data.topic}" },
        wait: { type: "hook", hook: { type: "object", properties: { by: { type: "string" } } } },
      },
      transitions: { fruitpick1: [{ to: "weigh" }, { to: "other" }, { to: "wait" }] },
      hooks: { ripe: [{ to: "wait" }] },
    }),
  ]);

  expect(text).toBe(`/** The app demo, version 1, as its graphs describe it. Written by HotMesh. */
export interface App {
  /** What jobs take and give, by the topic that starts them. */
  topics: {
    /** Picks fruit */
    "fruit.pick": {
      input: {
        /** Per box. */
        kg: number;
      };
      output: { boxes?: number };
    };
  };
  /** What workers receive and answer, by worker topic. */
  workers: {
    "scale.read": {
      input: Record<string, unknown>;
      output: { ok: unknown };
    };
  };
  /** What signals carry, by signal topic. */
  signals: {
    ripe: { by?: string };
  };
  /** What subscribers hear, by the topic it is published on. */
  publishes: {
    "fruit.picked": { boxes?: number };
  };
}
`);
});

test("a graph without schemas takes and gives any map", () => {
  expect(emitted([graph("t")])).toContain(`
    t: {
      input: Record<string, unknown>;
      output: Record<string, unknown>;
    };
  };
  /** What workers receive and answer, by worker topic. */
  workers: {};
`);
});

test("activities of one worker topic, graphs of one publication and hooks of one signal give a union", () => {
  const has = (name: string) => ({ type: "object", properties: { [name]: { type: "string" } } });
  const one = (name: string) =>
    graph(name, {
      publishes: "done",
      output: { schema: has(name) },
      activities: {
        [`w${name}`]: { type: "worker", subtype: "work", input: { schema: has(name) } },
        [`h${name}`]: { type: "hook", hook: { schema: has(name) } },
      },
      hooks: { go: [{ to: `h${name}` }] },
    });

  const text = emitted([one("a"), one("b")]);

  expect(text).toContain(
    "    work: {\n      input: { a?: string } | { b?: string };\n      output: Record<string, unk",
  );
  expect(text).toContain("    go: { a?: string } | { b?: string };\n");
  expect(text).toContain("    done: { a?: string } | { b?: string };\n");
});

test("the manifest gives the same text as the compiled document, each time", () => {
  const result = compileText(JSON.stringify({ app: { id: "demo", version: "1", graphs: [graph("t")] } }));

  expect(emitTypes(result.manifest)).toBe(emitTypes(result));
});

test("the interface has the name that is asked for, if it is one", () => {
  expect(emitted([graph("t")], { name: "Orchard" })).toContain("export interface Orchard {");
  expect(() => emitted([graph("t")], { name: "my app" })).toThrow('"my app" is no name for an interface');
});

describe("a schema", () => {
  const string = { type: "string" };
  test.each<readonly [what: string, schema: Json, type: string]>([
    ["that says nothing is any map", {}, "Record<string, unknown>"],
    ["true is any map", true, "Record<string, unknown>"],
    ["false is never", false, "never"],
    ["of objects is any map", { type: "object" }, "Record<string, unknown>"],
    ["of empty objects", { type: "object", additionalProperties: false }, "Record<string, never>"],
    ["of scalars", { properties: { a: { type: ["integer", "null"] } } }, "{ a?: number | null }"],
    ["with nullable", { properties: { a: { type: "string", nullable: true } } }, "{ a?: string | null }"],
    ["of an unknown member", { required: ["a"], properties: { a: {} } }, "{ a: unknown }"],
    ["with required names only", { required: ["a", "b c"] }, '{ a: unknown; "b c": unknown }'],
    ["of a dictionary", { type: "object", additionalProperties: string }, "{ [key: string]: string }"],
    [
      "of a dictionary with names",
      { properties: { n: { type: "number" } }, additionalProperties: string },
      "{ n?: number; [key: string]: string | number | undefined }",
    ],
    [
      "of open objects",
      { properties: { n: string }, additionalProperties: true },
      "{ n?: string; [key: string]: unknown }",
    ],
    ["of patterns", { patternProperties: { "^x": string }, additionalProperties: false }, "{ [key: string]: string }"],
    ["of lists", { properties: { a: { type: "array", items: string } } }, "{ a?: string[] }"],
    ["of lists of anything", { properties: { a: { type: "array" } } }, "{ a?: unknown[] }"],
    ["of lists of choices", { properties: { a: { items: { enum: ["x", 1] } } } }, '{ a?: ("x" | 1)[] }'],
    [
      "of tuples",
      { properties: { a: { type: "array", prefixItems: [string, { type: ["null", "number"] }], minItems: 1 } } },
      "{ a?: [string, item1?: null | number, ...unknown[]] }",
    ],
    [
      "of tuples of draft 7",
      { properties: { a: { items: [string, string], additionalItems: false, minItems: 2 } } },
      "{ a?: [string, string] }",
    ],
    ["of constants", { properties: { a: { const: { x: [1, null] } } } }, "{ a?: { x: [1, null] } }"],
    ["of both", { allOf: [{ required: ["a"] }, { properties: { a: string } }] }, "{ a: unknown } & { a?: string }"],
    [
      "with alternatives",
      { properties: { k: string }, oneOf: [{ required: ["a"] }, { required: ["b"] }] },
      "{ k?: string } & ({ a: unknown } | { b: unknown })",
    ],
    ["of one of many", { anyOf: [{ properties: { a: string } }, true] }, "Record<string, unknown>"],
    ["with a false member", { properties: { a: false } }, "{ a?: never }"],
    [
      "that is beyond types",
      { properties: { a: { type: "string", minLength: 3, not: { const: "" } } } },
      "{ a?: string }",
    ],
    ["that refers to nothing", { properties: { a: { $ref: "#/$defs/none" } } }, "{ a?: unknown }"],
  ])("%s", (_, schema, type) => {
    expect(typeOf(schema)).toBe(type);
  });

  test("with comments is laid out by line, and nothing in a comment ends it", () => {
    const properties = {
      a: { type: "string", description: "Ends with */ and\ngoes on", deprecated: true },
      b: { type: "array", items: { properties: { c: { title: "Short", type: "boolean" } } } },
    };

    expect(typeOf({ properties })).toBe(`{
  /**
   * Ends with *\\/ and
   * goes on
   * @deprecated
   */
  a?: string;
  b?: {
    /** Short */
    c?: boolean;
  }[];
}`);
  });

  test("that is too long for a line is broken where it branches", () => {
    const names = [
      "apple",
      "banana",
      "cherry",
      "elderberry",
      "fig",
      "grapefruit",
      "honeydew",
      "kiwi",
      "lemon",
      "mango",
    ];
    const many = { enum: [...names, "nectarine", "orange"] };

    expect(typeOf({ properties: { a: many, b: { items: many, type: "array" } } })).toMatchInlineSnapshot(`
      "{
        a?:
          | "apple"
          | "banana"
          | "cherry"
          | "elderberry"
          | "fig"
          | "grapefruit"
          | "honeydew"
          | "kiwi"
          | "lemon"
          | "mango"
          | "nectarine"
          | "orange";
        b?: (
          | "apple"
          | "banana"
          | "cherry"
          | "elderberry"
          | "fig"
          | "grapefruit"
          | "honeydew"
          | "kiwi"
          | "lemon"
          | "mango"
          | "nectarine"
          | "orange"
        )[];
      }"
    `);
  });

  test("that refers to parts of itself gives types with names", () => {
    const node = { type: "object", properties: { next: { $ref: "#/$defs/tree-node" }, leaf: { $ref: "#/$defs/1/x" } } };

    expect(typeOf({ $ref: "#/$defs/tree-node", $defs: { "tree-node": node, 1: { x: { type: "string" } } } })).toBe(
      "TreeNode\n---\nexport type TreeNode = { next?: TreeNode; leaf?: X };\n\nexport type X = string;\n",
    );
  });

  test("that refers to itself as a whole is named after its place", () => {
    expect(typeOf({ type: "object", properties: { sub: { type: "array", items: { $ref: "#" } } } })).toBe(
      "{ sub?: TInput[] }\n---\nexport type TInput = { sub?: TInput[] };\n",
    );
  });

  test("that is defined by nothing but itself is unknown", () => {
    const $defs = { a: { anyOf: [{ type: "string" }, { $ref: "#/$defs/b" }] }, b: { allOf: [{ $ref: "#/$defs/a" }] } };

    expect(typeOf({ properties: { x: { $ref: "#/$defs/a" } }, $defs })).toBe("{ x?: unknown }");
  });
});

test("types of one name in different graphs get different names, those of one schema the same", () => {
  const schema = (type: string) => ({ properties: { a: { $ref: "#/$defs/record" } }, $defs: { record: { type } } });

  const text = emitted([
    graph("t", { input: { schema: schema("string") }, output: { schema: schema("number") } }),
    graph("u", { input: { schema: schema("string") } }),
  ]);

  expect(text.match(/a\?: \w+|export type .*/g)).toEqual([
    "a?: Record2",
    "a?: Record3",
    "a?: Record2",
    "export type Record2 = string;",
    "export type Record3 = number;",
  ]);
});
