import { Client } from "pg";
import { expect, test } from "vitest";
import { openPostgres } from "../open-postgres.js";
import { quoted } from "../schema/quoted.js";
import { postgresUrl } from "../testing/postgres-url.js";

const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;

test("F18 when the last backend of a pool has been closed, its connections have ended", async () => {
  const before = sockets();
  const appId = `closing-${process.pid}`;
  const connection = `${postgresUrl()}?application_name=${appId}`;
  const [one, other] = await Promise.all([
    openPostgres({ connection, appId }),
    openPostgres({ connection, appId: `${appId}-b` }),
  ]);
  await one.sub.subscribe("news", () => {});
  await Promise.all(Array.from({ length: 20 }, () => one.store.versions()));
  const open = sockets() - before;

  await one.close();
  const shared = sockets() - before;
  await other.close();

  expect(open).toBeGreaterThan(5);
  expect(shared).toBeGreaterThan(0);
  expect(sockets()).toBe(before);
  const client = new Client(postgresUrl());
  await client.connect();
  for (const { schema } of [one, other]) await client.query(`drop schema ${quoted(schema)} cascade`);
  await client.end();
});
