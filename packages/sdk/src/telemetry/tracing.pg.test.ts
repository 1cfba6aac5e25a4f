import { Client } from "pg";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { HotMesh, type HotMeshConfig, type HotMeshWorker } from "../index.js";
import { infoTree, yardOf } from "../testing/traced-yard.js";
import { type Recorder, recordTraces } from "../testing/traces.suite.js";

const connection = () => ({ class: Client, options: { connectionString: inject("postgresUrl") } });
let apps = 0;
let app = "";
let sql: Client;
let recorder: Recorder;

beforeEach(async () => {
  apps += 1;
  app = `traced-${process.pid}-${apps}`;
  sql = new Client(connection().options);
  await sql.connect();
  recorder = recordTraces();
});

afterEach(async () => {
  await HotMesh.stop();
  await recorder.stop();
  await sql.query(`drop schema if exists "${app}" cascade`);
  await sql.end();
});

const join = (parts: Pick<HotMeshConfig, "engine" | "workers">): Promise<HotMesh> =>
  HotMesh.init({ appId: app, logLevel: "silent", ...parts });
const worker = (topic: string, callback?: HotMeshWorker["callback"]): HotMeshWorker => ({
  topic,
  connection: connection(),
  callback: callback ?? (async () => ({ data: { laid: 3 } })),
});

async function engine(): Promise<HotMesh> {
  const mesh = await join({ engine: { connection: connection() } });
  await mesh.deploy(yardOf(app));
  await mesh.activate("1");
  return mesh;
}

const exported = (name: string) => recorder.spans().filter((span) => span.name === `${name}`.replace("yard", app));
const inApp = (tree: readonly (readonly [string, string])[]) =>
  tree.map(([name, parent]) => [name.replace("yard", app), parent.replace("yard", app)]).sort();
const traces = () => new Set(recorder.spans().map((span) => span.spanContext().traceId));

test("what an engine, and workers that are elsewhere, do for a job and its child is one trace", async () => {
  const mesh = await engine();
  await join({ workers: [worker("keel.lay")] });
  await join({ workers: [worker("crew.hire")] });

  const { metadata } = await mesh.pubsub("boat.built", { id: "b1" });

  await vi.waitFor(() => expect([...recorder.tree()].sort()).toEqual(inApp(infoTree)));
  expect(traces()).toEqual(new Set([metadata["trc"]]));
});

test("people see the trace and the span of a message that waits", async () => {
  const mesh = await engine();

  await mesh.pub("boat.built", { id: "b1" });

  const { rows } = await sql.query(`select message -> 'metadata' as metadata from "${app}".worker_streams`);
  const [keel] = exported("WORKER/yard/keel/1");
  const { traceId: trc, spanId: spn } = keel?.spanContext() ?? expect.fail("the leg was not exported");
  expect(rows).toMatchObject([{ metadata: { trc, spn } }]);
});

test("engines that get into each other's way tell of every leg once", async () => {
  const mesh = await engine();
  const other = await join({
    engine: { connection: connection() },
    workers: [worker("keel.lay"), worker("crew.hire")],
  });
  const ids = Array.from({ length: 40 }, (_, n) => `b${n}`);

  await Promise.all(ids.map((id, n) => (n % 2 === 0 ? mesh : other).pubsub("boat.built", { id }, null, 25_000)));

  await vi.waitFor(() => expect(recorder.spans()).toHaveLength(infoTree.length * ids.length));
  for (const [name] of infoTree) expect([name, exported(name).length]).toEqual([name, ids.length]);
  expect(traces().size).toBe(ids.length);
  expect(recorder.tree().filter(([, parent]) => parent === "?")).toEqual([]);
});

test("a job that is rolled back leaves no span, one that is committed leaves its own", async () => {
  const mesh = await engine();
  const client = new Client(connection().options);
  await client.connect();
  try {
    for (const [id, end] of [
      ["b1", "rollback"],
      ["b2", "commit"],
    ]) {
      await client.query("begin");
      await mesh.pub("boat.built", { id }, null, { client });
      await client.query(end ?? "");
    }
    const { metadata } = await mesh.getState("boat.built", "b2");

    await vi.waitFor(() => expect(exported("TRIGGER/yard/order/1")).toHaveLength(1));
    expect(traces()).toEqual(new Set([metadata["trc"]]));
  } finally {
    await client.end();
  }
});
