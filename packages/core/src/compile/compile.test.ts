import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadDocument } from "../document/resolve-refs.js";
import { CompileError } from "../errors.js";
import { compile, compileText } from "./compile.js";
import type { Diagnostic } from "./diagnostic.js";

const short = ({ line, column, code, path }: Diagnostic): string => `${line}:${column} ${code} ${path}`;

function refusal(text: string): CompileError {
  try {
    compileText(text);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error("the document compiled");
}

const plums = `app:
  id: specex
  version: '9'
  graphs:
    - subscribes: plum.pick
      activities:
        tree: { type: trigger }
        pick: { type: worker, topic: plum.hand, input: { maps: { kg: '{tre.output.data.kg}' } } }
        sort:
          type: hook
          job:
            maps:
              n:
                '@pipe':
                  - ['{pick.output.data.n}', 1]
                  - ['{@math.ad}']
      transitions:
        tree: [ { to: pick } ]
        pick: [ { to: sort }, { to: sorted, conditions: { code: 404 } } ]
    - subscribes: plum.pick
      input: { schema: { type: objekt } }
      activities:
        sort: { type: emit }
`;

describe("16.33 located compile errors", () => {
  test("every problem of a document is reported at once, in document order, each at its place", () => {
    const { problems } = refusal(plums);

    expect(problems.map(short)).toEqual([
      "8:70 unknown-reference app.graphs[0].activities.pick.input.maps.kg",
      '16:22 unknown-function app.graphs[0].activities.sort.job.maps.n["@pipe"][1][0]',
      "19:37 unknown-activity app.graphs[0].transitions.pick[1].to",
      "20:19 duplicate-topic app.graphs[1].subscribes",
      "21:32 bad-schema app.graphs[1].input.schema.type",
      "23:9 duplicate-activity app.graphs[1].activities.sort",
      "23:9 no-trigger app.graphs[1].activities",
      "23:23 unknown-type app.graphs[1].activities.sort.type",
    ]);
  });

  test("a problem says what was found, what was expected, and what is near", () => {
    const texts = refusal(plums).problems.map(({ message, hint }) => `${message} | ${hint}`);

    expect(texts[0]).toMatch(/no activity tre.* \| .*\btree\b/);
    expect(texts[1]).toMatch(/math\.ad\b.* \| .*math\.add/);
    expect(texts[2]).toMatch(/no activity sorted.* \| .*\bsort\b/);
    expect(texts[3]).toMatch(/plum\.pick is taken by app\.graphs\[0\]/);
    expect(texts[4]).toMatch(/"objekt" is no JSON Schema type/);
    expect(texts[5]).toMatch(/sort is defined before, at 9:9/);
    expect(texts[6]).toMatch(/needs exactly one/);
    expect(texts[7]).toMatch(/"emit".*trigger, worker, await, hook, signal, interrupt, cycle/);
  });

  test("the warnings of a refused document come with the error", () => {
    expect(refusal(plums).warnings.map(short)).toEqual(["19:17 unconditional-edge app.graphs[0].transitions.pick[0]"]);
  });

  test("the error reads as a list of what is wrong", () => {
    const error = refusal(plums);

    expect(error).toMatchObject({ kind: "compile-failed", code: 422 });
    expect(error.message).toContain("the document has 8 problems\n  8:70 unknown-reference at");
  });
});

describe("the catalogue of examples", () => {
  const text = readFileSync(fileURLToPath(new URL("../testing/spec/examples.yaml", import.meta.url)), "utf8");

  test("compiles with its two unconditional edges as the only warnings", () => {
    const { warnings } = compileText(text, { app: "specex" });

    expect(warnings.map(({ code, message }) => `${code}: ${message.split(" has ")[0]}`)).toEqual([
      "unconditional-edge: the edge from launch to land",
      "unconditional-edge: the edge from leg to sub",
    ]);
  });

  test("gives the same plan each time, plain JSON through and through", () => {
    const { plan } = compileText(text);

    expect(compileText(text).plan).toEqual(plan);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(plan).toMatchObject({ format: 1, app: "specex", version: "1" });
    expect(plan.graphs).toHaveLength(37);
  });

  test("has a manifest with the graphs as they were written", () => {
    const { manifest } = compileText(text);

    expect(manifest.app).toMatchObject({ id: "specex", version: "1", settings: null });
    expect(manifest.app.graphs[0]).toEqual({ subscribes: "bell.ring", activities: { bell: { type: "trigger" } } });
  });
});

test("a document as deep as documents may be compiles", () => {
  const deep = `${"[".repeat(590)}1${"]".repeat(590)}`;
  const graph = `{ subscribes: t, activities: { a: { type: trigger, job: { maps: { x: ${deep} } } } } }`;
  const text = `app: { id: demo, version: 1, settings: ${deep}, graphs: [ ${graph} ] }`;

  expect(compileText(text).plan.id).toHaveLength(43);
});

describe("the identity of a plan", () => {
  const one = `# a comment
app:
  id: demo
  version: '1.10'
  settings: { b: 1, a: 2 }
  graphs:
    - subscribes: t
      expire: 60
      activities:
        a: { type: trigger, stats: { id: '{$self.input.data.id}', key: k } }
        b: { type: worker, topic: w, retry: { '503': [2] }, input: { maps: { x: '{a.output.data.x}' } } }
      transitions: { a: [ { to: b, conditions: { code: 200, gate: or } } ] }
`;
  const other = `{"app": {"graphs": [{"transitions": {"a": [{"conditions": {"gate": "or", "code": 200}, "to": "b"}]},
    "title": "documentation does not count",
    "activities": {"a": {"stats": {"key": "k", "id": "{$self.input.data.id}"}, "type": "trigger"},
      "b": {"retry": {"503": [2]}, "input": {"maps": {"x": "{a.output.data.x}"}}, "topic": "w", "type": "worker"}},
    "expire": 60, "subscribes": "t"}],
    "version": "1.10", "settings": {"a": 2, "b": 1}, "id": "demo"}}`;

  test("does not depend on formatting, comments, or the order of keys", () => {
    expect(compileText(other).plan.id).toBe(compileText(one).plan.id);
    expect(compileText(one).plan.id).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test.each([
    ["app", "id: demo", "id: demo2"],
    ["version", "'1.10'", "'1.11'"],
    ["settings", "a: 2", "a: 3"],
    ["expression", "{a.output.data.x}", "{a.output.data.y}"],
    ["edge", "code: 200", "code: 201"],
    ["expiry", "expire: 60", "expire: 61"],
  ])("changes with its %s", (_what, from, to) => {
    expect(compileText(one.replace(from, to)).plan.id).not.toBe(compileText(one).plan.id);
  });
});

describe("documents in files", () => {
  const files: Readonly<Record<string, string>> = {
    "app.yaml": "app:\n  id: orchard\n  version: '3'\n  graphs:\n    - $ref: ./pick.yaml\n",
    "pick.yaml":
      "subscribes: fruit.pick\ninput: { schema: { $ref: 'schemas.yaml#/pickIn' } }\n" +
      "activities:\n  start: { type: trigger }\n" +
      "  weigh:\n    type: worker\n    topic: scale.read\n    input: { maps: { $ref: 'maps.yaml#/weigh' } }\n" +
      "transitions:\n  start: [ { to: weigh } ]\n",
    "schemas.yaml": "pickIn: { type: object }\n",
    "maps.yaml": "weigh:\n  kg: '{start.output.data.kg}'\n",
  };
  const load = (changed: Readonly<Record<string, string>> = {}) =>
    loadDocument({ text: { ...files, ...changed }["app.yaml"] ?? "", file: "app.yaml" }, async (file) => {
      const name = file.replace("./", "");
      const text = { ...files, ...changed }[name];
      if (text === undefined) throw new Error("no such file");
      return { file: name, text };
    });

  test("give the plan of the same document written in one piece", async () => {
    const whole = `app: { id: orchard, version: '3', graphs: [ {
      subscribes: fruit.pick,
      input: { schema: { type: object } },
      activities: {
        start: { type: trigger },
        weigh: { type: worker, topic: scale.read, input: { maps: { kg: '{start.output.data.kg}' } } }
      },
      transitions: { start: [ { to: weigh } ] } } ] }`;

    expect(compile(await load()).plan).toEqual(compileText(whole).plan);
  });

  test("problems name the file, the line and the place in the whole document", async () => {
    const loaded = await load({
      "maps.yaml": "weigh:\n  kg: '{strat.output.data.kg}'\n",
      "schemas.yaml": "pickIn:\n  type: objekt\n",
    });

    expect(() => compile(loaded, { app: "garden" })).toThrow(CompileError);
    try {
      compile(loaded, { app: "garden" });
    } catch (error) {
      const problems = error instanceof CompileError ? error.problems : [];
      expect(problems.map((p) => `${p.file}:${short(p)}`)).toEqual([
        "app.yaml:2:7 app-mismatch app.id",
        "schemas.yaml:2:9 bad-schema app.graphs[0].input.schema.type",
        "maps.yaml:2:7 unknown-reference app.graphs[0].activities.weigh.input.maps.kg",
      ]);
    }
  });

  test("nothing is said about what a bad reference hides", async () => {
    const loaded = await load({
      "app.yaml": "app:\n  id: orchard\n  version: ''\n  graphs:\n    - $ref: ./none.yaml\n",
    });
    const caught = (() => {
      try {
        return compile(loaded);
      } catch (error) {
        return error;
      }
    })();

    expect(caught instanceof CompileError && caught.problems.map(short)).toEqual([
      "3:12 bad-value app.version",
      "5:13 bad-ref app.graphs[0].$ref",
    ]);
  });
});
