import { type MemoryDatabase, memoryBackend, TestClock } from "@hotmesh/core/testing";
import type { StreamData } from "@hotmesh/worker";
import { afterEach, expect, test, vi } from "vitest";
import type { HotMeshWorker } from "./config.js";
import { HotMesh } from "./hotmesh.js";

const parcels = `
app:
  id: parcels
  version: '2'
  graphs:
    - subscribes: parcel.booked
      publishes: parcel.labelled
      activities:
        booked:
          type: trigger
          stats:
            id: "{$self.input.data.id}"
        label:
          type: worker
          topic: label.print
          input:
            maps:
              weight: "{booked.output.data.weight}"
          job:
            maps:
              sheet: "{$self.output.data.sheet}"
      transitions:
        booked:
          - to: label
`;

const printer: HotMeshWorker = {
  topic: "label.print",
  callback: async ({ metadata, data }) => ({ metadata: { ...metadata }, data: { sheet: `${data["weight"]} g` } }),
};

function parts(
  workers: readonly HotMeshWorker[],
  options: { readonly fast: boolean; readonly database?: MemoryDatabase },
) {
  const clock = new TestClock();
  const backend = memoryBackend({ clock, ...(options.database !== undefined && { database: options.database }) });
  return {
    appId: "parcels",
    logLevel: "silent" as const,
    clock,
    engine: { backend, handoff: options.fast },
    workers: workers.map((worker) => ({ ...worker, backend })),
  };
}

afterEach(() => HotMesh.stop());

async function started(workers: readonly HotMeshWorker[], options: { readonly fast: boolean } = { fast: true }) {
  const config = parts(workers, options);
  const mesh = await HotMesh.init(config);
  await mesh.deploy(parcels);
  await config.engine.backend.store.activate("2");
  return { mesh, clock: config.clock, store: config.engine.backend.store };
}

test.each([
  { way: "handed over", fast: true },
  { way: "through the storage", fast: false },
])("S49 S50 S51 a job runs to its end with its work $way", async ({ fast }) => {
  const { mesh } = await started([printer], { fast });

  const output = await mesh.pubsub("parcel.booked", { id: "P1", weight: 300 });

  expect(output.data).toEqual({ sheet: "300 g" });
  expect(output.metadata).toMatchObject({ jid: "P1", js: 0, state: "completed", vrs: "2", tpc: "parcel.booked" });
  expect(await mesh.getState("parcel.booked", "P1")).toEqual(output);
  expect(await mesh.getStatus("P1")).toBe(0);
});

test("S23 S26 S27 attempts are counted by the policy of the worker, or by that of the engine", async () => {
  const attempts: (number | undefined)[] = [];
  const callback = async ({ metadata }: { metadata: { try?: number } }) => {
    attempts.push(metadata.try);
    throw new Error("out of ink");
  };
  const { mesh, clock } = await started([
    { ...printer, callback, retryPolicy: { maximumAttempts: 3, backoffCoefficient: 2 } },
  ]);
  const failed = mesh.pubsub("parcel.booked", { id: "P1" }, null, 60_000).catch((error: unknown) => error);

  await vi.waitFor(() => expect(attempts).toHaveLength(1));
  await vi.waitFor(() => {
    clock.advance(500);
    expect(attempts).toHaveLength(3);
  });

  expect(await failed).toMatchObject({ name: "JobFailedError", message: "out of ink", job_id: "P1" });
  expect(attempts).toEqual([undefined, 1, 2]);
});

test("S52 an activity that its worker left open goes on with what is added", async () => {
  let message: StreamData | undefined;
  const callback = async (received: StreamData) => {
    message = received;
  };
  const { mesh } = await started([{ ...printer, callback }]);
  const done = mesh.pubsub("parcel.booked", { id: "P1" });
  await vi.waitFor(() => expect(message).toBeDefined());
  if (message === undefined) throw new Error("no message");

  const guid = await mesh.add({ metadata: { ...message.metadata, guid: "Hown" }, data: { sheet: "by hand" } });

  expect(guid).toBe("Hown");
  expect((await done).data).toEqual({ sheet: "by hand" });
});

test("an answer without its address is refused", async () => {
  const { mesh } = await started([]);
  const bare = { metadata: { guid: "H", aid: "label" }, data: {} };

  await expect(mesh.add(bare)).rejects.toMatchObject({
    kind: "invalid-argument",
    message: /^metadata\.jid is missing/,
  });
});

test("S59 S60 an interrupted job ends at once, its caller is told, and it cannot be interrupted twice", async () => {
  const { mesh } = await started([]);
  const waiting = mesh.pubsub("parcel.booked", { id: "P1" }).catch((error: unknown) => error);
  await vi.waitFor(async () => expect(await mesh.getStatus("P1")).toBe(1));

  await mesh.interrupt("parcel.booked", "P1", { reason: "recalled" });

  expect(await waiting).toMatchObject({ name: "JobFailedError", code: 410, message: "recalled", job_id: "P1" });
  expect(await mesh.getStatus("P1")).toBe(-999_999_999);
  await expect(mesh.interrupt("", "P1")).rejects.toMatchObject({ message: "Job P1 already completed" });
  await expect(mesh.interrupt("", "P9")).rejects.toMatchObject({ message: "Job P9 not found" });
  expect(await mesh.interrupt("", "P9", { suppress: true })).toBeUndefined();
});

test("a pending job starts when it is resumed, and only then", async () => {
  const { mesh } = await started([printer]);
  await mesh.pub("parcel.booked", { id: "P1", weight: 1 }, null, { pending: 60 });
  expect(await mesh.getStatus("P1")).toBe(-1);

  expect(await mesh.resume("P1")).toBe("P1");

  await vi.waitFor(async () => expect(await mesh.getStatus("P1")).toBe(0));
  await expect(mesh.resume("P1")).rejects.toMatchObject({ kind: "not-pending" });
});

test("a timeout rejects and does not touch the job", async () => {
  const { mesh } = await started([]);

  await expect(mesh.pubsub("parcel.booked", { id: "P1" }, null, 0)).rejects.toMatchObject({
    name: "JobTimeoutError",
    code: 504,
    message: "timeout",
    job_id: "P1",
  });
  expect(await mesh.getStatus("P1")).toBe(1);
});

test("S55 a signal on a topic without a rule is an error", async () => {
  const { mesh } = await started([]);

  await expect(mesh.signal("parcel.lost", {})).rejects.toMatchObject({ kind: "no-hook-rule", code: 404 });
});

test("S38 F12 a deployed version does nothing until it is activated, and an active one is not replaced", async () => {
  const { mesh, store } = await started([]);
  await mesh.deploy(parcels.replace("'2'", "'3'").replaceAll("parcel.booked", "parcel.sent"));

  await expect(mesh.pub("parcel.sent")).rejects.toMatchObject({ kind: "topic-not-found" });
  expect((await store.activation())?.version).toBe("2");
  await expect(mesh.deploy(parcels.replace("label.print", "label.write"))).rejects.toMatchObject({
    kind: "version-active",
  });
});

test("a payload that is no map is refused", async () => {
  const { mesh } = await started([]);

  await expect(mesh.pub("parcel.booked", [1])).rejects.toMatchObject({ kind: "invalid-argument", code: 400 });
});

test("S105 ids are new, and of the documented form", () => {
  const [one, two] = [HotMesh.guid(), HotMesh.guid()];

  expect(one).toMatch(/^H[A-Za-z0-9_-]{22}$/);
  expect(one).not.toBe(two);
});

test("S106 S107 a global stop stops every instance, says so meanwhile, and leaves the process as it was", async () => {
  const { mesh } = await started([printer]);
  const stopping = HotMesh.stop();
  const second = HotMesh.stop();

  expect(HotMesh.disconnecting).toBe(true);
  expect(second).toBe(stopping);
  await stopping;

  expect(HotMesh.disconnecting).toBe(false);
  await expect(mesh.pub("parcel.booked")).rejects.toMatchObject({ kind: "stopped", code: 409 });
});

test.each<[string, (mesh: HotMesh) => Promise<unknown>]>([
  ["getStats", (mesh) => mesh.getStats("parcel.booked", { data: {} })],
  ["getIds", (mesh) => mesh.getIds("parcel.booked", { data: {} })],
  ["resolveQuery", (mesh) => mesh.resolveQuery("parcel.booked", { data: {} })],
  ["signalAll", (mesh) => mesh.signalAll("parcel.lost", {}, { data: {} })],
  ["compress", (mesh) => mesh.compress([])],
])("an instance that only works refuses %s", async (method, call) => {
  const { appId, logLevel, clock, workers } = parts([printer], { fast: true });
  const mesh = await HotMesh.init({ appId, logLevel, clock, workers });

  await expect(call(mesh)).rejects.toMatchObject({
    kind: "no-engine",
    message: `${method} needs an engine, but init had no config.engine`,
  });
});
