import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HotMesh } from "./index.js";
import { connection, SeedApp } from "./testing/seed-app.js";

const document = (id: string): string => `
app:
  id: ${id}
  version: '1'
  graphs:
    - subscribes: keep
      expire: '{$self.output.data.expire}'
      activities:
        put: { type: trigger, stats: { id: '{$self.input.data.id}' } }
    - subscribes: sleep
      activities:
        lie: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        nap: { type: hook, sleep: '{lie.output.data.seconds}' }
      transitions: { lie: [ { to: nap } ] }
    - subscribes: listen
      activities:
        sit: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        wait: { type: hook }
      transitions: { sit: [ { to: wait } ] }
      hooks:
        called:
          - to: wait
            conditions: { match: [ { expected: '{sit.output.data.id}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: try
      activities:
        ask: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        work:
          type: worker
          topic: fails
          input:
            maps:
              maximumAttempts: '{ask.output.data.attempts}'
              maximumInterval: '{ask.output.data.interval}'
              initialInterval: '{ask.output.data.initial}'
      transitions: { ask: [ { to: work } ] }
`;

const century = 100 * 365 * 86_400_000;
const fails = async (): Promise<never> => {
  throw new Error("not now");
};
let app: SeedApp;
let mesh: HotMesh;

beforeAll(async () => {
  const retryPolicy = { maximumAttempts: 1e12, backoffCoefficient: 1e300, maximumInterval: 1e30 };
  app = await SeedApp.open("oddtimes", [{ topic: "fails", connection: connection(), callback: fails, retryPolicy }]);
  mesh = app.desk;
  await app.activate(document(app.appId));
});

afterAll(() => app.close());

/** Milliseconds from now to what is in this column. */
async function until(column: string, of: string): Promise<number> {
  const rows = await app.sql(`select ${column}::float8 - extract(epoch from clock_timestamp()) * 1000 as ms
    from "${app.appId}".${of}`);
  expect(rows).toHaveLength(1);
  return Number(rows[0]?.["ms"]);
}

test("a finished job is kept however long that is", async () => {
  await mesh.pub("keep", { id: "kept", expire: 1e30 });
  await mesh.pub("keep", { id: "brief", expire: 1e-9 });

  expect(await mesh.getStatus("kept")).toBe(0);
  expect(await until("expire_at", "job where id = 'kept'")).toBeGreaterThan(century);
  expect(await app.rows("jobs where id = 'kept'")).toHaveLength(1);
  await vi.waitFor(() => expect(mesh.getStatus("brief")).rejects.toThrow("not found"));
});

test("a timer waits however long that is", async () => {
  await mesh.pub("sleep", { id: "long", seconds: 1e30 });
  await mesh.pub("sleep", { id: "short", seconds: 1e-9 });

  expect(await mesh.getStatus("long")).toBe(1);
  expect(await until("visible_at", "message where job_id = 'long'")).toBeGreaterThan(century);
  await vi.waitFor(async () => expect(await mesh.getStatus("short")).toBe(0), 5_000);
  await mesh.interrupt("sleep", "long", { expire: 1e30 });
  expect(await until("expire_at", "job where id = 'long'")).toBeGreaterThan(century);
  await mesh.pub("sleep", { id: "other", seconds: 60 });
  await mesh.interrupt("sleep", "other", { expire: 0.0015 });
  await vi.waitFor(() => expect(mesh.getStatus("other")).rejects.toThrow("not found"));
});

test("a pending job is kept however long that is", async () => {
  await mesh.pub("sleep", { id: "later", seconds: 0 }, undefined, { pending: 1e30 });
  await mesh.pub("sleep", { id: "soon", seconds: 0 }, undefined, { pending: 0.0015 });

  expect(await mesh.resume("later")).toBe("later");
  await vi.waitFor(() => expect(mesh.getStatus("soon")).rejects.toThrow("not found"));
});

test("an early signal is kept however long that is", async () => {
  await mesh.signal("called", { id: "far", $expire: 1e30 });
  await mesh.signal("called", { id: "near", $expire: 60.0015 });

  for (const id of ["far", "near"]) {
    await mesh.pub("listen", { id });
    await vi.waitFor(async () => expect(await mesh.getStatus(id)).toBe(0), 5_000);
  }
});

test.each([
  ["reserved inputs", { attempts: 1e12, interval: 1e30, initial: 1e30 }],
  ["reserved inputs that are no whole numbers", { attempts: 2.5, interval: 0.0105, initial: 1e-3 }],
  ["the policy of the worker", {}],
])("a retry by %s waits however long that is", async (id, inputs) => {
  await mesh.pub("try", { id, ...inputs });

  const retries = `worker_streams where jid = '${id}' and retry_attempt = 1`;
  await vi.waitFor(async () => expect(await app.rows(retries)).toHaveLength(1), 5_000);
  await mesh.scrub(id);
});

test("a retry by the policy of the engine waits however long that is", async () => {
  const retryPolicy = { maximumAttempts: 1e12, backoffCoefficient: 1e9, maximumInterval: 1e30 };
  const engine = { connection: connection(), retryPolicy, retention: 1e30 };
  const other = await HotMesh.init({ appId: app.appId, logLevel: "silent", engine });

  await other.pub("try", { id: "stamped" });

  await vi.waitFor(async () => {
    expect(await app.rows("worker_streams where jid = 'stamped' and retry_attempt > 0")).toHaveLength(1);
  }, 5_000);
  await mesh.scrub("stamped");
  await other.stop();
});

test("a caller waits however long that is", async () => {
  const waiting = mesh.pubsub("listen", { id: "patient" }, null, 1e15);
  await vi.waitFor(async () => expect(await mesh.getStatus("patient")).toBe(1), 5_000);

  await mesh.signal("called", { id: "patient" });

  expect((await waiting).metadata["state"]).toBe("completed");
});
