import { backendConformance, type Conformance } from "@hotmesh/core/testing/laws";
import type { ClientBase } from "pg";
import { afterAll, describe } from "vitest";
import type { PostgresHarness } from "./testing/harness.js";
import { pgbouncerUrl, postgresUrl } from "./testing/postgres-url.js";
import { UsedApps } from "./testing/used-apps.js";

/** Runs `body` in a transaction of a client that the backend does not know. */
const transact: NonNullable<Conformance<ClientBase, PostgresHarness>["transact"]> = async (harness, body, end) => {
  const client = await harness.client();
  await client.query("begin");
  try {
    await body(client);
    await client.query(end);
  } catch (thrown) {
    await client.query("rollback");
    throw thrown;
  }
};

/** The server ends every connection that listens to the app's channel. */
async function interrupt(harness: PostgresHarness): Promise<void> {
  const client = await harness.client();
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
    where pid <> pg_backend_pid() and query like 'listen%' and strpos(query, $1) > 0`,
    [harness.appId],
  );
}

const apps = new UsedApps(postgresUrl());
afterAll(() => apps.end());

backendConformance<ClientBase, PostgresHarness>({
  name: "Postgres",
  open: () => apps.open(),
  transact,
  interrupt,
});

const pooler = pgbouncerUrl();
if (pooler !== null) {
  // A pooler in this mode passes no notifications on: they are listened to beside it.
  const pooled = new UsedApps(pooler, { directUrl: postgresUrl(), subConnection: postgresUrl() });
  describe("through PgBouncer in transaction mode", () => {
    afterAll(() => pooled.end());
    backendConformance<ClientBase, PostgresHarness>({
      name: "Postgres",
      open: () => pooled.open(),
      transact,
      interrupt,
    });
  });
}
