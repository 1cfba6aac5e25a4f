import { randomUUID } from "node:crypto";
import { TestClock } from "@hotmesh/core/testing";
import { Client } from "pg";
import { openPostgres, type PostgresBackend, type PostgresOptions } from "../open-postgres.js";
import { quoted } from "../schema/quoted.js";

/** An app of its own in the database of the test run, with a clock that the test moves. */
export interface PostgresHarness {
  readonly appId: string;
  readonly clock: TestClock;
  readonly backend: PostgresBackend;
  /** A second process. */
  another(): Promise<PostgresBackend>;
  /** A client beside those of the backend, which the server does not tell apart from any other. */
  client(): Promise<Client>;
  /** Closes what was opened, deletes what the app has in the table that all apps share, and drops the schema. */
  close(): Promise<void>;
}

export interface HarnessOptions extends Partial<PostgresOptions> {
  /** Where to look and clean up, when the backend goes through a pooler. */
  readonly directUrl?: string;
  /** False: the server's own clock. */
  readonly hasTestClock?: boolean;
  /** What becomes of the schema at the end. It is dropped unless given. */
  readonly leave?: (client: Client, app: { readonly appId: string; readonly schema: string }) => Promise<void>;
}

export async function openHarness(url: string, options: HarnessOptions = {}): Promise<PostgresHarness> {
  const { directUrl = url, hasTestClock = true, leave = dropApp, ...given } = options;
  const appId = given.appId ?? `t-${randomUUID()}`;
  const clock = new TestClock();
  const clients: Client[] = [];
  const backends: PostgresBackend[] = [];
  const open = async (processId: string): Promise<PostgresBackend> => {
    const time = hasTestClock ? { now: () => clock.now() } : {};
    const backend = await openPostgres({ connection: url, ...given, ...time, appId, processId });
    backends.push(backend);
    return backend;
  };
  const client = async (): Promise<Client> => {
    const opened = new Client({ connectionString: directUrl });
    opened.on("error", () => {});
    await opened.connect();
    clients.push(opened);
    return opened;
  };
  const backend = await open(randomUUID());
  return {
    appId,
    clock,
    backend,
    another: () => open(randomUUID()),
    client,
    close: async () => {
      for (const opened of backends) await opened.close();
      const cleaner = await client();
      await cleaner.query("delete from public.hmsh_escalations where app_id = $1", [appId]);
      await leave(cleaner, { appId, schema: backend.schema });
      for (const opened of clients) await opened.end();
    },
  };
}

export async function dropApp(client: Client, { schema }: { readonly schema: string }): Promise<void> {
  await client.query(`drop schema if exists ${quoted(schema)} cascade`);
}
