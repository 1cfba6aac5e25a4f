import { codePlan, codePlanVersion } from "@hotmesh/core";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HotMesh } from "../hotmesh.js";
import { meshes } from "../meshes.js";
import type { SystemEvent } from "../system-events.js";
import { DurableScene } from "../testing/durable-scene.js";
import { Durable } from "./durable.js";
import { workflow } from "./workflow.js";

const scene = new DurableScene("client");

const functions = {
  async waiting(id: string) {
    return workflow.condition(id);
  },
  async ring(id: string, value: unknown) {
    await workflow.signal(id, value);
  },
  async tag() {
    await (await workflow.search()).set({ glaze: "salt" });
    return (await workflow.search()).get("kiln");
  },
};

beforeAll(() => scene.work("desk", functions));
afterAll(() => scene.close());

const start = (name: string, over = {}) => scene.start("desk", name, over);
const hook = (over: object) =>
  scene.client.workflow.hook({ namespace: scene.namespace, taskQueue: "desk", args: [], workflowId: "", ...over });

test("a hook runs another function inside of a workflow", async () => {
  const handle = await start("waiting", { args: ["hooked"] });

  const id = await hook({ workflowId: handle.workflowId, workflowName: "ring", args: ["hooked", { by: "hook" }] });

  expect(id).toEqual(expect.any(String));
  expect(await handle.result()).toEqual({ by: "hook" });
});

test("search data comes with a start and with a hook, and is read by a handle", async () => {
  const search = { data: { kiln: "north" } };
  const handle = await start("waiting", { args: ["searched"], search });
  expect(await handle.queryState(["kiln", "shelf"])).toEqual({ kiln: "north", shelf: null });

  await hook({
    workflowId: handle.workflowId,
    workflowName: "ring",
    args: ["searched", 1],
    search: { data: { shelf: "3" } },
  });

  expect(await handle.result()).toBe(1);
  expect(await handle.queryState(["kiln", "shelf"])).toEqual({ kiln: "north", shelf: "3" });
  expect(await scene.run("desk", "tag", { search })).toBe("north");
});

test("who is over, missing, or takes no hooks refuses them, and no later workflow of the id gets them", async () => {
  const over = await start("waiting", { args: ["over"], expire: 1 });
  await over.signal("over", 1);
  await over.result();
  const deaf = await start("waiting", { args: ["deaf"], signalIn: false });
  const ring = { workflowName: "ring", args: ["later", 1] };

  for (const { workflowId } of [over, deaf, { workflowId: "nobody" }]) {
    await expect(hook({ workflowId, ...ring })).rejects.toMatchObject({ kind: "hook-closed", code: 409 });
  }
  const later = await start("waiting", { args: ["later"], workflowId: "nobody" });
  await later.terminate({ throw: false });
  expect(await scene.rows("signals where topic = 'workflow.hook'")).toEqual([]);
});

test("SQL runs on the views of the namespace", async () => {
  const handle = await start("waiting", { args: ["sql"], search: { data: { custom1: "blue" } } });
  const sql = "select j.id from jobs j join jobs_attributes a on a.job_id = j.id where a.symbol = $1 and a.value = $2";

  const rows = await scene.client.workflow.search("desk", "waiting", scene.namespace, "any", sql, "_custom1", "blue");

  expect(rows).toEqual([{ id: handle.workflowId }]);
  await handle.terminate();
});

test("a pending workflow starts when it is resumed", async () => {
  const handle = await start("tag", { pending: 60, search: { data: { kiln: "south" } } });
  expect(await handle.status()).toBe(-1);

  await handle.hotMesh.resume(handle.workflowId);

  expect(await handle.result()).toBe("south");
});

test("a persistent workflow has its result when its function has returned, and hooks still run in it", async () => {
  const handle = await start("tag", { persistent: true, search: { data: { kiln: "west" } } });

  expect(await handle.result()).toBe("west");

  expect(await handle.status()).toBeGreaterThan(0);
  const waiting = await start("waiting", { args: ["persistent"] });
  await hook({ workflowId: handle.workflowId, workflowName: "ring", args: ["persistent", 7] });
  expect(await waiting.result()).toBe(7);
  await handle.terminate();
});

test("C17 the next version is activated when it is asked for, and a version is a number", async () => {
  const { client, namespace } = scene;

  await expect(client.deployAndActivate(namespace, "soon")).rejects.toThrow("Invalid version number");
  await client.deployAndActivate(namespace, "2");

  expect(await scene.rows("versions")).toMatchObject([
    { version: "1", status: "deployed" },
    { version: "2", status: "activated" },
  ]);
  expect(await scene.run("desk", "tag", { search: { data: { kiln: "east" } } })).toBe("east");
  await client.getHotMeshClient(null, namespace);
  await new Durable.Client({ connection: { ...scene.connection, readonly: true } }).getHotMeshClient(null, namespace);
  expect(await scene.rows("versions")).toMatchObject([{}, { version: "2", status: "activated" }]);
});

test("C37 a worker activates what it needs where something older is active, and both stay listed", async () => {
  const namespace = scene.another("older");
  const older = await HotMesh.init({ appId: namespace, logLevel: "silent", engine: { connection: scene.connection } });
  const store = meshes.get(older)?.store;
  await store?.deploy(codePlan(namespace, "0"));
  await store?.activate("0");
  const begun = await scene.start("old", "old", { namespace, args: ["new"] });
  expect(await begun.state(true)).toMatchObject({ metadata: { vrs: codePlanVersion } });

  await scene.work("old", { old: async (value: string) => value }, { namespace });

  expect(await begun.result()).toBe("new");
  expect(await scene.sql(`select version, status from "${namespace}".versions order by version`)).toEqual([
    { version: "0", status: "deployed" },
    { version: codePlanVersion, status: "activated" },
  ]);
  await older.stop();
});

test("clients and workers that come at once to a new namespace all find it ready", async () => {
  const namespace = scene.another("crowd");
  const fn = { crowd: async (n: number) => n };

  const results = await Promise.all(
    [1, 2, 3, 4].map(async (n) => {
      const pool = new Pool(scene.connection.options);
      const connection = { class: pool, options: {} };
      await scene.work(`crowd${n}`, fn, { namespace, connection });
      const client = new Durable.Client({ connection });
      const start = { namespace, taskQueue: `crowd${n}`, workflowName: "crowd", args: [n] };
      const result = await (await client.workflow.start(start)).result();
      return [result, pool] as const;
    }),
  );

  expect(results.map(([result]) => result)).toEqual([1, 2, 3, 4]);
  await Durable.shutdown();
  for (const [, pool] of results) await pool.end();
  await scene.work("desk", functions);
});

test("clients of one connection share the engine of a namespace", async () => {
  const other = new Durable.Client({ connection: { class: Client, options: { ...scene.connection.options } } });

  expect(await other.getHotMeshClient("desk", scene.namespace)).toBe(
    await scene.client.getHotMeshClient(null, scene.namespace),
  );
});

test("C27 a readonly client starts and signals, and a readonly worker never works", async () => {
  const connection = { ...scene.connection, readonly: true };
  const { namespace } = scene;
  const client = new Durable.Client({ connection });
  let calls = 0;
  const tag = async () => {
    calls += 1;
  };
  const worker = await scene.work("desk", { tag }, { connection });

  const handle = await client.workflow.start({
    namespace,
    taskQueue: "desk",
    workflowName: "tag",
    args: [],
    search: { data: { kiln: "read" } },
  });

  expect(await handle.result()).toBe("read");
  expect(calls).toBe(0);
  expect(worker.hotMesh.engine?.readonly).toBe(true);
  await worker.stop();
});

test("a namespace whose graphs are not made for functions is left alone", async () => {
  const other = scene.another("graphs");
  const hotMesh = await scene.client.getHotMeshClient(null, other);
  await hotMesh.deploy(
    `app: { id: ${other}, version: '9', graphs: [{ subscribes: a.b, activities: { t: { type: trigger } } }] }`,
  );
  await hotMesh.activate("9", 20);
  await hotMesh.stop();

  await expect(scene.client.getHotMeshClient(null, other)).rejects.toMatchObject({ kind: "invalid-config" });
});

test("events tell of the engines of a client and of the workers of a queue", async () => {
  const told: string[] = [];
  const events = { publish: ({ type }: SystemEvent) => void told.push(type) };
  const { connection, namespace } = scene;
  const hotMesh = await new Durable.Client({ connection, events }).getHotMeshClient(null, namespace);
  const worker = await scene.work("telling", functions, { events });

  await worker.stop();
  await hotMesh.stop();

  expect(told).toEqual([
    `system.engine.${namespace}.started`,
    `system.engine.${namespace}.started`,
    "system.worker.telling.started",
    "system.worker.telling-activity.started",
    "system.worker.telling.stopped",
    "system.worker.telling-activity.stopped",
    `system.engine.${namespace}.stopped`,
    `system.engine.${namespace}.stopped`,
  ]);
});

test("what a start lacks is said", async () => {
  const refused = (options: object) =>
    expect(scene.client.workflow.start({ args: [], ...options })).rejects.toMatchObject({ kind: "invalid-argument" });

  await refused({});
  await refused({ taskQueue: "desk" });
  await refused({ taskQueue: "desk", workflowName: "tag", args: "none" });
  await refused({ taskQueue: "desk", workflowName: "tag", expire: Number.NaN });
  await expect(scene.work("desk", {})).rejects.toMatchObject({ kind: "invalid-config" });
  await expect(scene.work("desk", async () => {})).rejects.toMatchObject({ kind: "invalid-config" });
});
