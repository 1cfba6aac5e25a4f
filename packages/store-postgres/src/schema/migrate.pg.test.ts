import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Client } from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { openPostgres } from "../open-postgres.js";
import { openHarness } from "../testing/harness.js";
import { postgresUrl } from "../testing/postgres-url.js";
import { schemaListing } from "../testing/schema-listing.js";
import { quoted } from "./quoted.js";

test("the schema is the one that was reviewed", async () => {
  // A fixed id: function bodies name their schema, and the snapshot holds a digest of them.
  const appId = "schema-snapshot";
  const cleaner = new Client({ connectionString: postgresUrl() });
  await cleaner.connect();
  await cleaner.query(`drop schema if exists ${quoted(appId)} cascade`);
  const backend = await openPostgres({ connection: postgresUrl(), appId });

  const listing = await schemaListing(cleaner, backend.schema);

  await backend.close();
  await cleaner.query(`drop schema ${quoted(appId)} cascade`);
  await cleaner.end();
  await expect(listing).toMatchFileSnapshot(join(import.meta.dirname, "..", "..", "schema.snapshot.txt"));
});

test("processes that open a new app at once create its schema once", async () => {
  const appId = `t-${randomUUID()}`;

  const opened = await Promise.all(
    ["a", "b", "c", "d"].map((processId) => openPostgres({ connection: postgresUrl(), appId, processId })),
  );

  expect(opened.filter(({ migrated }) => migrated)).toHaveLength(1);
  for (const backend of opened) await backend.close();
  const harness = await openHarness(postgresUrl(), { appId });
  expect(harness.backend.migrated).toBe(false);
  await harness.close();
});

test("opening an app whose schema is up to date reads once and locks nothing", async () => {
  const harness = await openHarness(postgresUrl(), { appId: `t-${randomUUID()}` });
  const blocker = await harness.client();
  await blocker.query("begin");
  await blocker.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`${harness.backend.schema} migration`]);

  const second = await harness.another();

  expect(second.migrated).toBe(false);
  await blocker.query("rollback");
  await harness.close();
});

test("a migration waits for another process as long as the environment says", async () => {
  const appId = `t-${randomUUID()}`;
  vi.stubEnv("HMSH_DEPLOYMENT_DELAY", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
  const blocker = new Client({ connectionString: postgresUrl() });
  await blocker.connect();
  await blocker.query("select pg_advisory_lock(hashtextextended($1, 0))", [`${appId} migration`]);

  const refused = openPostgres({ connection: postgresUrl(), appId });

  await expect(refused).rejects.toMatchObject({ kind: "schema-timeout", retryable: true });
  await blocker.end();
  // Apps of other tests may be migrating: this one has as long as it needs.
  vi.unstubAllEnvs();
  const harness = await openHarness(postgresUrl(), { appId });
  expect(harness.backend.migrated).toBe(true);
  await harness.close();
});

test("apps whose names look alike share nothing", async () => {
  const stem = randomUUID().slice(0, 8);
  const apps = [`9${stem}`, `a--${stem}`, `a-${stem}`, `A-${stem}`];
  const harnesses = await Promise.all([
    ...apps.map((appId) => openHarness(postgresUrl(), { appId })),
    openHarness(postgresUrl(), { appId: `a-${stem}`, namespace: "other" }),
  ]);

  expect(new Set(harnesses.map(({ backend }) => backend.schema)).size).toBe(5);
  for (const harness of harnesses) await harness.close();
});

test("an id with characters that are not allowed is refused before anything is opened", async () => {
  const opening = openPostgres({ connection: postgresUrl(), appId: 'x"; drop schema public' });

  await expect(opening).rejects.toMatchObject({ kind: "invalid-config", code: 400 });
});
