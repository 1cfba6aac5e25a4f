import { memoryBackend, TestClock } from "@hotmesh/core/testing";
import { Client } from "pg";
import { expect, test, vi } from "vitest";
import type { ConnectedConfig } from "./config.js";
import { connect } from "./connect.js";

const options = { path: "config.engine", namespace: "hmsh", appId: "parcels", taskQueue: undefined };
const database = { class: Client, options: { connectionString: "postgresql://nobody@127.0.0.1:1/none" } };

async function messageOf(config: object): Promise<string> {
  const given: ConnectedConfig = JSON.parse("{}");
  return connect(Object.assign(given, config), options).then(
    () => "connected",
    (error: Error) => error.message,
  );
}

test("a connection that is missing or none is refused with its place and the accepted forms", async () => {
  expect(await messageOf({})).toMatch(/^config\.engine has no connection; expected a connection string, \{ class/);
  expect(await messageOf({ connection: "localhost" })).toMatch(
    /^config\.engine\.connection is not a postgresql:\/\/ address/,
  );
  expect(await messageOf({ connection: { class: class {}, options: {} } })).toMatch(
    /^unable to identify provider type/,
  );
  expect(await messageOf({ connection: { ...database, provider: "nats" } })).toMatch(
    /^Unknown provider type: nats \(.*backend/,
  );
});

test("store and stream must lead to one database", async () => {
  const other = { class: Client, options: { connectionString: "postgresql://nobody@127.0.0.1:1/other" } };

  expect(await messageOf({ connections: { store: database, stream: other, sub: database } })).toBe(
    "config.engine.connection: store and stream must lead to one database, because a step is one transaction",
  );
});

test("a server that refuses connections is named by the driver's own words", async () => {
  expect(await messageOf({ connection: database })).toMatch(/^postgres-provider-connection-failed: .*ECONNREFUSED/);
});

test("a backend that the caller brought is used as it is and never closed", async () => {
  const backend = memoryBackend({ clock: new TestClock() });
  const close = vi.fn(backend.close);
  const own = { ...backend, close };

  const borrowed = await connect({ backend: own }, options);
  await borrowed.giveBack();

  expect(borrowed.backend).toBe(own);
  expect(close).not.toHaveBeenCalled();
});
