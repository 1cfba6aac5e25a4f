import { Client, Pool } from "pg";
import { afterEach, expect, inject, test } from "vitest";
import { Connector, ConnectorPostgres, HotMesh } from "./index.js";

const options = () => ({ connectionString: inject("postgresUrl") });
const appId = `connector${process.pid}`;

afterEach(async () => {
  await HotMesh.stop();
  await Connector.disconnectAll();
});

test("a connector gives a connected client, and closes it once", async () => {
  const connector = await ConnectorPostgres.connect("desk", Client, options());

  const { rows } = await connector.getClient().query("select 1 as one");
  await connector.disconnect();
  await connector.disconnect();

  expect(connector.id).toBe("desk");
  expect(rows).toEqual([{ one: 1 }]);
  await expect(connector.getClient().query("select 1")).rejects.toThrow("closed");
});

test("an instance works on the pool of a connector and leaves it open, until all are disconnected", async () => {
  const connector = await ConnectorPostgres.connect("pool", Pool, { ...options(), max: 3 });
  const pool = connector.getClient();

  const mesh = await HotMesh.init({ appId, logLevel: "silent", engine: { connection: { class: pool, options: {} } } });
  await mesh.stop();
  await pool.query(`drop schema "${appId}" cascade`);
  await Connector.disconnectAll();

  await expect(pool.query("select 1")).rejects.toThrow("after calling end");
});

test("a server that cannot be reached is an error that may pass", async () => {
  const connecting = ConnectorPostgres.connect("desk", Client, { connectionString: "postgresql://localhost:1/none" });

  await expect(connecting).rejects.toMatchObject({
    kind: "connection-failed",
    retryable: true,
    message: expect.stringMatching(/^postgres-provider-connection-failed: .*ECONNREFUSED/),
  });
});
