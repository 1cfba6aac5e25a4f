import { jobId } from "@hotmesh/core";
import { openPostgres, type PostgresBackend } from "@hotmesh/store-postgres";
import { Client } from "pg";
import { afterEach, describe, inject } from "vitest";
import { HotMesh } from "./hotmesh.js";
import { type CatalogueHost, type CatalogueMesh, catalogueConformance } from "./testing/catalogue.suite.js";
import { statisticsConformance } from "./testing/statistics.suite.js";

let reader: PostgresBackend | null = null;
let apps = 0;

afterEach(async () => {
  await HotMesh.stop();
  const schema = reader?.schema ?? "";
  await reader?.close();
  const client = new Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  await client.query(`drop schema if exists "${schema}" cascade`);
  await client.end();
});

describe.each([
  { way: "handed over", handoff: true },
  { way: "through the storage", handoff: false },
])("with work $way", ({ handoff }) => {
  const host: CatalogueHost = {
    name: "Postgres",
    open: async (workers): Promise<CatalogueMesh> => {
      apps += 1;
      const appId = `specex${process.pid}x${apps}`;
      const connection = { class: Client, options: { connectionString: inject("postgresUrl") } };
      const looking = await openPostgres({ connection, appId });
      reader = looking;
      const mesh = await HotMesh.init({
        appId,
        logLevel: "error",
        engine: { connection, handoff },
        workers: workers.map((worker) => ({ ...worker, connection })),
      });
      const pending = { seconds: 1, elapse: () => {} };
      const job = (id: string) => looking.store.readJob(jobId(id));
      return { appId, mesh, passing: (work) => work, pending, job };
    },
  };
  catalogueConformance(host);
  statisticsConformance(host);
});
