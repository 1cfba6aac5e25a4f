import { Client, Pool } from "pg";
import { afterEach, describe, expect, inject, test, vi } from "vitest";
import { HotMesh, type HotMeshWorker, type QuorumMessage, type StreamData, StreamStatus } from "./index.js";

const parcels = (version: string): string => `
app:
  id: ${appId}
  version: '${version}'
  graphs:
    - subscribes: parcel.booked
      publishes: parcel.done
      activities:
        booked:
          type: trigger
          stats: { id: '{$self.input.data.id}' }
        label:
          type: worker
          topic: label.print
          input: { maps: { weight: '{booked.output.data.weight}' } }
          job: { maps: { sheet: '{$self.output.data.sheet}' } }
      transitions:
        booked:
          - to: label
`;

let appId = "";
let apps = 0;

/** A schema of its own for each test. */
function newApp(): string {
  apps += 1;
  appId = `sdk${process.pid}x${apps}`;
  return appId;
}

function connection() {
  return { class: Client, options: { connectionString: inject("postgresUrl") } };
}

function printer(over: Partial<HotMeshWorker> = {}): HotMeshWorker {
  return {
    topic: "label.print",
    connection: connection(),
    callback: async (data: StreamData) => ({
      code: 200,
      status: StreamStatus.SUCCESS,
      metadata: { ...data.metadata },
      data: { sheet: `${data.data["weight"]} g` },
    }),
    ...over,
  };
}

afterEach(async () => {
  await HotMesh.stop();
  const client = new Client(connection().options);
  await client.connect();
  await client.query(`drop schema if exists "${appId}" cascade`);
  await client.end();
});

describe.each([
  { way: "handed over", handoff: true },
  { way: "through the storage", handoff: false },
])("with work $way", ({ handoff }) => {
  const engine = () => ({ connection: connection(), handoff });

  test("S124 S111 S121 the whole life: init, deploy, activate, pub, pubsub, stop", async () => {
    const hotMesh = await HotMesh.init({ appId: newApp(), logLevel: "error", engine: engine(), workers: [printer()] });

    const manifest = await hotMesh.deploy(parcels("2"));
    expect(manifest.app).toMatchObject({ id: appId, version: "2" });
    await expect(hotMesh.pub("parcel.booked", {})).rejects.toMatchObject({ kind: "not-active" });
    expect(await hotMesh.activate("2", 50)).toBe(true);
    const id = await hotMesh.pub("parcel.booked", { id: "P1", weight: 200 });
    const output = await hotMesh.pubsub("parcel.booked", { id: "P2", weight: 300 });
    await hotMesh.stop();

    expect(id).toBe("P1");
    expect(output).toMatchObject({
      metadata: { jid: "P2", js: 0, state: "completed", vrs: "2" },
      data: { sheet: "300 g" },
    });
    await expect(hotMesh.getStatus("P1")).rejects.toMatchObject({ kind: "stopped" });
  });

  test("many jobs at once all end as they should", async () => {
    const hotMesh = await HotMesh.init({ appId: newApp(), logLevel: "error", engine: engine(), workers: [printer()] });
    await hotMesh.deploy(parcels("1"));
    await hotMesh.activate("1", 20);
    const numbers = Array.from({ length: 200 }, (_, index) => index);

    const outputs = await Promise.all(
      numbers.map((weight) => hotMesh.pubsub("parcel.booked", { id: `P${weight}`, weight })),
    );

    expect(outputs.map(({ data }) => data)).toEqual(numbers.map((weight) => ({ sheet: `${weight} g` })));
  });

  test("a job id that a live job has is refused", async () => {
    const hotMesh = await HotMesh.init({ appId: newApp(), logLevel: "error", engine: engine(), workers: [printer()] });
    await hotMesh.deploy(parcels("1"));
    await hotMesh.activate("1", 20);
    await hotMesh.pubsub("parcel.booked", { id: "P1", weight: 1 });

    const again = hotMesh.pub("parcel.booked", { id: "P1", weight: 2 });

    await expect(again).rejects.toMatchObject({ name: "DuplicateJobError", code: 409, jobId: "P1" });
  });

  test("a worker that fails is called again as often as its policy says, and the caller hears of it", async () => {
    const attempts: (number | undefined)[] = [];
    const failing = printer({
      retryPolicy: { maximumAttempts: 3, backoffCoefficient: 0.2 },
      callback: async ({ metadata }) => {
        attempts.push(metadata.try);
        throw Object.assign(new Error("out of ink"), { code: 422 });
      },
    });
    const hotMesh = await HotMesh.init({ appId: newApp(), logLevel: "error", engine: engine(), workers: [failing] });
    await hotMesh.deploy(parcels("1"));
    await hotMesh.activate("1", 20);

    const failed = hotMesh.pubsub("parcel.booked", { id: "P1", weight: 1 });

    await expect(failed).rejects.toMatchObject({
      name: "JobFailedError",
      code: 422,
      message: "out of ink",
      job_id: "P1",
    });
    expect(attempts).toEqual([undefined, 1, 2]);
    expect((await hotMesh.getState("parcel.booked", "P1")).metadata).toMatchObject({ state: "failed", js: 0 });
  });

  test("two instances share the work of one topic", async () => {
    const worked: string[] = [];
    const worker = (name: string) =>
      printer({
        concurrency: 2,
        callback: async () => {
          worked.push(name);
          await vi.waitFor(() => expect(new Set(worked).size).toBe(2));
          return { data: { sheet: name } };
        },
      });
    const app = newApp();
    const one = await HotMesh.init({ appId: app, logLevel: "error", engine: engine(), workers: [worker("one")] });
    await HotMesh.init({ appId: app, logLevel: "error", engine: engine(), workers: [worker("two")] });
    await one.deploy(parcels("1"));
    await one.activate("1", 20);

    const ids = Array.from({ length: 12 }, (_, index) => `P${index}`);
    const outputs = await Promise.all(ids.map((id) => one.pubsub("parcel.booked", { id, weight: 1 })));

    expect(outputs).toHaveLength(12);
    expect(worked).toHaveLength(12);
  });
});

test("an instance that only works and one that only orchestrates work together", async () => {
  const app = newApp();
  const worker = await HotMesh.init({ appId: app, logLevel: "error", workers: [printer()] });
  const engine = await HotMesh.init({ appId: app, logLevel: "error", engine: { connection: connection() } });
  await engine.deploy(parcels("1"));
  await engine.activate("1", 20);

  const output = await engine.pubsub("parcel.booked", { id: "P1", weight: 5 });

  expect(output.data).toEqual({ sheet: "5 g" });
  expect([worker.engine, engine.workers]).toEqual([null, []]);
  await expect(worker.pub("parcel.booked")).rejects.toMatchObject({ kind: "no-engine" });
});

test("S82 S115 a member elsewhere hears of completed jobs, and a roll call counts all members", async () => {
  const app = newApp();
  const one = await HotMesh.init({
    appId: app,
    logLevel: "error",
    engine: { connection: connection() },
    workers: [printer()],
  });
  const heard: QuorumMessage[] = [];
  await one.subQuorum((_topic, message) => heard.push(message));
  const outputs: unknown[] = [];
  await one.sub("parcel.done.P1", (topic, output) => outputs.push([topic, output.data]));
  await one.deploy(parcels("1"));
  await one.activate("1", 20);

  await one.pubsub("parcel.booked", { id: "P1", weight: 5 });

  await vi.waitFor(() => expect(outputs).toEqual([["parcel.done", { sheet: "5 g" }]]));
  expect(heard).toContainEqual(expect.objectContaining({ type: "job", topic: "parcel.done" }));
  const profiles = await one.rollCall(200);
  expect(profiles.map(({ worker_topic: topic }) => topic ?? "engine").sort()).toEqual(["engine", "label.print"]);
  expect(profiles.every(({ engine_id: id, stream_depth: depth }) => id === one.guid && depth === 0)).toBe(true);
});

test("a pool that the caller brings is used and never closed", async () => {
  const pool = new Pool(connection().options);
  const own = { class: pool, options: {} };
  const config = { appId: newApp(), logLevel: "error" as const, engine: { connection: own } };
  const hotMesh = await HotMesh.init({ ...config, workers: [printer({ connection: own })] });
  await hotMesh.deploy(parcels("1"));
  await hotMesh.activate("1", 20);
  await hotMesh.pubsub("parcel.booked", { id: "P1", weight: 5 });
  await hotMesh.stop();

  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await pool.end();
});

test("F36 a start within the caller's transaction exists only when that commits", async () => {
  const hotMesh = await HotMesh.init({ appId: newApp(), logLevel: "error", engine: { connection: connection() } });
  await hotMesh.deploy(parcels("1"));
  await hotMesh.activate("1", 20);
  const client = new Client(connection().options);
  await client.connect();

  await client.query("begin");
  await hotMesh.pub("parcel.booked", { id: "P1", weight: 1 }, undefined, { client });
  await client.query("rollback");
  await client.query("begin");
  await hotMesh.pub("parcel.booked", { id: "P2", weight: 1 }, undefined, { client });
  await client.query("commit");
  await client.end();

  await expect(hotMesh.getState("parcel.booked", "P1")).rejects.toMatchObject({ name: "GetStateError", jobId: "P1" });
  expect(await hotMesh.getStatus("P2")).toBe(1);
});

test("F18 an app can be stopped and started again", async () => {
  const app = newApp();
  for (const id of ["P1", "P2", "P3"]) {
    const hotMesh = await HotMesh.init({
      appId: app,
      logLevel: "error",
      engine: { connection: connection() },
      workers: [printer()],
    });
    if (id === "P1") {
      await hotMesh.deploy(parcels("1"));
      await hotMesh.activate("1", 20);
    }
    const output = await hotMesh.pubsub("parcel.booked", { id, weight: 1 });
    expect(output.metadata["jid"]).toBe(id);
    await HotMesh.stop();
  }
});
