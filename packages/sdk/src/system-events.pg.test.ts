import { Client } from "pg";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { Escalations, HotMesh, type HotMeshConfig, type SystemEvent } from "./index.js";

const document = (id: string): string => `
app:
  id: ${id}
  version: '1'
  graphs:
    - subscribes: ask
      expire: 600
      activities:
        open: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        ask: { type: hook, sleep: '{open.output.data.patience}', escalation: { role: clerk } }
      transitions: { open: [ { to: ask } ] }
      hooks:
        answer:
          - to: ask
            conditions: { match: [ { expected: '{open.output.data.id}', actual: '{$self.hook.data.id}' } ] }
`;

const connection = () => ({ class: Client, options: { connectionString: inject("postgresUrl") } });
let apps = 0;
let app = "";
let events: SystemEvent[];
let sql: Client;

beforeEach(async () => {
  apps += 1;
  app = `told-${process.pid}-${apps}`;
  events = [];
  sql = new Client(connection().options);
  await sql.connect();
});

afterEach(async () => {
  await HotMesh.stop();
  await Escalations.shutdown();
  await sql.query("delete from public.hmsh_escalations where app_id = $1", [app]);
  await sql.query(`drop schema if exists "${app}" cascade`);
  await sql.end();
});

function join(more: Partial<HotMeshConfig> = {}): Promise<HotMesh> {
  return HotMesh.init({
    appId: app,
    logLevel: "silent",
    engine: { connection: connection() },
    events: { publish: (event) => void events.push(event) },
    ...more,
  });
}

const told = () => events.map(({ type }) => type);
/** What was told of items: the key and the last word. */
const ofItems = () =>
  events.flatMap(({ type, data }) => ("signal_key" in data ? [`${data.signal_key} ${type.split(".").at(-1)}`] : []));

test("an instance tells that it has begun and ended, and the first one that the schema is there", async () => {
  const worker = { topic: "fruit.wash", connection: connection(), callback: async () => ({}) };
  const first = await join({ workers: [worker] });
  const second = await join({ guid: "second" });
  await first.stop();
  await second.stop();

  const engine = `system.engine.${app}`;
  expect(told()).toEqual([
    `${engine}.deployed`,
    `${engine}.started`,
    "system.worker.fruit.wash.started",
    `${engine}.started`,
    "system.worker.fruit.wash.stopped",
    `${engine}.stopped`,
    `${engine}.stopped`,
  ]);
  expect(events[3]).toMatchObject({ namespace: "hmsh", app_id: app, data: { guid: "second" } });
});

test("the items that steps open and close are told of, and what a person closed only once", async () => {
  const mesh = await join();
  await mesh.deploy(document(app));
  await mesh.activate("1", 1);
  const people = new Escalations.Client({
    getHotMeshClient: async () => mesh,
    events: { publish: (event) => void events.push(event) },
  });
  const asked = async (id: string, patience = 0): Promise<void> => {
    await mesh.pub("ask", { id, patience });
    await vi.waitFor(() => expect(ofItems()).toContain(`${id} created`));
  };

  for (const id of ["signalled", "interrupted", "resolved"]) await asked(id);
  await asked("expired", 1);
  await mesh.signal("answer", { id: "signalled" });
  await mesh.interrupt("ask", "interrupted");
  const entry = await people.getBySignalKey("resolved", app);
  await people.resolve({ id: entry?.id ?? "" });

  await vi.waitFor(async () => {
    expect(await mesh.getStatus("resolved")).toBe(0);
    expect(ofItems().sort()).toEqual([
      "expired created",
      "expired expired",
      "interrupted cancelled",
      "interrupted created",
      "resolved created",
      "resolved resolved",
      "signalled created",
      "signalled resolved",
    ]);
  }, 10_000);
  expect(events.find(({ type }) => type.endsWith(".expired"))).toMatchObject({
    namespace: app,
    workflow_id: "expired",
    topic: "answer",
    data: { status: "expired", role: "clerk" },
  });
});

test("a listener that fails does not disturb the instance", async () => {
  const mesh = await join({
    events: {
      publish: () => {
        throw new Error("loud");
      },
    },
  });

  expect(mesh.appId).toBe(app);
});
