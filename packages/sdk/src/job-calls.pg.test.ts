import { Client } from "pg";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { HotMesh, type StreamData, type StreamDataResponse, StreamStatus } from "./index.js";

let apps = 0;
let appId = "";
let hotMesh: HotMesh;
/** What the worker does with each request. */
let work: (message: StreamData) => Promise<StreamDataResponse>;

const document = (): string => `
app:
  id: ${appId}
  version: '1'
  graphs:
    - subscribes: parcel.booked
      activities:
        booked: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        label:
          type: worker
          topic: label.print
          input: { maps: { weight: '{booked.output.data.weight}' } }
          job: { maps: { sheet: '{$self.output.data.sheet}', _size: '{$self.output.data.sheet}' } }
        approval: { type: hook, sleep: 3600 }
      transitions: { booked: [ { to: label }, { to: approval } ] }
      hooks:
        parcel.approved:
          - to: approval
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: order.placed
      activities:
        placed: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        parcel:
          type: await
          topic: parcel.booked
          input: { maps: { id: '{placed.output.data.parcel}', weight: 7 } }
      transitions: { placed: [ { to: parcel } ] }
`;

beforeEach(async () => {
  apps += 1;
  appId = `jobs${process.pid}x${apps}`;
  work = async ({ data, metadata }) => ({
    code: 200,
    status: StreamStatus.SUCCESS,
    metadata: { ...metadata },
    data: { sheet: `${String(data["weight"])} g` },
  });
  const connection = { class: Client, options: { connectionString: inject("postgresUrl") } };
  const retryPolicy = { maximumAttempts: 2, backoffCoefficient: 0.1 };
  hotMesh = await HotMesh.init({
    appId,
    logLevel: "silent",
    engine: { connection },
    workers: [{ topic: "label.print", connection, retryPolicy, callback: (message) => work(message) }],
  });
  await hotMesh.deploy(document());
  await hotMesh.activate("1", 20);
});

afterEach(async () => {
  await HotMesh.stop();
  await rows(`drop schema if exists "${appId}" cascade`);
});

async function rows(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** A job whose label is printed and that waits for its approval. */
async function printed(id: string): Promise<void> {
  const extended = { search: { city: "Rome" }, marker: { "-lot": "L7" } };
  await hotMesh.pub("parcel.booked", { id, weight: 300 }, undefined, extended);
  await vi.waitFor(async () => expect(await hotMesh.getStatus(id)).toBe(1));
}

test("S62 S63 getQueryState reads named search fields of a job's record", async () => {
  await printed("P1");

  const state = await hotMesh.getQueryState("P1", ["city", "size", "colour"]);

  expect(state).toEqual({ city: "Rome", size: "300 g", colour: null });
});

test('S64 getQueryState reads the reserved status field by ":"', async () => {
  await printed("P1");

  expect(await hotMesh.getQueryState("P1", [":", '"-lot"'])).toEqual({ ":": "1", "-lot": "L7" });
  expect(await hotMesh.getQueryState("P1", ['":"'])).toEqual({ ":": "1" });
  expect(await hotMesh.getQueryState("nobody", [":", "city"])).toEqual({ ":": null, city: null });
});

test("S65 S66 getRaw reads every key and value of a job's record, those of the engine too", async () => {
  await printed("P1");

  const raw = await hotMesh.getRaw("P1");

  const seen = await rows(`select symbol || dimension as key, value from "${appId}".jobs_attributes`);
  expect(raw).toEqual(Object.fromEntries(seen.map(({ key, value }) => [key, value])));
  expect(raw).toMatchObject({
    ":": "1",
    _city: "Rome",
    _size: "300 g",
    "-lot": "L7",
    "data/sheet": "300 g",
    "metadata/jid": "P1",
    "metadata/js": "/d1",
    "booked/output/data/weight,0": "/d300",
    "label/input/data/weight,0,0": "/d300",
    "label/output/data/sheet,0,0": "300 g",
  });
  expect(await hotMesh.getRaw("nobody")).toEqual({});
});

test("S67 getState reads a job in order, by its id", async () => {
  await printed("P1");

  expect(await hotMesh.getState("parcel.booked", "P1")).toMatchObject({
    metadata: { jid: "P1", js: 1, state: "running", tpc: "parcel.booked" },
    data: { sheet: "300 g" },
  });
  await expect(hotMesh.getState("parcel.booked", "nobody")).rejects.toMatchObject({
    name: "GetStateError",
    message: "nobody Not Found",
    code: 404,
    jobId: "nobody",
  });
  await expect(hotMesh.getStatus("nobody")).rejects.toMatchObject({
    message: "Job nobody not found",
    kind: "job-not-found",
    code: 404,
  });
});

test("an export shows the job and its passes, and on request every attempt with its input and its error", async () => {
  const answered = work;
  work = async (message) => {
    if (message.metadata.try === undefined) throw Object.assign(new Error("out of ink"), { code: 503 });
    return answered(message);
  };
  await printed("P1");

  const plain = await hotMesh.export("P1");
  const { activities = [], ...rest } = await hotMesh.export("P1", { enrich_inputs: true });

  expect(rest).toEqual(plain);
  expect(plain).toMatchObject({
    dependencies: [],
    status: "1",
    process: {
      "0": {
        booked: { output: { data: { id: "P1", weight: 300 } } },
        "0": { label: { output: { metadata: { aid: "label", atp: "worker" }, data: { sheet: "300 g" } } } },
      },
      "$parcel.booked": { data: { sheet: "300 g" }, metadata: { jid: "P1" } },
    },
  });
  const labels = activities.filter(({ name }) => name === "label");
  expect(labels).toMatchObject([
    { type: "worker", dimension: "0/0", input: { weight: 300 }, retry_attempt: 0, error: { message: "out of ink" } },
    { input: { weight: 300 }, output: { sheet: "300 g" }, retry_attempt: 1, error: null },
  ]);
  const spans = labels.map((one) => Date.parse(one.completed_at ?? "") - Date.parse(one.started_at));
  expect(labels.map((one) => one.duration_ms)).toEqual(spans);
  expect(activities.find(({ name }) => name === "approval")).not.toHaveProperty("completed_at");
  expect(await hotMesh.export("nobody")).toEqual({ dependencies: [], process: {}, status: undefined });
});

test("a scrubbed job is gone with its messages, hooks and timers, and its id is free", async () => {
  await printed("P1");
  const left = `select
    (select count(*)::int from "${appId}".hooks) as hooks,
    (select count(*)::int from "${appId}".engine_streams) as timers,
    (select count(*)::int from "${appId}".activities) as activities`;
  expect(await rows(left)).toEqual([{ hooks: 1, timers: 1, activities: 3 }]);

  await hotMesh.scrub("P1");
  await hotMesh.scrub("nobody");

  await expect(hotMesh.getState("parcel.booked", "P1")).rejects.toMatchObject({ name: "GetStateError" });
  expect(await hotMesh.getRaw("P1")).toEqual({});
  expect(await rows(left)).toEqual([{ hooks: 0, timers: 0, activities: 0 }]);
  await printed("P1");
});

test("a cancellation leaves its mark on a job that runs, and no error elsewhere", async () => {
  await printed("P1");
  const before = await hotMesh.getState("parcel.booked", "P1");

  await hotMesh.cancel("P1");
  const { "-cancelled-": mark } = await hotMesh.getQueryState("P1", ['"-cancelled-"']);
  await hotMesh.cancel("P1");
  await hotMesh.cancel("nobody");

  expect(mark).toMatch(/^\d{14}\.\d{3}$/);
  expect(await hotMesh.getQueryState("P1", ['"-cancelled-"', ":"])).toEqual({ "-cancelled-": mark, ":": "1" });
  expect((await hotMesh.getState("parcel.booked", "P1")).data).toEqual(before.data);
  await hotMesh.interrupt("parcel.booked", "P1");
  await hotMesh.cancel("P1");
});

test("S59 S60 S61 an interruption ends a job with its timers and its work", async () => {
  await printed("P1");

  expect(await hotMesh.interrupt("parcel.booked", "P1", { reason: "lost", code: 499 })).toBeUndefined();

  const { metadata } = await hotMesh.getState("parcel.booked", "P1");
  expect(metadata).toMatchObject({ js: 1 - 1_000_000_000, state: "interrupted" });
  expect(JSON.parse(String(metadata["err"]))).toMatchObject({ message: "lost", code: 499, job_id: "P1" });
  const open = await rows(`select 1 from "${appId}".engine_streams union all select 1 from "${appId}".hooks`);
  expect(open).toEqual([]);
  await expect(hotMesh.interrupt("parcel.booked", "P1")).rejects.toThrow("Job P1 already completed");
  await expect(hotMesh.interrupt("parcel.booked", "nobody")).rejects.toThrow("Job nobody not found");
  expect(await hotMesh.interrupt("parcel.booked", "P1", { suppress: true })).toBeUndefined();
  expect(await hotMesh.interrupt("parcel.booked", "nobody", { suppress: true })).toBeUndefined();
});

test("S59 an interruption that descends has ended the children when it resolves, even of a paused mesh", async () => {
  await hotMesh.pub("order.placed", { id: "O1", parcel: "P1" });
  await vi.waitFor(async () => expect(await hotMesh.getStatus("P1")).toBe(1));
  await hotMesh.throttle({ throttle: -1, scope: "engines" });

  await hotMesh.interrupt("order.placed", "O1", { descend: true, reason: "lost" });

  const { metadata } = await hotMesh.getState("parcel.booked", "P1");
  expect(metadata).toMatchObject({ state: "interrupted" });
  expect(JSON.parse(String(metadata["err"]))).toMatchObject({ message: "lost", job_id: "P1" });
});

test("S59 an interruption of a child names the message that its parent gets", async () => {
  await hotMesh.pub("order.placed", { id: "O1", parcel: "P1" });
  await vi.waitFor(async () => expect(await hotMesh.getStatus("P1")).toBe(1));

  const told = await hotMesh.interrupt("parcel.booked", "P1");

  expect(told).toMatch(/^H[A-Za-z0-9_-]{22}$/);
  await vi.waitFor(async () =>
    expect((await hotMesh.getState("order.placed", "O1")).metadata).toMatchObject({ js: 0, state: "failed" }),
  );
});
