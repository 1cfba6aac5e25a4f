import { randomUUID } from "node:crypto";
import { instant, jobId, messageKey } from "@hotmesh/core";
import { Client, Pool } from "pg";
import { afterEach, expect, test } from "vitest";
import { openPostgres, type PostgresBackend } from "../open-postgres.js";
import { quoted } from "../schema/quoted.js";
import { channelName } from "../schema/schema-name.js";
import { openHarness } from "../testing/harness.js";
import { program, start } from "../testing/one-worker.js";
import { postgresUrl } from "../testing/postgres-url.js";

const opened: PostgresBackend[] = [];

afterEach(async () => {
  for (const backend of opened.splice(0)) {
    await backend.close();
    const client = new Client({ connectionString: postgresUrl() });
    await client.connect();
    await client.query(`drop schema if exists ${quoted(backend.schema)} cascade`);
    await client.end();
  }
});

async function open(
  connection: Parameters<typeof openPostgres>[0]["connection"],
  change = {},
): Promise<PostgresBackend> {
  const backend = await openPostgres({ connection, appId: `t-${randomUUID()}`, ...change });
  opened.push(backend);
  return backend;
}

async function backends(application: string): Promise<readonly { pid: number; query: string }[]> {
  const client = new Client({ connectionString: postgresUrl() });
  await client.connect();
  const found = await client.query("select pid, query from pg_stat_activity where application_name = $1", [
    application,
  ]);
  await client.end();
  return found.rows;
}

test("every form of connection opens the same storage", async () => {
  const options = { connectionString: postgresUrl() };
  const pool = new Pool(options);
  const client = new Client(options);
  await client.connect();
  const forms = [
    postgresUrl(),
    { class: Client, options },
    { class: Pool, options },
    { class: pool, options: {} },
    pool,
    { class: client, options: {}, provider: "postgres.poolclient" },
  ];

  for (const form of forms) {
    const backend = await open(form);
    expect(await backend.store.readJob(jobId("nobody"))).toBeNull();
    await backend.sub.subscribe("news", () => {});
    await backend.close();
  }

  // What was brought still works.
  expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  await pool.end();
  await client.end();
});

test("statements and transactions on one shared client take turns", async () => {
  const client = new Client({ connectionString: postgresUrl() });
  await client.connect();
  const backend = await open({ class: client, options: {}, provider: "postgres.poolclient" });
  const program = {
    reads: () => ({ passes: [], ranges: [], activation: false }),
    decide: () => {
      throw new Error("a bug");
    },
  };
  const steps = Array.from({ length: 5 }, () => backend.store.step({ limit: 1, events: [] }, program));
  const reads = Array.from({ length: 5 }, () => backend.store.depth(null));

  expect((await Promise.all(steps)).map((report) => report.claimed)).toEqual([0, 0, 0, 0, 0]);
  expect(await Promise.all(reads)).toEqual([0, 0, 0, 0, 0]);
  await backend.close();
  await client.end();
});

test("no client is given a statement while it runs another", async () => {
  const overlaps: string[] = [];
  const pool = new Pool({ connectionString: postgresUrl(), Client: watchedClient(overlaps) });
  const apps = await Promise.all(Array.from({ length: 5 }, () => open(pool)));
  const tx = await pool.connect();
  const note = (key: string) => ({ ...start("unused", instant(0)), key: messageKey(key), job: null, generation: null });

  const heard = await Promise.all(apps.map((app) => app.sub.subscribe("news", () => {})));
  await tx.query("begin");
  await Promise.all(apps.map((app) => app.stream.send([note("a"), note("b")], { within: tx })));
  await Promise.all(apps.map((app) => app.store.step({ limit: 0, events: [], within: tx }, program)));
  await tx.query("commit");
  await Promise.all(heard.map((subscription) => subscription.close()));

  expect(await Promise.all(apps.map((app) => app.store.depth(null)))).toEqual([2, 2, 2, 2, 2]);
  expect(overlaps).toEqual([]);
  tx.release();
  for (const app of apps) await app.close();
  await pool.end();
});

/** Notes the statements that a client gets while it runs another. */
function watchedClient(overlaps: string[]): typeof Client {
  class WatchedClient extends Client {}
  const running = new WeakMap<object, number>();
  Object.defineProperty(WatchedClient.prototype, "query", {
    async value(this: Client, ...given: unknown[]) {
      const others = running.get(this) ?? 0;
      if (others > 0) overlaps.push(String(given[0]));
      running.set(this, others + 1);
      try {
        return await Reflect.apply(Client.prototype.query, this, given);
      } finally {
        running.set(this, (running.get(this) ?? 1) - 1);
      }
    },
  });
  return WatchedClient;
}

test("a pool that is too small to listen out of is refused with the reason", async () => {
  const pool = new Pool({ connectionString: postgresUrl(), max: 1 });

  await expect(open(pool)).rejects.toMatchObject({ kind: "invalid-config", message: /max 1/ });
  await pool.end();
});

test("a provider that is none of ours is refused and told about backend", async () => {
  const connection = { class: Client, options: {}, provider: "nats" };

  await expect(open(connection)).rejects.toMatchObject({ kind: "invalid-config", message: /backend/ });
});

test("many backends of a process share one pool and one LISTEN connection", async () => {
  const application = `t-${randomUUID()}`;
  const options = { connectionString: postgresUrl(), application_name: application, max: 3 };
  const twenty = await Promise.all(Array.from({ length: 20 }, () => open({ class: Client, options: { ...options } })));

  await Promise.all(twenty.map((backend) => backend.sub.subscribe("news", () => {})));

  const found = await backends(application);
  expect(found.filter(({ query }) => query.startsWith("listen"))).toHaveLength(1);
  expect(found.length).toBeLessThanOrEqual(4);
  for (const backend of twenty) await backend.close();
  await expect.poll(() => backends(application)).toEqual([]);
});

test("with notifications off there is no LISTEN connection, and this process still hears itself", async () => {
  const application = `t-${randomUUID()}`;
  const connection = { class: Client, options: { connectionString: postgresUrl(), application_name: application } };
  const backend = await open(connection, { notifications: false });
  const heard: unknown[] = [];

  await backend.sub.subscribe("news", (body) => heard.push(body));
  await backend.sub.publish([{ channel: "news", body: 1 }]);

  expect(heard).toEqual([1]);
  expect((await backends(application)).filter(({ query }) => query.startsWith("listen"))).toEqual([]);
});

test("F27 two pools to two databases of one server do not mix, though the app is the same", async () => {
  const other = `t-${randomUUID()}`;
  const client = new Client({ connectionString: postgresUrl() });
  await client.connect();
  await client.query(`create database ${quoted(other)}`);
  const elsewhere = new URL(postgresUrl());
  elsewhere.pathname = `/${other}`;
  const pools = [new Pool({ connectionString: postgresUrl() }), new Pool({ connectionString: elsewhere.href })];
  const here = await open(pools[0] ?? "");
  const there = await openPostgres({ connection: pools[1] ?? "", appId: here.schema });
  const heard: unknown[] = [];
  await here.sub.subscribe("news", (body) => heard.push(["here", body]));
  await there.sub.subscribe("news", (body) => heard.push(["there", body]));

  await here.sub.publish([{ channel: "news", body: 1 }]);
  await there.sub.publish([{ channel: "news", body: 2 }]);
  await there.stream.send([{ ...start("unused", instant(0)), key: messageKey("a"), job: null, generation: null }]);

  expect(heard).toEqual([
    ["here", 1],
    ["there", 2],
  ]);
  expect([await here.store.depth(null), await there.store.depth(null)]).toEqual([0, 1]);
  await there.close();
  await here.close();
  for (const pool of pools) await pool.end();
  await client.query(`drop database ${quoted(other)} with (force)`);
  await client.end();
});

test("F27 pools and buckets of one database share one LISTEN connection", async () => {
  const application = `t-${randomUUID()}`;
  const options = { connectionString: postgresUrl(), application_name: application };
  const pool = new Pool(options);
  const apps = [
    await open({ class: Client, options }),
    await open({ class: Client, options }, { taskQueue: "slow" }),
    await open({ class: Pool, options: { ...options, max: 2 } }),
    await open(pool),
  ];

  await Promise.all(apps.map((backend) => backend.sub.subscribe("news", () => {})));

  const listening = (await backends(application)).filter(({ query }) => query.startsWith("listen"));
  expect(listening).toHaveLength(1);
  for (const backend of apps) await backend.close();
  await pool.end();
});

test("F33 a client that was lent goes on listening to what its owner listens to", async () => {
  const client = new Client({ connectionString: postgresUrl() });
  await client.connect();
  await client.query("listen own_news");
  const own = new Promise((resolve) => client.on("notification", ({ channel }) => resolve(channel)));

  const backend = await open({ class: client, options: {}, provider: "postgres.poolclient" });
  await backend.sub.subscribe("news", () => {});
  await backend.close();
  await client.query("notify own_news");

  expect(await own).toBe("own_news");
  expect((await client.query("select pg_listening_channels() as channel")).rows).toEqual([{ channel: "own_news" }]);
  await client.end();
});

test("F33 a LISTEN connection that breaks while it is being set up goes back to its pool", async () => {
  const killer = new Client({ connectionString: postgresUrl() });
  await killer.connect();
  const fragile = { breaks: 0 };
  const pool = new Pool({ connectionString: postgresUrl(), Client: breakingClient(killer, fragile) });
  const backend = await open(pool);
  const heard: unknown[] = [];
  await backend.sub.subscribe("news", (body) => heard.push(body));
  const gap = new Promise<void>((resolve) => backend.sub.onGap(resolve));

  fragile.breaks = 2;
  await killer.query("select pg_terminate_backend(pid) from pg_stat_activity where query = $1", [
    `listen ${quoted(channelName("hmsh", backend.schema))}`,
  ]);
  await gap;
  await backend.close();
  await pool.end();

  expect(fragile.breaks).toBe(0);
  expect([pool.totalCount, pool.waitingCount]).toEqual([0, 0]);
  await killer.end();
});

/** A client whose connection the server ends when it is about to listen, so many times. */
function breakingClient(killer: Client, fragile: { breaks: number }): typeof Client {
  class BreakingClient extends Client {}
  Object.defineProperty(BreakingClient.prototype, "query", {
    async value(this: Client & { readonly processID?: number }, ...given: unknown[]) {
      if (String(given[0]).startsWith("listen") && fragile.breaks > 0) {
        fragile.breaks -= 1;
        const gone = new Promise((resolve) => this.once("end", resolve));
        await killer.query("select pg_terminate_backend($1)", [this.processID]);
        await gone;
      }
      return Reflect.apply(Client.prototype.query, this, given);
    },
  });
  return BreakingClient;
}

test("the loss of every connection is survived", async () => {
  const application = `t-${randomUUID()}`;
  const options = { connectionString: postgresUrl(), application_name: application };
  const backend = await open({ class: Client, options });
  const other = await openPostgres({ connection: postgresUrl(), appId: backend.schema, processId: randomUUID() });
  const heard: unknown[] = [];
  await backend.sub.subscribe("news", (body) => heard.push(body));
  const gap = new Promise<void>((resolve) => backend.sub.onGap(resolve));
  const client = new Client({ connectionString: postgresUrl() });
  await client.connect();

  await client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [
    application,
  ]);
  await gap;
  await other.sub.publish([{ channel: "news", body: "later" }]);

  await expect.poll(() => heard).toEqual(["later"]);
  // The pool may hand out one connection that it does not know to be dead; the call after that gets a new one.
  await expect.poll(() => backend.store.depth(null).catch(() => "lost")).toBe(0);
  await client.end();
  await other.close();
});

test("a malformed notification changes nothing and ends nothing", async () => {
  const harness = await openHarness(postgresUrl());
  const heard: unknown[] = [];
  await harness.backend.sub.subscribe("news", (body) => heard.push(body));
  const client = await harness.client();
  const channel = `hmsh:${harness.appId}:q:`;
  const payloads = [
    "",
    "{",
    "null",
    "[]",
    '{"c":1}',
    '{"c":"news"}',
    '{"c":"news","r":"nothing"}',
    '{"from":{},"c":{}}',
  ];

  for (const payload of payloads) await client.query("select pg_notify($1, $2)", [channel, payload]);
  await client.query("select pg_notify($1, $2)", [channel, '{"from":"","c":"news","b":"well-formed"}']);

  await expect.poll(() => heard).toEqual(["well-formed"]);
  await harness.close();
});

test("a server that is not there is a retryable error", async () => {
  const opening = open({ class: Client, options: { host: "127.0.0.1", port: 1, user: "x", database: "x" } });

  await expect(opening).rejects.toMatchObject({ kind: "connection-failed", code: 503, retryable: true });
});

test("a failed transaction leaves no connection behind in a failed state", async () => {
  const options = { connectionString: postgresUrl(), max: 2 };
  const backend = await open({ class: Client, options });
  const program = {
    reads: () => ({ passes: [], ranges: [], activation: true }),
    decide: () => {
      throw new Error("a bug");
    },
  };
  const message = { topic: null, kind: "x", job: null, generation: null, path: null, body: null, visibleAt: null };
  const rest = { attempt: 0, policy: null, codeRetries: [], workflow: null, trace: null };
  const [key] = await backend.stream.send([]);

  expect(key).toBeUndefined();
  const failing = Array.from({ length: 10 }, (_, at) =>
    backend.store.step({ limit: 1, events: [{ ...message, ...rest, key: `k${at}` as never }] }, program),
  );
  const outcomes = await Promise.allSettled(failing);
  const healthy = await Promise.all(Array.from({ length: 10 }, () => backend.store.depth(null)));

  expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill("rejected"));
  expect(healthy).toEqual(Array(10).fill(0));
});
