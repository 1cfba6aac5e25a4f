import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Json } from "../../json.js";
import { editorSchema } from "./editor-schema.js";
import { accepts, problemsOf, whole, yaml } from "./editor-schema.suite.js";
import { printSchema } from "./print-schema.js";

const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
const schemaText = read("../../../schema/hotmesh.schema.json");

test("the file holds what scripts/write-schema.ts writes", () => {
  expect(schemaText).toBe(printSchema(editorSchema()));
});

test("the package offers the file", () => {
  const manifest = JSON.parse(read("../../../package.json"));

  expect(manifest.files).toContain("schema");
  expect(manifest.exports["./schema.json"]).toBe("./schema/hotmesh.schema.json");
  expect(manifest.publishConfig.exports["./schema.json"]).toBe("./schema/hotmesh.schema.json");
});

test("every definition is used, and every one that is used is there", () => {
  const used = new Set([...schemaText.matchAll(/"\$ref": "#\/definitions\/(\w+)"/g)].map(([, name]) => name));

  expect(Object.keys(JSON.parse(schemaText).definitions).sort()).toEqual([...used].sort());
});

describe("valid documents", () => {
  test("the catalogue of examples validates, and so does each of its graphs", () => {
    const document = yaml(read("../../testing/spec/examples.yaml"));
    const { graphs } = (document as { app: { graphs: readonly unknown[] } }).app;

    expect(accepts(document)).toBe(true);
    expect(graphs.filter((graph) => !accepts(graph, "graph"))).toEqual([]);
    expect(graphs.length).toBe(37);
  });

  test("references may stand for whatever a map stands for", () => {
    const app = { id: "orchard", version: "3", graphs: [{ $ref: "./graphs/pick.yaml" }] };
    const pick = yaml(`
      subscribes: fruit.pick
      input:  { schema: { $ref: '../schemas/fruit.yaml#/pickIn' } }
      activities:
        start: { type: trigger }
        weigh:
          type: worker
          topic: scale.read
          input: { maps: { $ref: '../maps/fruit.yaml#/weigh' } }
      transitions:
        start: [ { to: weigh } ]`);
    const more = yaml(`
      subscribes: fruit.pick
      expire: { $ref: 'a.yaml' }
      input: { $ref: 'a.yaml', validate: true }
      activities: { a: { $ref: '#/b' }, b: { type: { $ref: '#/c' } }, c: { type: hook, hook: { $ref: 'a' } } }
      transitions: { a: { $ref: 'a.yaml' }, b: [ { $ref: 'a.yaml' } ], c: [ { to: a, conditions: { $ref: 'x' } } ] }
      hooks: { $ref: 'a.yaml' }`);
    const mapped = {
      subscribes: "t",
      activities: {
        a: { type: "trigger", job: { maps: { x: { $ref: "a" }, y: { "@pipe": [{ $ref: "a" }, [{ $ref: "b" }]] } } } },
      },
    };

    expect([accepts({ app }), accepts({ app: { $ref: "a.yaml" } })]).toEqual([true, true]);
    expect([pick, more, mapped].map((graph) => accepts(graph, "graph"))).toEqual([true, true, true]);
  });

  test("a document of two versions of a hook validates", () => {
    const text = (version: string, maps: string) => `
      app:
        id: specex-dam
        version: '${version}'
        graphs:
          - subscribes: dam.guard
            expire: 60
            activities:
              fill: { type: trigger, stats: { id: '{$self.input.data.dam}' }, job: { maps: { v: one } } }
              hold: { type: hook, job: { maps: { sig: '{$self.hook.data.by}'${maps} } } }
              after: { type: hook, job: { maps: { after: one } } }
            transitions:
              fill: [ { to: hold } ]
              hold: [ { to: after } ]
            hooks:
              dam.open:
                - to: hold
                  conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.dam}' } ] }`;

    expect([accepts(yaml(text("1", ""))), accepts(yaml(text("2", ", extra: n2")))]).toEqual([true, true]);
  });

  test("anchors and merge keys validate as what they stand for", () => {
    const document = yaml(`
      base: &base { type: hook, sleep: 5 }
      app:
        id: demo
        version: 1.5
        graphs:
          - subscribes: t
            activities: { a: { type: trigger }, b: { <<: *base, sleep: 6 } }
            transitions: { a: &list [ { to: b } ], b: }`);

    expect([accepts(document), problemsOf(document)]).toEqual([true, []]);
  });

  test("null counts as absent, and unknown keys are ignored", () => {
    const [graph] = whole.app.graphs;
    const document = {
      x: 1,
      app: {
        ...whole.app,
        settings: null,
        y: 1,
        graphs: [
          {
            ...graph,
            publishes: null,
            expire: null,
            output: { schema: null },
            activities: {
              ...graph?.activities,
              z: null,
              "x.y": null,
              t: { type: "worker", topic: null, retry: { 1: null }, join: null, job: { maps: null, k: 1 }, k: 1 },
            },
            transitions: { ...graph?.transitions, c: null },
            hooks: { k: null },
          },
        ],
      },
    };

    expect([accepts(document), problemsOf(document)]).toEqual([true, []]);
  });

  test("what is not evaluated is not looked at", () => {
    const odd = { a: "{@no.such}", b: { "@pipe": 1 } };
    const document = {
      app: {
        id: "demo",
        version: 1,
        settings: odd,
        graphs: [
          {
            subscribes: "t",
            activities: {
              a: { type: "trigger", output: { maps: odd }, input: { maps: odd }, stats: { parent: odd } },
              s: { type: "interrupt", emit: "{@no.such}", output: { maps: odd } },
              c: { type: "signal", subtype: "all", topic: "{@no.such}" },
              h: { type: "hook", escalation: { ...odd, role: "{@no.such}" }, sleep: { a: odd }, timeout: odd },
              w: { type: "worker", topic: "x", subtype: "{@no.such}", job: { maps: { "": [[["{@date.now}"]]] } } },
            },
            transitions: { a: [{ to: "s", conditions: { match: [{ expected: odd, actual: [odd] }] } }] },
          },
        ],
      },
    };

    expect([accepts(document), problemsOf(document)]).toEqual([true, []]);
  });
});

type Path = readonly (string | number)[];

function paths(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([step, below]) => paths(below, [...path, step]))];
}

function replaced(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((item, at) => (String(at) === step ? replaced(item, rest, by) : item));
  const entries = Object.entries(Object(value));
  return Object.fromEntries(entries.map(([key, below]) => [key, key === step ? replaced(below, rest, by) : below]));
}

const junk: readonly Json[] = [
  ...[null, true, 0, -1.5, "", "a", "{zz.y}", "{}", "{@no.such}", "{$job.data.x}", "{$nope.x}", "{@date.now}"],
  ...[[], [null], [[]], ["{@no.such}"], {}, { x: null }, { a: { type: "trigger" } }, { "@pipe": [] }, { "@pipe": 1 }],
  ...[{ "@pipe": [["a"], ["{@math.add}"]] }, { "@pipe": [["a"], [1]] }, { "@reduce": 1 }, { type: "objekt" }],
];

test("whatever a part of a document is replaced by, what the schema refuses the compiler refuses", () => {
  const everyOther = paths(whole).filter((_, index) => index % 2 === 0);
  const changes = everyOther.map((path, index) =>
    replaced(whole, path, junk[(index * 8 + (index >> 2)) % junk.length]),
  );

  const refused = changes.filter((document) => !accepts(document));

  expect([accepts(whole), problemsOf(whole)]).toEqual([true, []]);
  expect(refused.length).toBeGreaterThan(changes.length / 5);
  expect(refused.filter((document) => problemsOf(document).length === 0)).toEqual([]);
});
