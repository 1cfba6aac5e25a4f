import { Client, Pool } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { HotMesh, type StreamData } from "./index.js";

const app = `harvest-${process.pid}`;
const document = `
app:
  id: ${app}
  version: '1'
  graphs:
    - subscribes: crop.sell
      input: { validate: true, schema: { type: object, required: [ id ] } }
      activities:
        offer: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        haggle:
          type: worker
          topic: price.ask
          job: { maps: { price: '{$self.output.data.price}' } }
        ship: { type: hook, job: { maps: { truck: '{$self.hook.data.truck}' } } }
      transitions: { offer: [ { to: haggle } ], haggle: [ { to: ship } ] }
      hooks:
        truck.here:
          - to: ship
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
`;
const connection = () => ({ class: Client, options: { connectionString: inject("postgresUrl") } });
const asked = new Map<unknown, StreamData["metadata"]>();
let mesh: HotMesh;
let client: Client;

beforeAll(async () => {
  mesh = await HotMesh.init({
    appId: app,
    logLevel: "silent",
    engine: { connection: connection() },
    workers: [
      {
        topic: "price.ask",
        connection: connection(),
        callback: async ({ metadata }) => {
          asked.set(metadata.jid, metadata);
          return undefined;
        },
      },
    ],
  });
  await mesh.deploy(document);
  await mesh.activate("1", 20);
});

afterAll(async () => {
  await HotMesh.stop();
  const cleaner = new Client(connection().options);
  await cleaner.connect();
  await cleaner.query(`drop schema if exists "${app}" cascade`);
  await cleaner.end();
});

beforeEach(async () => {
  client = new Client(connection().options);
  await client.connect();
});

afterEach(() => client.end());

test("F36 a transaction decides about the job, the answer and the signal in it", async () => {
  const transaction = async (work: () => Promise<unknown>, end: "commit" | "rollback"): Promise<void> => {
    await client.query("begin");
    await work();
    await client.query(end);
  };
  const answer = () => {
    const metadata = asked.get("C1");
    if (metadata === undefined) throw new Error("nobody was asked");
    return {
      code: 200,
      status: "success" as const,
      metadata: { ...metadata, guid: HotMesh.guid() },
      data: { price: 7 },
    };
  };
  const sell = () => mesh.pub("crop.sell", { id: "C1" }, undefined, { client });
  const add = () => mesh.add(answer(), { client });
  const signal = () => mesh.signal("truck.here", { id: "C1", truck: "T4" }, "success", 200, { client });

  await transaction(sell, "rollback");
  await expect(mesh.getStatus("C1")).rejects.toMatchObject({ kind: "job-not-found" });
  await transaction(sell, "commit");
  await vi.waitFor(() => expect(asked.has("C1")).toBe(true));
  await transaction(add, "rollback");
  expect((await mesh.getState("crop.sell", "C1")).data).toBeUndefined();
  await transaction(add, "commit");
  await transaction(signal, "rollback");
  expect(await mesh.getStatus("C1")).toBe(1);
  await transaction(signal, "commit");

  await vi.waitFor(async () =>
    expect(await mesh.getState("crop.sell", "C1")).toMatchObject({
      metadata: { state: "completed" },
      data: { price: 7, truck: "T4" },
    }),
  );
});

test("F36 F11 a refused call leaves the transaction usable, and what else is in it commits", async () => {
  await mesh.pub("crop.sell", { id: "C2" });

  await client.query("begin");
  await client.query("create table if not exists pg_temp.note (said text)");
  const within = { client };
  const refusals = [
    await mesh.pub("crop.sell", { id: "C2" }, undefined, within).catch((error: unknown) => error),
    await mesh.pub("crop.sell", {}, undefined, within).catch((error: unknown) => error),
    await mesh.pub("crop.burn", { id: "C3" }, undefined, within).catch((error: unknown) => error),
    await mesh.signal("truck.lost", {}, "success", 200, within).catch((error: unknown) => error),
  ];
  await mesh.pub("crop.sell", { id: "C4" }, undefined, within);
  const twice = await mesh.pub("crop.sell", { id: "C4" }, undefined, within).catch((error: unknown) => error);
  await client.query("insert into pg_temp.note values ('still here')");
  await client.query("commit");

  expect([...refusals, twice]).toMatchObject([
    { name: "DuplicateJobError", jobId: "C2" },
    { kind: "payload-invalid", code: 422 },
    { kind: "topic-not-found" },
    { kind: "no-hook-rule" },
    { name: "DuplicateJobError", jobId: "C4" },
  ]);
  expect((await client.query("select said from pg_temp.note")).rows).toEqual([{ said: "still here" }]);
  expect(await mesh.getStatus("C4")).toBe(1);
});

test("F36 a client without an open transaction, and a pool, are refused with the reason", async () => {
  const pool = new Pool(connection().options);
  const tried = (given: object) => mesh.pub("crop.sell", { id: "C5" }, undefined, { client: given });

  await expect(tried(client)).rejects.toMatchObject({ kind: "invalid-argument", message: /begin/ });
  await expect(tried(pool)).rejects.toMatchObject({ kind: "invalid-argument", message: /take one out of the pool/ });
  await expect(tried({})).rejects.toMatchObject({ kind: "invalid-argument" });
  await expect(mesh.getStatus("C5")).rejects.toMatchObject({ kind: "job-not-found" });
  await pool.end();
});

test("F36 pubsub takes no client, because it would wait for its own commit", async () => {
  const options = { client, final: true };

  await expect(mesh.pubsub("crop.sell", { id: "C6" }, null, 100, options)).rejects.toMatchObject({
    kind: "invalid-argument",
    message: /pubsub takes no client/,
  });
  await expect(mesh.getStatus("C6")).rejects.toMatchObject({ kind: "job-not-found" });
});
