import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { type EmbeddedPostgres, startEmbedded } from "@hotmesh/store-postgres/embedded";
import { Client } from "pg";
import { say } from "./narrate.js";
import type { Options } from "./options.js";

export interface Server {
  readonly url: string;
  /** Stops what was started here. `finished`: the data has served its purpose, and goes unless it is to be kept. */
  stop(finished: boolean): Promise<void>;
}

/** Schemas that this example makes in the database. */
export const schemas = ["order-fulfilment", "order_fulfilment_world"] as const;

/** The server of the user, or one that lives only as long as this process. */
export async function openServer(options: Options): Promise<Server> {
  return options.url === null ? startServer(options) : useServer(options.url, options);
}

async function startServer({ folder, fresh, keep }: Options): Promise<Server> {
  if (fresh) await rm(folder, { recursive: true, force: true });
  if (existsSync(folder))
    say(`An earlier run has left its data in ${folder}; going on from there (--fresh forgets it).`);
  const server: EmbeddedPostgres = await startEmbedded({ folder });
  say(`PostgreSQL runs on port ${server.port}, process ${server.pid}, data in ${folder}.`);
  return {
    url: server.url,
    stop: async (finished) => {
      await server.stop();
      if (finished && !keep) await rm(folder, { recursive: true, force: true });
      const kept = finished ? "The data stays for the next look" : "The data stays: npm start goes on from here";
      say(finished && !keep ? "PostgreSQL has stopped; its data is removed." : `PostgreSQL has stopped. ${kept}.`);
    },
  };
}

async function useServer(url: string, { fresh, keep }: Options): Promise<Server> {
  if (fresh) await dropSchemas(url);
  const { host, pathname } = new URL(url);
  say(`Using the PostgreSQL at ${host}${pathname}.`);
  return {
    url,
    stop: async (finished) => {
      if (!finished || keep) return;
      await dropSchemas(url);
      say("The schemas of this example are dropped.");
    },
  };
}

async function dropSchemas(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const schema of schemas) await client.query(`drop schema if exists "${schema}" cascade`);
  } finally {
    await client.end();
  }
}
