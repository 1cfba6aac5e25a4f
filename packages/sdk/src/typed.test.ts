import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { compileText, emitTypes } from "@hotmesh/core/compiler";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import type { HotMesh } from "./hotmesh.js";
import { typed, typedWorkers } from "./typed.js";

const orchard = `
app:
  id: orchard
  version: '1'
  graphs:
    - subscribes: fruit.pick
      publishes: fruit.picked
      input:
        schema:
          type: object
          required: [kg, kind]
          additionalProperties: false
          properties:
            kg: { type: number }
            kind: { enum: [plum, pear] }
            tags: { type: array, items: { type: string } }
      output: { schema: { type: object, required: [boxes], properties: { boxes: { type: integer } } } }
      activities:
        tree: { type: trigger }
        weigh:
          type: worker
          topic: scale.read
          input: { schema: { type: object, required: [kg], properties: { kg: { type: number } } } }
          output: { schema: { type: object, required: [gross], properties: { gross: { type: number } } } }
        any: { type: worker, topic: scale.reset }
        ripe:
          type: hook
          hook: { type: object, required: [by], properties: { by: { type: string } } }
      transitions:
        tree: [ { to: weigh }, { to: any }, { to: ripe } ]
      hooks:
        fruit.ripe: [ { to: ripe, conditions: { match: [ { expected: 1, actual: '{$self.hook.data.by}' } ] } } ]
    - subscribes: fruit.count
      activities: { counted: { type: trigger } }
    - subscribes: fruit.sort
      input: { schema: { type: object, properties: { by: { $ref: '#/$defs/order' } },
        $defs: { order: { type: object, properties: { then: { $ref: '#/$defs/order' }, field: { type: string } } } } } }
      activities: { sorted: { type: trigger } }
`;

const head = `
import type { HotMesh } from "./hotmesh.js";
import { typed, typedWorkers, type TypedWorker } from "./typed.js";
import type { App } from "./app.js";
declare const hotMesh: HotMesh;
const mesh = typed<App>(hotMesh);
`;

const right = {
  "a whole payload": `await mesh.pub("fruit.pick", { kg: 1, kind: "plum", tags: ["a"] });`,
  "a payload that may be empty": `await mesh.pub("fruit.count"); await mesh.pub("fruit.count", { any: 1 });`,
  "where the job comes from": `await mesh.pub("fruit.pick", { kg: 1, kind: "pear", originJobId: "x" });`,
  "the other arguments of pub": `await mesh.pub("fruit.pick", { kg: 1, kind: "pear" }, null, { pending: 60 });`,
  "the other arguments of pubsub": `await mesh.pubsub("fruit.count", {}, null, 500, { final: true });`,
  "a result": `const boxes: number | undefined = (await mesh.pubsub("fruit.pick", { kg: 1, kind: "plum" })).data?.boxes;
    console.log(boxes);`,
  "a result without schema": `const x: unknown = (await mesh.pubsub("fruit.count")).data?.["anything"];
    console.log(x);`,
  "a recursive payload": `await mesh.pub("fruit.sort", { by: { field: "kg", then: { then: { field: "kind" } } } });`,
  "a signal": `await mesh.signal("fruit.ripe", { by: "sun" }, "success", 200);`,
  "a signal that expires": `await mesh.signal("fruit.ripe", { by: "sun", $expire: "2h" });`,
  "a subscription": `await mesh.sub("fruit.picked", (_, { data }) => {
    const n: number | undefined = data?.boxes;
    return n;
  });`,
  "a subscription to one job": `await mesh.sub("fruit.picked.j1", (_, { data }) => data?.boxes.toFixed());`,
  "what has no types of its own": `await mesh.getStatus("j1");
    await mesh.interrupt("fruit.pick", "j1");`,
  "a worker": `const weigh: TypedWorker<App, "scale.read"> = async ({ data, metadata }) => {
    console.log(metadata.guid);
    return { data: { gross: data.kg + 1 } };
  };
  console.log(typedWorkers<App>({ "scale.read": weigh }));`,
  "workers by topic": `console.log(typedWorkers<App>({
    "scale.read": async ({ data }) => ({ code: 206, data: { gross: data.kg } }),
    "scale.reset": async () => {},
  }));`,
  "an answer without data where they may be empty": `typedWorkers<App>({
    "scale.reset": async () => ({ code: 201 }),
  });`,
  "an error": `typedWorkers<App>({
    "scale.read": async () => ({ status: "error", code: 500, data: { message: "no" } }),
  });`,
};

const wrong = {
  "a topic that nobody subscribes to": `await mesh.pub("fruit.pik", { kg: 1, kind: "plum" });`,
  "no payload": `await mesh.pub("fruit.pick");`,
  "a missing field": `await mesh.pub("fruit.pick", { kg: 1 });`,
  "a field of another type": `await mesh.pub("fruit.pick", { kg: "1", kind: "plum" });`,
  "a value that is not allowed": `await mesh.pub("fruit.pick", { kg: 1, kind: "apple" });`,
  "a field that does not exist": `await mesh.pub("fruit.pick", { kg: 1, kind: "plum", weight: 2 });`,
  "a list with the wrong items": `await mesh.pub("fruit.pick", { kg: 1, kind: "plum", tags: [1] });`,
  "a payload that is no map": `await mesh.pub("fruit.count", "x");`,
  "a mistake deep in a recursive payload": `await mesh.pub("fruit.sort", { by: { then: { then: { field: 1 } } } });`,
  "extras that do not exist": `await mesh.pub("fruit.pick", { kg: 1, kind: "plum" }, null, { pending: "1 h" });`,
  "pubsub with a missing field": `await mesh.pubsub("fruit.pick", { kind: "plum" });`,
  "pubsub on an unknown topic": `await mesh.pubsub("fruit.eat", {});`,
  "a result that is not there": `console.log((await mesh.pubsub("fruit.pick", { kg: 1, kind: "plum" })).data?.crates);`,
  "a result that may be absent": `console.log((await mesh.pubsub("fruit.pick", { kg: 1, kind: "plum" })).data.boxes);`,
  "a result of another type": `const { data } = await mesh.pubsub("fruit.pick", { kg: 1, kind: "plum" });
    const t: string | undefined = data?.boxes;
    console.log(t);`,
  "an unknown signal": `await mesh.signal("fruit.rip", { by: "sun" });`,
  "a signal without its field": `await mesh.signal("fruit.ripe", {});`,
  "a signal with a field of another type": `await mesh.signal("fruit.ripe", { by: 5 });`,
  "a signal of another status": `await mesh.signal("fruit.ripe", { by: "sun" }, "done");`,
  "a publication that does not exist": `await mesh.sub("fruit.sold", () => {});`,
  "a publication with another field": `await mesh.sub("fruit.picked", (_, { data }) => data?.crates);`,
  "a worker of an unknown topic": `typedWorkers<App>({ "scale.tare": async () => {} });`,
  "a worker type of an unknown topic": `export type W = TypedWorker<App, "scale.tare">;`,
  "a worker that reads what is not sent": `typedWorkers<App>({
    "scale.read": async ({ data }) => ({ data: { gross: data.lb } }),
  });`,
  "a worker that answers another type": `typedWorkers<App>({ "scale.read": async () => ({ data: { gross: "1" } }) });`,
  "a worker that forgets a field": `typedWorkers<App>({ "scale.read": async () => ({ data: {} }) });`,
  "a worker that answers without data": `typedWorkers<App>({ "scale.read": async () => ({ code: 200 }) });`,
  "types that are no app's": `typed<{ topics: {} }>(hotMesh);`,
};

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "..", "..");
/** What the types of a mesh are made of. Other modules hold none of them, and are left out to be quick. */
const needed = new Map([
  ["@hotmesh/core", join(packages, "core", "src", "job", "output.ts")],
  ["@hotmesh/worker", join(packages, "core", "src", "work", "stream-data.ts")],
  ["./hotmesh.js", join(here, "hotmesh.ts")],
  ["./typed.js", join(here, "typed.ts")],
  ["./config.js", join(here, "config.ts")],
  ["./start-request.js", join(here, "start-request.ts")],
  ["./app.js", join(here, "app.d.ts")],
]);

/** What the compiler says of each file: those given exist in memory, as if they lay in this folder. */
function check(texts: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const files = new Map([...texts].map(([name, text]) => [join(here, name), text]));
  const options: ts.CompilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ["lib.es2023.d.ts"],
    types: [],
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(resolve(path)) || fileExists(path);
  host.readFile = (path) => files.get(resolve(path)) ?? readFile(path);
  host.getSourceFile = (path, language, ...rest) => {
    const text = files.get(resolve(path));
    return text === undefined ? getSourceFile(path, language, ...rest) : ts.createSourceFile(path, text, language);
  };
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      const path =
        needed.get(text) ?? (from.includes("/core/") ? join(dirname(from), text.replace(/js$/, "ts")) : null);
      const resolvedModule = path === null ? undefined : { resolvedFileName: path, extension: extensionOf(path) };
      return { resolvedModule };
    });
  const program = ts.createProgram([...files.keys()], options, host);
  return new Map(
    [...files.keys()].map((path) => {
      const file = program.getSourceFile(path);
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [
        path.slice(here.length + 1),
        found.map((each) => ts.flattenDiagnosticMessageText(each.messageText, "\n")),
      ];
    }),
  );
}

function extensionOf(path: string): string {
  return path.endsWith(".d.ts") ? ts.Extension.Dts : ts.Extension.Ts;
}

const fileOf = (name: string): string => `${name.replaceAll(" ", "-")}.ts`;
const cases = Object.entries({ ...right, ...wrong });
const console = "declare const console: { log(...values: unknown[]): void };\n";

const found = check(
  new Map([
    ["app.d.ts", emitTypes(compileText(orchard))],
    ...cases.map(([name, code]): [string, string] => [fileOf(name), `${head}${console}${code}\nexport {};\n`]),
  ]),
);
/** Each case stands at the same line, and not every case uses everything above it. */
const problems = (name: string) => found.get(fileOf(name)) ?? ["the case was not checked"];

test("what is emitted compiles by itself", () => {
  expect(found.get("app.d.ts")).toEqual([]);
});

describe("right uses compile", () => {
  test.each(Object.keys(right))("%s", (name) => {
    expect(problems(name)).toEqual([]);
  });
});

describe("wrong uses do not", () => {
  test.each(Object.keys(wrong))("%s", (name) => {
    const texts = problems(name);

    expect(texts).toHaveLength(1);
    expect(texts[0]).not.toMatch(/Cannot find|not checked/);
  });
});

interface Demo {
  topics: Record<never, never>;
  workers: { "scale.read": { input: { kg: number }; output: { gross: number } } };
  signals: Record<never, never>;
  publishes: Record<never, never>;
}

test("at run time a typed mesh is the mesh, and typed workers are entries of the configuration", async () => {
  const mesh = {} as HotMesh;
  const callback = async () => ({ data: { gross: 1 } });

  expect(typed<Demo>(mesh)).toBe(mesh);
  expect(typedWorkers<Demo>({ "scale.read": callback })).toEqual([{ topic: "scale.read", callback }]);
});
