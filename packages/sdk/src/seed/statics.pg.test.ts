import { resolve } from "node:path";
import { Client } from "pg";
import ts from "typescript";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import * as sdk from "../index.js";
import { HotMesh } from "../index.js";
import { connection, SeedApp } from "../testing/seed-app.js";

const statics = ["disconnecting", "guid", "init", "stop"];
/** How many parameters each takes, those with a default and those after it left out. */
const methods: Readonly<Record<string, number>> = {
  ...{ activate: 1, add: 1, deploy: 1, getQueryState: 2, getRaw: 1, getState: 2, interrupt: 2, psub: 2, pub: 1 },
  ...{ pubQuorum: 1, pubsub: 1, rollCall: 0, signal: 2, stop: 0, sub: 2, subQuorum: 1, throttle: 1, unsubQuorum: 1 },
};

let app: SeedApp;

beforeAll(async () => {
  app = await SeedApp.open("seedstatic");
});

afterAll(() => app.close());

const openAs = async (name: string): Promise<number> =>
  (await app.sql("select pid from pg_stat_activity where application_name = $1", [name])).length;

test("S104 init makes an instance, and is a member of the class alone", async () => {
  const mesh = await HotMesh.init({ appId: app.appId, logLevel: "silent", engine: { connection: connection() } });

  expect(mesh).toBeInstanceOf(HotMesh);
  expect([Object.hasOwn(HotMesh, "init"), "init" in mesh]).toEqual([true, false]);
  expect((await mesh.rollCall(200)).map(({ engine_id: id }) => id)).toContain(mesh.guid);
  await mesh.stop();
});

test("S105 guid returns a new unique id, of the form that ids of jobs have", async () => {
  const ids = Array.from({ length: 10_000 }, () => HotMesh.guid());

  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^H[A-Za-z0-9_-]{22}$/.test(id))).toEqual([]);
});

test("S106 S107 stop stops everything of this process, and disconnecting tells it to anyone meanwhile", async () => {
  const name = `${app.appId} stopped`;
  const own = { class: Client, options: { ...connection().options, application_name: name } };
  const callback = async () => ({ data: {} });
  const worker = { topic: "label.print", connection: own, callback };
  const [one, two] = [
    await HotMesh.init({ appId: app.appId, guid: "one", logLevel: "silent", engine: { connection: own } }),
    await HotMesh.init({ appId: app.appId, guid: "two", logLevel: "silent", workers: [worker] }),
  ];
  const there = await app.join("elsewhere", []);
  const members = async (): Promise<readonly string[]> =>
    ((await there.call("rollCall", 400)) as readonly { engine_id: string }[]).map(({ engine_id: id }) => id).sort();
  expect(await members()).toEqual(["desk", "elsewhere", "one", "two"]);
  expect([HotMesh.disconnecting, await openAs(name)]).toEqual([false, expect.any(Number)]);

  const stopping = HotMesh.stop();
  expect(HotMesh.disconnecting).toBe(true);
  await stopping;

  expect(HotMesh.disconnecting).toBe(false);
  expect(await members()).toEqual(["elsewhere"]);
  await vi.waitFor(async () => expect(await openAs(name)).toBe(0));
  for (const mesh of [one, two, app.desk]) await expect(mesh.rollCall(20)).rejects.toMatchObject({ kind: "stopped" });
});

/** What the reference is made from: the docstrings of the public class, those of its interfaces too. */
function readReference() {
  const entry = resolve(import.meta.dirname, "..", "index.ts");
  const program = ts.createProgram([entry], {
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, noEmit: true },
    ...{ target: ts.ScriptTarget.ES2023, strict: true, skipLibCheck: true, types: ["node"] },
  });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(entry);
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  const exported = module === undefined ? [] : checker.getExportsOfModule(module);
  const alias = exported.find(({ name }) => name === "HotMesh");
  if (alias === undefined) throw new Error("the package exports no HotMesh");
  const symbol = checker.getAliasedSymbol(alias);
  const ofInstances = checker.getDeclaredTypeOfSymbol(symbol);
  return {
    exported: exported.map(({ name }) => name),
    /** The text of a member's docstring with its tags, and the names of its parameters. */
    member: (name: string, isStatic: boolean) => {
      const member = isStatic ? symbol.exports?.get(ts.escapeLeadingUnderscores(name)) : ofInstances.getProperty(name);
      if (member === undefined) return { text: "", parameters: [] };
      const tags = member.getJsDocTags(checker).map(({ text }) => ts.displayPartsToString(text));
      const [signature] = checker.getTypeOfSymbol(member).getCallSignatures();
      return {
        text: [ts.displayPartsToString(member.getDocumentationComment(checker)), ...tags].join("\n"),
        parameters: (signature?.parameters ?? []).map((parameter) => parameter.name.replace(/^_/, "")),
      };
    },
  };
}

let known: ReturnType<typeof readReference> | null = null;

/** Reading all types takes seconds. */
function reference(): ReturnType<typeof readReference> {
  known ??= readReference();
  return known;
}

test("S109 every public member has a docstring that tells of its parameters", { timeout: 60_000 }, () => {
  const { member } = reference();
  const all = [
    ...statics.map((name) => [name, true] as const),
    ...Object.keys(methods).map((name) => [name, false] as const),
  ];

  const missing = all.flatMap(([name, isStatic]) => {
    const { text, parameters } = member(name, isStatic);
    if (text.trim() === "") return [name];
    return parameters
      .filter((parameter) => !new RegExp(`\\b${parameter}\\b`).test(text))
      .map((each) => `${name} ${each}`);
  });

  expect(missing).toEqual([]);
});

test("S110 every name of the reference is a member or is exported, and takes what it should", {
  timeout: 60_000,
}, () => {
  const { exported } = reference();
  const prototype: Readonly<Record<string, unknown>> = Object.fromEntries(
    Object.keys(methods).map((name) => [name, Reflect.get(HotMesh.prototype, name)]),
  );

  expect(statics.filter((name) => !Object.hasOwn(HotMesh, name))).toEqual([]);
  expect([HotMesh.guid.length, HotMesh.init.length, HotMesh.stop.length]).toEqual([0, 1, 0]);
  expect(
    Object.fromEntries(
      Object.entries(prototype).map(([name, value]) => [name, typeof value === "function" ? value.length : value]),
    ),
  ).toEqual(methods);
  expect(exported).toEqual(
    expect.arrayContaining([
      "ExtensionType",
      "JobState",
      "QuorumMessage",
      "QuorumProfile",
      "StreamData",
      "StreamDataResponse",
    ]),
  );
  expect(sdk.StreamStatus.SUCCESS).toBe("success");
});
