import { randomUUID } from "node:crypto";
import { Client, Pool } from "pg";
import { afterEach, describe, expect, inject, test, vi } from "vitest";
import type { ConnectedConfig } from "./config.js";
import { HotMesh } from "./index.js";

const document = (id: string) => `
app:
  id: ${id}
  version: '1'
  graphs:
    - subscribes: bell.ring
      publishes: bell.rung
      activities:
        pull: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        clang:
          type: worker
          topic: tower.clang
          input: { maps: { id: '{pull.output.data.id}' } }
          job: { maps: { sound: '{$self.output.data.sound}' } }
      transitions: { pull: [ { to: clang } ] }
`;
const url = () => inject("postgresUrl");
const apps: string[] = [];

function newApp(): string {
  const app = `bells-${process.pid}-${apps.length}`;
  apps.push(app);
  return app;
}

function join(app: string, connected: ConnectedConfig, over: Partial<ConnectedConfig> = {}): Promise<HotMesh> {
  const callback = async ({ data }: { readonly data: Record<string, unknown> }) => ({
    data: { sound: `dong ${data["id"]}` },
  });
  return HotMesh.init({
    appId: app,
    logLevel: "silent",
    engine: { ...connected, ...over },
    workers: [{ ...connected, topic: "tower.clang", callback }],
  });
}

async function ring(mesh: HotMesh, app: string): Promise<unknown> {
  await mesh.deploy(document(app));
  await mesh.activate("1", 20);
  return (await mesh.pubsub("bell.ring", { id: "B1" })).data;
}

async function sql(text: string, values: unknown[] = []): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url() });
  await client.connect();
  const { rows } = await client.query(text, values);
  await client.end();
  return rows;
}

afterEach(async () => {
  await HotMesh.stop();
  for (const app of apps) await sql(`drop schema if exists "${app}" cascade`);
});

interface Form {
  readonly connected: ConnectedConfig;
  /** Whether what the caller brought still works; then it is closed. */
  readonly isAlive?: () => Promise<boolean>;
}

async function lent(): Promise<Form> {
  const client = new Client({ connectionString: url() });
  await client.connect();
  return {
    connected: { connection: { class: client, options: {}, provider: "postgres.poolclient" } },
    isAlive: async () => {
      const { rowCount } = await client.query("select 1");
      await client.end();
      return rowCount === 1;
    },
  };
}

async function lentByPool(): Promise<Form> {
  const pool = new Pool({ connectionString: url(), max: 1 });
  const client = await pool.connect();
  return {
    connected: { connection: { class: client, options: {}, provider: "postgres.poolclient" } },
    isAlive: async () => {
      const { rowCount } = await client.query("select 1");
      client.release();
      await pool.end();
      return rowCount === 1;
    },
  };
}

function ownPool(wrap: (pool: Pool) => ConnectedConfig): Form {
  const pool = new Pool({ connectionString: url(), max: 4 });
  const isAlive = async () => {
    const { rowCount } = await pool.query("select 1");
    // Hangs when a client was not given back.
    await pool.end();
    return rowCount === 1;
  };
  return { connected: wrap(pool), isAlive };
}

const byClass = () => ({ class: Client, options: { connectionString: url() } });
const forms: Readonly<Record<string, () => Form | Promise<Form>>> = {
  "S17 S18 S19 S20 a Client class with a connection string": () => ({ connected: { connection: byClass() } }),
  "S18 a Client class with the driver's own options": () => {
    const { hostname: host, port, username: user, password, pathname } = new URL(url());
    const options = {
      host,
      port: Number(port),
      user: decodeURIComponent(user),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
      application_name: "bell-tower",
    };
    return { connected: { connection: { class: Client, options } } };
  },
  "S18 a Pool class": () => ({
    connected: { connection: { class: Pool, options: { connectionString: url(), max: 3 }, provider: "postgres.pool" } },
  }),
  "F27 a Pool instance as class": () => ownPool((pool) => ({ connection: { class: pool, options: {} } })),
  "a Pool instance by itself": () => ownPool((pool) => ({ connection: pool })),
  "a connected client": lent,
  "a client out of a pool": lentByPool,
  "an address": () => ({ connected: { connection: url() } }),
  "a connection for each purpose": () => ({
    connected: { connection: { store: byClass(), stream: url(), sub: byClass() } },
  }),
  "the expanded form, as connections": () =>
    ownPool((pool) => ({
      connections: { store: pool, stream: byClass(), sub: url(), pub: byClass(), search: { class: pool, options: {} } },
    })),
};

describe("F33 a job runs, and what was brought is left open, with", () => {
  test.each(Object.keys(forms))("%s", async (name) => {
    const { connected, isAlive = async () => true } = (await forms[name]?.()) ?? { connected: {} };
    const app = newApp();
    const mesh = await join(app, connected);

    const data = await ring(mesh, app);
    await HotMesh.stop();

    expect(data).toEqual({ sound: "dong B1" });
    expect(await isAlive()).toBe(true);
  });
});

describe("init says what is wrong with", () => {
  test("a pool that has one client, which LISTEN would take", async () => {
    const pool = new Pool({ connectionString: url(), max: 1 });

    await expect(join(newApp(), { connection: { class: pool, options: {} } })).rejects.toMatchObject({
      kind: "invalid-config",
      message: /max 1; it needs at least 2/,
    });
    await pool.end();
  });

  test("the provider nats", async () => {
    const connection = { ...byClass(), provider: "nats" };

    await expect(join(newApp(), { connection })).rejects.toThrow(/^Unknown provider type: nats .*as backend/);
  });

  test("store and stream in two databases", async () => {
    const elsewhere = new URL(url());
    elsewhere.pathname = "/elsewhere";
    const connections = { store: url(), stream: elsewhere.href, sub: url() };

    await expect(join(newApp(), { connections })).rejects.toThrow(/store and stream must lead to one database/);
  });
});

test("F19 a connection that is readonly wins over the engine: it starts jobs and claims nothing", async () => {
  const app = newApp();
  const connection = { ...byClass(), readonly: true };
  const mesh = await HotMesh.init({ appId: app, logLevel: "silent", engine: { connection, readonly: false } });
  await mesh.deploy(document(app));
  await mesh.activate("1", 20);

  await mesh.pub("bell.ring", { id: "B1" });
  await sql(`select "${app}".pub('bell.ring', '{"id":"B2"}')`);

  expect(mesh.engine?.readonly).toBe(true);
  expect(await mesh.getStatus("B1")).toBe(1);
  expect(await sql(`select id from "${app}".jobs`)).toEqual([{ id: "B1" }]);
});

test("F27 task queues have pools of their own, and one LISTEN connection between them", async () => {
  const application = `t-${randomUUID()}`;
  const app = newApp();
  const options = { connectionString: url(), application_name: application, max: 1 };
  const connection = { class: Client, options };
  const meshes = [await join(app, { connection }), await join(app, { connection, taskQueue: "slow" })];
  await Promise.all([ring(meshes[0] as HotMesh, app), meshes[1]?.rollCall(50)]);

  const found = await sql("select query like 'listen%' as listens from pg_stat_activity where application_name = $1", [
    application,
  ]);

  expect(found.filter(({ listens }) => listens)).toHaveLength(1);
  expect(found).toHaveLength(3);
});

test("F10 every connection of the app is cut while jobs run: all of them end, and later ones are heard", async () => {
  const application = `t-${randomUUID()}`;
  const app = newApp();
  const connection = { class: Client, options: { connectionString: url(), application_name: application } };
  const mesh = await join(app, { connection });
  await ring(mesh, app);
  const heard: string[] = [];
  await mesh.sub("bell.rung", (_topic, { metadata }) => heard.push(String(metadata["jid"])));
  const ids = Array.from({ length: 60 }, (_, place) => `C${place}`);
  /** As a caller would: a call that was under way is made again. */
  const order = async (id: string): Promise<void> => {
    const again = async (error: { readonly retryable?: boolean; readonly name?: string }): Promise<void> => {
      if (error.name === "DuplicateJobError") return;
      if (error.retryable !== true) throw error;
      await mesh.pub("bell.ring", { id }).then(() => {}, again);
    };
    await mesh.pub("bell.ring", { id }).then(() => {}, again);
  };

  const ordered = Promise.all(ids.map(order));
  for (let cut = 0; cut < 3; cut += 1) {
    await sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [application]);
  }
  await ordered;
  await vi.waitFor(async () => {
    const open = await sql(`select id from "${app}".jobs where state <> 'completed'`);
    expect(open).toEqual([]);
  }, 20_000);
  await vi.waitFor(async () => {
    await mesh.pubsub("bell.ring", { id: `later-${heard.length}-${randomUUID()}` });
    expect(heard.some((id) => id.startsWith("later-"))).toBe(true);
  }, 20_000);

  expect(await sql(`select count(*)::int as jobs from "${app}".jobs where id like 'C%'`)).toEqual([{ jobs: 60 }]);
});

test("F11 of a hundred calls every tenth is refused by the server, and harms none of the others", async () => {
  const application = `t-${randomUUID()}`;
  const app = newApp();
  const connection = { class: Client, options: { connectionString: url(), application_name: application, max: 4 } };
  const mesh = await join(app, { connection });
  await ring(mesh, app);
  await sql(`alter table "${app}".job add constraint no_nines check (id !~ '^D\\d*9$')`);
  const ids = Array.from({ length: 100 }, (_, n) => `D${n}`);

  const outcomes = await Promise.allSettled(ids.map((id) => mesh.pub("bell.ring", { id })));
  const later = await Promise.all(Array.from({ length: 8 }, (_, n) => mesh.pub("bell.ring", { id: `E${n}` })));

  expect(outcomes.map(({ status }, n) => [n % 10 === 9, status])).toEqual(
    ids.map((_, n) => (n % 10 === 9 ? [true, "rejected"] : [false, "fulfilled"])),
  );
  const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  expect(reasons).toMatchObject(Array(10).fill({ kind: "storage-failed", retryable: false }));
  expect(later).toHaveLength(8);
  await vi.waitFor(async () => expect(await sql(`select 1 from "${app}".jobs where state <> 'completed'`)).toEqual([]));
  const states = "select state from pg_stat_activity where application_name = $1 and state like '%transaction%'";
  expect(await sql(states, [application])).toEqual([]);
});
