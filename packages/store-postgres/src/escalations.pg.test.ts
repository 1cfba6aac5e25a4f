import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { openPostgres, type PostgresBackend, type PostgresOptions } from "./open-postgres.js";
import { quoted } from "./schema/quoted.js";
import { openHarness } from "./testing/harness.js";
import { postgresUrl } from "./testing/postgres-url.js";
import { openItems, workItem } from "./testing/work-items.js";

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** A database in which no app has been opened yet, until the test is over. */
async function freshDatabase(): Promise<string> {
  const name = `fresh-${randomUUID()}`;
  const server = await connected(postgresUrl());
  await server.query(`create database ${quoted(name)}`);
  onTestFinished(async () => {
    await server.query(`drop database ${quoted(name)} with (force)`);
    await server.end();
  });
  const url = new URL(postgresUrl());
  url.pathname = `/${name}`;
  return url.href;
}

/** A role that may create schemas, and nothing in the schema public. */
async function modestRole(client: Client): Promise<string> {
  const role = `modest-${randomUUID()}`;
  const database = (await client.query("select current_database() as name")).rows[0].name;
  await client.query(`create role ${quoted(role)}; grant create on database ${quoted(database)} to ${quoted(role)}`);
  onTestFinished(async () => {
    await client.query(`drop owned by ${quoted(role)} cascade; drop role ${quoted(role)}`);
    await client.end();
  });
  return role;
}

/** Opens an app and closes it again. */
async function opened(connection: PostgresOptions["connection"], appId = "orchard"): Promise<void> {
  const backend = await openPostgres({ connection, appId });
  await backend.close();
}

/** A connection that acts as the role. */
function as(role: string, url: string) {
  return { class: Client, options: { connectionString: url, options: `-c role=${role}` } };
}

async function waitsOf(backend: PostgresBackend): Promise<readonly string[]> {
  return (await backend.store.readEscalations("k")).map(({ wait, status }) => `${wait} ${status}`);
}

test("apps and namespaces do not see each other's work items", async () => {
  const appId = `t-${randomUUID()}`;
  const harnesses = await Promise.all([
    openHarness(postgresUrl(), { appId }),
    openHarness(postgresUrl(), { appId, namespace: "other" }),
    openHarness(postgresUrl()),
  ]);

  for (const [at, { backend }] of harnesses.entries()) await openItems(backend, [workItem(`w${at}`)]);

  expect(await Promise.all(harnesses.map(({ backend }) => waitsOf(backend)))).toEqual([
    ["w0 pending"],
    ["w1 pending"],
    ["w2 pending"],
  ]);
  for (const { close } of harnesses) await close();
});

test("apps that are opened at once in a new database create the shared table once", async () => {
  const url = await freshDatabase();

  const backends = await Promise.all(
    ["a", "b", "c", "d", "e"].map((appId) => openPostgres({ connection: url, appId, processId: appId })),
  );

  expect(backends.map(({ migrated }) => migrated)).toEqual([true, true, true, true, true]);
  for (const [at, backend] of backends.entries()) await openItems(backend, [workItem(`w${at}`)]);
  const client = await connected(url);
  const { rows } = await client.query("select app_id, status from public.hmsh_escalations order by app_id");
  expect(rows).toEqual(["a", "b", "c", "d", "e"].map((app_id) => ({ app_id, status: "pending" })));
  await client.end();
  for (const backend of backends) await backend.close();
});

test("a role that may not create the shared table is told what it lacks, and no schema is left behind", async () => {
  const url = await freshDatabase();
  const client = await connected(url);
  const role = await modestRole(client);
  const lacks = `grant create on schema public to ${quoted(role)}`;

  await expect(opened(as(role, url))).rejects.toThrow(lacks);

  const { rows } = await client.query("select to_regnamespace('orchard') is null as gone");
  expect(rows).toEqual([{ gone: true }]);
  await client.query(lacks);
  await opened(as(role, url));
});

test("a role that may not use the table of others is told what it lacks", async () => {
  const url = await freshDatabase();
  const client = await connected(url);
  const role = await modestRole(client);
  const lacks = `grant select, insert, update, delete on public.hmsh_escalations to ${quoted(role)}`;
  await opened(url, "first");

  await expect(opened(as(role, url))).rejects.toThrow(lacks);

  await client.query(lacks);
  await opened(as(role, url));
});

test("a table of that name that is not ours is left alone", async () => {
  const url = await freshDatabase();
  const client = await connected(url);
  await client.query("create table public.hmsh_escalations (id uuid)");

  const advice = "alter table public\\.hmsh_escalations rename to hmsh_escalations_before; it is made anew";
  await expect(opened(url)).rejects.toThrow(new RegExp(`was not made by this HotMesh .*: ${advice}`));

  await client.query("alter table public.hmsh_escalations rename to hmsh_escalations_before");
  await opened(url);
  await client.end();
});

test("items of an app whose schema was dropped are cancelled when it is created again", async () => {
  const { appId, backend, client, close } = await openHarness(postgresUrl());
  await openItems(backend, [workItem("before")]);
  const beside = await client();
  const byHand = "insert into public.hmsh_escalations (namespace, app_id, role) values ('hmsh', $1, 'clerk')";
  await beside.query(byHand, [appId]);
  await beside.query(`drop schema ${quoted(backend.schema)} cascade`);

  const again = await openPostgres({ connection: postgresUrl(), appId, processId: "again" });
  await openItems(again, [workItem("after")]);

  expect(await waitsOf(again)).toEqual(expect.arrayContaining(["after pending", "before cancelled"]));
  const { rows } = await beside.query(
    "select status from public.hmsh_escalations where app_id = $1 and role = 'clerk'",
    [appId],
  );
  expect(rows).toEqual([{ status: "pending" }]);
  await again.close();
  await close();
});

test("items are found by what their metadata contains", async () => {
  const { appId, backend, client, close } = await openHarness(postgresUrl());
  await openItems(backend, [
    workItem("w1", { metadata: { order: { cents: 5, tags: ["a", "nul \u0000"] } } }),
    workItem("w2", { key: "other", metadata: { order: { cents: 7 } } }),
  ]);

  const find = "select wait from public.hmsh_escalations where app_id = $1 and metadata @> $2";
  const found = async (part: unknown) =>
    (await (await client()).query(find, [appId, JSON.stringify(part)])).rows.map(({ wait }) => wait);

  expect(await found({ order: { cents: 5 } })).toEqual(["w1"]);
  expect(await found({ order: { tags: ["nul \u00010000"] } })).toEqual(["w1"]);
  expect(await found({ order: { cents: 6 } })).toEqual([]);
  await close();
});

test("an item that somebody made by hand is in the way of a wait with its key, and is not closed with it", async () => {
  const { appId, backend, client, close } = await openHarness(postgresUrl());
  const byHand = "insert into public.hmsh_escalations (namespace, app_id, signal_key) values ('hmsh', $1, 'k')";
  await (await client()).query(byHand, [appId]);

  const second = openItems(backend, [workItem("w")]);

  await expect(second).rejects.toMatchObject({ kind: "storage-busy" });
  expect(await waitsOf(backend)).toEqual([" pending"]);
  await close();
});
