import { Client } from "pg";
import { expect, test } from "vitest";

import { pgbouncerUrl, postgresUrl } from "./postgres-url.js";

async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test("the tests have a server of a version that we support", async () => {
  const version = await connected(postgresUrl(), (client) =>
    client.query("select current_setting('server_version_num')::int as number"),
  );

  expect(version.rows[0].number).toBeGreaterThanOrEqual(150_000);
});

test.runIf(pgbouncerUrl())("the pooler hands the same database out transaction by transaction", async () => {
  const url = pgbouncerUrl() ?? "";
  const there = await connected(url, (client) => client.query("select current_database() as name"));
  const here = await connected(postgresUrl(), (client) => client.query("select current_database() as name"));

  expect(there.rows).toEqual(here.rows);
  await connected(url, async (one) => {
    await one.query("begin");
    const held = await one.query("select pg_backend_pid() as pid");
    const other = await connected(url, (two) => two.query("select pg_backend_pid() as pid"));
    await one.query("commit");

    expect(other.rows[0].pid).not.toBe(held.rows[0].pid);
  });
});
