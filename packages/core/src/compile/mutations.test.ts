import fc from "fast-check";
import { expect, test } from "vitest";
import { CompileError } from "../errors.js";
import type { Json } from "../json.js";
import { compileText } from "./compile.js";

/** One of everything. */
const whole = {
  app: {
    id: "demo",
    version: "1",
    settings: { a: 1 },
    graphs: [
      {
        subscribes: "t",
        publishes: "u",
        expire: 60,
        persistent: "{a.output.data.p}",
        input: { validate: true, schema: { type: "object", properties: { n: { type: "number" } } } },
        activities: {
          a: {
            type: "trigger",
            entity: "e",
            stats: {
              id: "{$self.input.data.i}",
              key: "k",
              granularity: "1h",
              measures: [{ measure: "count", target: "{a.x.y.z}" }],
            },
          },
          w: { type: "worker", topic: "w", retry: { 503: [2] }, input: { maps: { x: "{a.output.data.x}" } } },
          v: {
            type: "await",
            topic: "v",
            await: false,
            job: { maps: { "s[3]": "{$self.output.data}", y: { z: [1, null] } } },
          },
          h: { type: "hook", sleep: 5, hook: { type: "object" }, escalation: { role: "r", metadata: { m: 1 } } },
          s: {
            type: "signal",
            subtype: "all",
            topic: "k",
            key_name: "n",
            resolver: { maps: {} },
            signal: { maps: { q: 1 } },
          },
          i: { type: "interrupt", target: "{a.output.data.j}", throw: false, telemetry: { t: 1 } },
          j: {
            type: "hook",
            join: "all",
            output: { maps: { n: { "@pipe": [["{w.output.data.n}", 1], ["{@math.add}"]] } } },
          },
          c: { type: "cycle", ancestor: "h", input: { maps: { n: 1 } } },
        },
        transitions: {
          a: [
            { to: "w" },
            { to: "v", conditions: { code: [200, "201"], gate: "or", match: [{ expected: null, actual: "{a.x}" }] } },
          ],
          w: [{ to: "h", conditions: { code: 200 } }],
          v: [{ to: "s" }],
          h: [{ to: "c", conditions: true }, { to: "j" }],
          s: [{ to: "i" }],
          i: [{ to: "j" }],
        },
        hooks: {
          k: [{ to: "h", conditions: { match: [{ expected: "{$job.metadata.jid}", actual: "{$self.hook.data.i}" }] } }],
        },
      },
    ],
  },
};

type Path = readonly (string | number)[];

/** The same without payload validation: making a validator takes longer than all the rest of a compilation. */
const light = {
  app: { ...whole.app, graphs: whole.app.graphs.map(({ input: _, ...graph }) => graph) },
};

function paths(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries: (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return [path, ...entries.flatMap(([step, below]) => paths(below, [...path, step]))];
}

function replaced(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? replaced(item, rest, by) : item));
  return Object.fromEntries(
    Object.entries(Object(value)).map(([key, below]) => [key, key === step ? replaced(below, rest, by) : below]),
  );
}

function outcome(document: unknown): "compiled" | "refused" {
  try {
    const { plan } = compileText(JSON.stringify(document));
    expect(plan.id).toMatch(/^[\w-]{43}$/);
    return "compiled";
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const { line, column, path, message } of [...error.problems, ...error.warnings]) {
      expect([line > 0, column > 0, typeof path, message !== ""]).toEqual([true, true, "string", true]);
    }
    return "refused";
  }
}

const junk: readonly Json[] = [
  null,
  true,
  0,
  -1.5,
  "",
  "a",
  "{zz.y}",
  "{}",
  [],
  [null],
  [[]],
  {},
  { "@pipe": [] },
  { "@pipe": 1 },
  { x: null },
  { $ref: "#/app" },
];

test("the document of everything compiles", () => {
  expect(outcome(whole)).toBe("compiled");
});

test("whatever a part of a document is replaced by, it compiles or is refused with places", () => {
  const inInput = (path: Path) => path[3] === "input";
  const cases = [
    ...paths(light).map((path) => ({ document: light, path })),
    ...paths(whole)
      .filter(inInput)
      .map((path) => ({ document: whole, path })),
  ];

  const outcomes = cases.map(({ document, path }, index) =>
    outcome(replaced(document, path, junk[(index * 7) % junk.length])),
  );

  expect(new Set(outcomes)).toEqual(new Set(["compiled", "refused"]));
});

test("so it is when several parts are replaced at once", () => {
  const change = fc.tuple(
    fc.constantFrom(...paths(light)),
    fc.oneof(fc.constantFrom(...junk), fc.jsonValue({ maxDepth: 2 })),
  );

  fc.assert(
    fc.property(fc.array(change, { minLength: 2, maxLength: 5 }), (changes) => {
      outcome(changes.reduce<unknown>((document, [path, by]) => replaced(document, path, by), light));
    }),
    { numRuns: 40 },
  );
});

test("whatever text is given, it compiles or is refused", () => {
  const text = JSON.stringify(light, null, 1);

  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 5 }), (from, length, by) => {
      try {
        compileText(text.slice(0, from) + by + text.slice(from + length));
      } catch (error) {
        expect(error).toBeInstanceOf(CompileError);
      }
    }),
    { numRuns: 40 },
  );
});
