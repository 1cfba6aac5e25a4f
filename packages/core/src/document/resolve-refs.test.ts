import { describe, expect, test } from "vitest";
import type { ReadFile } from "./loaded-document.js";
import { loadDocument, loadInline } from "./resolve-refs.js";
import { placeAt, plainValue, type SourceNode } from "./source-node.js";

/** Files in one folder, and whatever `http:` names. */
function folder(files: Readonly<Record<string, string>>): { readonly read: ReadFile; readonly log: string[] } {
  const log: string[] = [];
  const read: ReadFile = async (file, from) => {
    const base = from?.includes("/") ? from.slice(0, from.lastIndexOf("/") + 1) : "";
    const name = file.startsWith("http") ? file : normal(`${base}${file}`);
    log.push(`${from} → ${name}`);
    if (name.startsWith("..")) throw new Error("it is outside of the folder");
    const text = files[name];
    if (text === undefined) throw new Error("no such file");
    return { file: name, text };
  };
  return { read, log };
}

function normal(path: string): string {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.at(-1) === undefined || steps.at(-1) === ".." ? steps.push(step) : steps.pop();
    else if (step !== ".") steps.push(step);
  }
  return steps.join("/");
}

async function load(files: Readonly<Record<string, string>>) {
  const main = files["app.yaml"] ?? "";
  const { root, problems } = await loadDocument({ text: main, file: "app.yaml" }, folder(files).read);
  const found = problems.map((p) => `${p.file}:${p.line}:${p.column} ${p.code} ${p.path}: ${p.message}`);
  return { value: root && plainValue(root), root, problems: found };
}

const at = (root: SourceNode | null, path: readonly (string | number)[]): unknown => root && placeAt(root, path);

describe("references in files", () => {
  test("a path is relative to the file that contains it", async () => {
    const { value, problems } = await load({
      "app.yaml": "app: { graphs: [ { $ref: ./graphs/pick.yaml } ] }",
      "graphs/pick.yaml": "maps: { $ref: '../maps/fruit.yaml#/weigh' }",
      "maps/fruit.yaml": "weigh: { kg: 1 }",
    });

    expect(problems).toEqual([]);
    expect(value).toEqual({ app: { graphs: [{ maps: { kg: 1 } }] } });
  });

  test("a fragment is a JSON pointer, and # alone is the same file", async () => {
    const { value } = await load({
      "app.yaml":
        "a: { $ref: '#/lib/x~1y/1' }\nb: { $ref: 'b.yaml#' }\nc: { $ref: '#/lib/a%20b' }\n" +
        "lib: { x/y: [ 1, { n: 2 } ], a b: 3 }",
      "b.yaml": "own: { $ref: '#/deep' }\ndeep: 4",
    });

    expect(value).toMatchObject({ a: { n: 2 }, b: { own: 4, deep: 4 }, c: 3 });
  });

  test("nodes keep the file, line and column they were written at", async () => {
    const { root } = await load({ "app.yaml": "a: { $ref: b.yaml }", "b.yaml": "\n\nx: 1\n" });

    expect(at(root, ["a", "x"])).toEqual({ file: "b.yaml", line: 3, column: 4 });
    expect(at(root, [])).toEqual({ file: "app.yaml", line: 1, column: 1 });
  });

  test("a reference may lead through another one", async () => {
    const { value } = await load({
      "app.yaml": "a: { $ref: '#/b/x' }\nb: { $ref: 'c.yaml#/in' }",
      "c.yaml": "in: { x: { $ref: '#/far' } }\nfar: { y: 1 }",
    });

    expect(value).toMatchObject({ a: { y: 1 }, b: { x: { y: 1 } } });
  });

  test("what stands beside $ref is laid over the target", async () => {
    const { value } = await load({
      "app.yaml": "a: { $ref: '#/b', x: 9, z: { $ref: '#/n' } }\nb: { x: 1, y: 2 }\nn: 5",
    });

    expect(value).toMatchObject({ a: { x: 9, y: 2, z: 5 } });
  });

  test("a file is read for each place that names it, and one text may be used many times", async () => {
    const { value } = await load({ "app.yaml": "[ { $ref: b.yaml }, { $ref: b.yaml } ]", "b.yaml": "x: 1" });

    expect(value).toEqual([{ x: 1 }, { x: 1 }]);
  });

  test("the loader decides what a URL means", async () => {
    const { value } = await load({
      "app.yaml": "a: { $ref: 'https://x.test/a.yaml#/k' }",
      "https://x.test/a.yaml": "k: 1",
    });

    expect(value).toEqual({ a: 1 });
  });

  test("a property that is called $ref is no reference", async () => {
    const { value, problems } = await load({ "app.yaml": "properties: { $ref: { type: string } }" });

    expect(problems).toEqual([]);
    expect(value).toEqual({ properties: { $ref: { type: "string" } } });
  });

  test("a reference inside a schema that only the schema can resolve is left to it", async () => {
    const schema = "{ $defs: { n: { type: number } }, properties: { a: { $ref: '#/$defs/n' } } }";
    const { value, problems } = await load({ "app.yaml": `app: { graphs: [ { input: { schema: ${schema} } } ] }` });

    expect(problems).toEqual([]);
    expect(value).toMatchObject({
      app: { graphs: [{ input: { schema: { properties: { a: { $ref: "#/$defs/n" } } } } }] },
    });
  });
});

describe("bad references", () => {
  test.each([
    [
      "a missing file",
      { "app.yaml": "a: { $ref: no.yaml }" },
      ['app.yaml:1:12 bad-ref a.$ref: "no.yaml" cannot be read: no such file'],
    ],
    [
      "a missing key",
      { "app.yaml": "a: { $ref: '#/b/c' }\nb: {}" },
      ['app.yaml:1:12 bad-ref a.$ref: "#/b/c" has no target: there is no "c"'],
    ],
    [
      "a fragment that is no pointer",
      { "app.yaml": "a: { $ref: '#b' }" },
      ['app.yaml:1:12 bad-ref a.$ref: the fragment of "#b" is no JSON pointer'],
    ],
    [
      "a file outside of the folder",
      { "app.yaml": "a: { $ref: ../secret.yaml }" },
      ['app.yaml:1:12 bad-ref a.$ref: "../secret.yaml" cannot be read: it is outside of the folder'],
    ],
    [
      "a circle of one",
      { "app.yaml": "a: { $ref: '#/a' }" },
      ['app.yaml:1:12 bad-ref a.$ref: "#/a" refers to itself: app.yaml#/a → app.yaml#/a'],
    ],
  ])("%s is reported at the reference", async (_name, files, expected) => {
    expect((await load(files)).problems).toEqual(expected);
  });

  test("a circle through several files is reported once, where it closes", async () => {
    const { problems } = await load({
      "app.yaml": "a: { $ref: b.yaml }",
      "b.yaml": "x: { $ref: c.yaml }",
      "c.yaml": "y: { $ref: b.yaml }",
    });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("bad-ref a.x.y.x.$ref");
  });

  test("a target that contains the reference is a circle", async () => {
    const { problems } = await load({ "app.yaml": "a:\n  b: { $ref: '#/a' }" });

    expect(problems.map((text) => text.split(" ")[1])).toEqual(["bad-ref"]);
  });

  test("the defects of a referenced file carry its name, and are told once", async () => {
    const { problems } = await load({
      "app.yaml": "- { $ref: b.yaml }\n- { $ref: b.yaml }",
      "b.yaml": "x: 1\nx: 2\n",
    });

    expect(problems.map((text) => text.split(":").slice(0, 3).join(":"))).toEqual([
      "b.yaml:2:1 malformed-yaml x",
      "app.yaml:1:11 bad-ref [0].$ref",
      "app.yaml:2:11 bad-ref [1].$ref",
    ]);
  });

  test("references that nest without end are refused", async () => {
    const levels = Array.from({ length: 800 }, (_, n) => `a${n + 1}: [ { $ref: '#/a${n}' } ]\n`);
    const { problems } = await load({
      "app.yaml": "{ $ref: 'lib.yaml#/a800' }",
      "lib.yaml": `a0: x\n${levels.join("")}`,
    });

    expect(problems[0]).toContain("the references nest lists and maps deeper than 600 levels");
  });

  test("references that multiply are refused", async () => {
    const levels = Array.from({ length: 30 }, (_, n) => `a${n + 1}: [ { $ref: '#/a${n}' }, { $ref: '#/a${n}' } ]\n`);
    const { problems } = await load({ "app.yaml": `a0: x\n${levels.join("")}` });

    expect(problems[0]).toContain("bad-ref");
  });
});

describe("inline text", () => {
  test("$ref is not resolved, and a warning says so", () => {
    const { root, warnings } = loadInline({ text: "app:\n  graphs: [ { $ref: ./pick.yaml } ]\n" });

    expect(root && plainValue(root)).toEqual({ app: { graphs: [{ $ref: "./pick.yaml" }] } });
    expect(warnings).toMatchObject([
      { severity: "warning", code: "inline-ref", path: "app.graphs[0].$ref", line: 2, column: 21 },
    ]);
  });

  test("inside a JSON Schema there is no warning", () => {
    const graph = [
      "input: { schema: { $ref: '#/a' } }",
      "output: { 422: { schema: { $ref: '#/a' } } }",
      "activities: { a: { hook: { $ref: '#/a' }, output: { schema: { x: { $ref: '#/a' } } } } }",
    ];

    expect(loadInline({ text: `app: { graphs: [ { ${graph.join(", ")} } ] }` }).warnings).toEqual([]);
  });

  test("loading without a way to read is loading inline", async () => {
    expect((await loadDocument({ text: "a: { $ref: b }" })).warnings).toHaveLength(1);
  });
});
