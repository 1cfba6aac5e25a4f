import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registerCodec } from "../codec.js";
import { connection } from "../testing/seed-app.js";
import { Client as DurableClient } from "./client.js";
import { Durable } from "./durable.js";
import { Entity } from "./entity.js";
import { Search } from "./search.js";
import { Worker } from "./worker.js";
import { workflow } from "./workflow.js";

const namespace = `stored${process.pid}`;
const taskQueue = "studio";
const client = new DurableClient({ connection: connection() });

async function counted(): Promise<unknown> {
  const search = await workflow.search();
  const first = await search.set({ custom1: "durable", custom2: 55 });
  const again = await search.set("custom1", "durable", "custom3", "new");
  await search.incr("counter", 10);
  await workflow.sleep("20ms");
  const counter = await search.incr("counter", 101);
  await search.mult("product", 12);
  const product = await search.mult("product", 10);
  await search.set({ '"-verbatim"': "kept" });
  await workflow.enrich({ enriched: "yes" });
  const read = await search.mget("started", "custom2", "none", '"-verbatim"');
  const gone = await search.del("custom3", "none");
  return { first, again, counter, product, read, gone };
}

async function documented(): Promise<unknown> {
  const entity = await workflow.entity();
  const unset = await entity.get();
  const missing = await entity.get("a.b");
  await entity.set({ name: "kiln", lots: [2], by: { who: "Ana" } });
  const merged = await entity.merge({ by: { shift: "day" } });
  const lots = [await entity.append("lots", 3), await entity.prepend("lots", 1), await entity.remove("lots", 1)];
  await workflow.sleep("20ms");
  const [fired, lit, who] = await Promise.all([
    entity.increment("fired", 5),
    entity.toggle("lit"),
    entity.setIfNotExists("by.who", "Ben"),
  ]);
  const refused = await entity.increment("name").catch((error: Error) => error.message);
  return {
    unset,
    missing: missing === undefined,
    merged,
    lots,
    fired,
    lit,
    who,
    refused,
    end: await entity.delete("by"),
  };
}

async function shared(): Promise<unknown> {
  const entity = await workflow.entity();
  await entity.set({ total: 0, seen: [] });
  const info = workflow.workflowInfo();
  const names = ["a", "b", "c"];
  const hooks = names.map((name) => ({ key: name, options: { taskQueue, workflowName: "adds", args: [name] } }));
  const answers = await workflow.execHookBatch<Record<string, number>>(hooks);
  return { answers: Object.keys(answers).sort(), end: await entity.get(), id: info.workflowId };
}

async function adds(name: string, back?: { signal: string }): Promise<void> {
  const entity = await workflow.entity();
  for (let i = 0; i < 3; i += 1) await entity.increment("total");
  await entity.append("seen", name);
  if (back !== undefined) await workflow.signal(back.signal, 1);
}

beforeAll(async () => {
  const functions = { counted, documented, shared, adds };
  await Worker.create({ connection: connection(), namespace, taskQueue, workflow: functions });
});

afterAll(async () => {
  await Durable.shutdown();
  const cleaner = new Client(connection().options);
  await cleaner.connect();
  await cleaner.query(`drop schema if exists "${namespace}" cascade`);
  await cleaner.end();
});

async function run(workflowName: string, entity?: string) {
  const options = { args: [], taskQueue, workflowName, namespace, search: { data: { started: "early" } } };
  return client.workflow.start({ ...options, ...(entity !== undefined && { entity }) });
}

test("search fields are changed once per call, and found by SQL and by users", async () => {
  const handle = await run("counted");

  const result = await handle.result();

  expect(result).toEqual({
    first: 2,
    again: 1,
    counter: 111,
    product: 120,
    read: ["early", "55", "", "kept"],
    gone: 1,
  });
  expect(await Search.findAllUserData(handle.workflowId, handle.hotMesh)).toEqual({
    started: "early",
    custom1: "durable",
    custom2: "55",
    counter: "111",
    product: "120",
    enriched: "yes",
  });
  const sql = "select job_id from jobs_attributes where symbol = '_custom1' and value = $1";
  const found = await client.workflow.search(taskQueue, "counted", namespace, "any", sql, "durable");
  expect(found).toEqual([{ job_id: handle.workflowId }]);
});

test("an entity is one document whose changes are made once, and no codec encodes it", async () => {
  registerCodec({
    encode: (json) => Buffer.from(json).toString("base64"),
    decode: (text) => Buffer.from(text, "base64").toString(),
  });
  const handle = await run("documented", "kiln");

  const result = await handle.result().finally(() => registerCodec(null));

  const end = { name: "kiln", lots: [1, 3], fired: 5, lit: true };
  expect(result).toEqual({
    unset: {},
    missing: true,
    merged: { name: "kiln", lots: [2], by: { who: "Ana", shift: "day" } },
    lots: [
      [2, 3],
      [1, 2, 3],
      [1, 3],
    ],
    fired: 5,
    lit: true,
    who: "Ana",
    refused: `entity: 'name' is "kiln"; expected a number`,
    end,
  });
  const { hotMesh, workflowId } = handle;
  const key = `hmsh:${namespace}:j:${workflowId}`;
  expect(await Entity.findById("kiln", workflowId, hotMesh)).toEqual({ key, context: end, status: 0 });
  expect(await Entity.find("kiln", { fired: { $in: [5] }, lit: true }, hotMesh)).toHaveLength(1);
  expect((await hotMesh.getRaw(workflowId))["@"]).toBe(JSON.stringify(end));
});

test("functions that run at once in one job change one document, and lose nothing", async () => {
  const handle = await run("shared");

  const result = await handle.result<{ end: { seen: string[] } }>();

  expect(result).toMatchObject({ answers: ["a", "b", "c"], end: { total: 9 }, id: handle.workflowId });
  expect(result.end.seen.toSorted()).toEqual(["a", "b", "c"]);
  const { data } = await handle.hotMesh.getState("", handle.workflowId);
  expect(data).not.toHaveProperty("entity");
});
