import { expect, test } from "vitest";
import { quoted } from "../schema/quoted.js";
import type { PostgresHarness } from "./harness.js";
import { activate, answer, program, start, topic } from "./one-worker.js";
import { postgresUrl } from "./postgres-url.js";
import { UsedApps } from "./used-apps.js";

/** Rows of each table, without when it was migrated. */
async function contents({ backend, client }: PostgresHarness): Promise<Record<string, readonly unknown[]>> {
  const connection = await client();
  const { rows } = await connection.query(
    "select tablename as name from pg_tables where schemaname = $1 and tablename <> 'migration' order by 1",
    [backend.schema],
  );
  const found: Record<string, readonly unknown[]> = {};
  for (const { name } of rows) {
    found[name] = (await connection.query(`select * from ${quoted(backend.schema)}.${quoted(name)}`)).rows;
  }
  return found;
}

test("an app that was used before has what a new one has", async () => {
  const apps = new UsedApps(postgresUrl());
  const first = await apps.open();
  const fresh = await contents(first);
  await activate(first.backend);
  const { store, stream, registry } = first.backend;
  await registry.takeTurn({ name: "turn", holder: "somebody" }, 60_000);
  await store.step({ limit: 0, events: ["one", "two"].map((id) => start(id, first.clock.now())) }, program);
  const { leases } = await stream.claim({ topic, limit: 1, leaseMs: 1_000, holder: "somebody" });
  await store.step({ limit: 0, events: [], answers: leases.map(answer) }, program);
  const used = await contents(first);
  expect(
    Object.entries(used)
      .filter(([, rows]) => rows.length > 0)
      .map(([name]) => name),
  ).toEqual(expect.arrayContaining(["activity", "job", "message", "plan", "turn", "version"]));
  await first.close();

  const second = await apps.open();
  expect(second.appId).toBe(first.appId);
  expect(await contents(second)).toEqual(fresh);
  await second.close();

  await apps.end();
  const other = await apps.open();
  const client = await other.client();
  const gone = await client.query("select 1 from pg_namespace where nspname = $1", [first.backend.schema]);
  expect(gone.rows).toEqual([]);
  await other.close();
  await apps.end();
});
