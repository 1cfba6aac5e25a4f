import { randomUUID } from "node:crypto";
import { HotMeshError } from "@hotmesh/core";
import type { ClientBase, ClientConfig, Pool } from "pg";
import { Hub } from "../sub/hub.js";
import { clientDatabase } from "./client-database.js";
import { closing } from "./close-pool.js";
import {
  databaseOf,
  databaseOfClient,
  openPool,
  type PostgresConnection,
  type Source,
  sourceOf,
} from "./connection.js";
import type { Database } from "./database.js";
import { poolDatabase } from "./pool-database.js";

/** What several backends of a process share: a pool, and the listener of its database. */
export interface Lent {
  readonly database: Database;
  readonly hub: Hub;
  /** The last borrower closes what was opened for it. */
  giveBack(): Promise<void>;
}

interface Shared {
  readonly database: Database;
  readonly where: string;
  readonly close: () => Promise<void>;
  users: number;
}

/** The identity of this process among those that hear its notifications. */
export const thisProcess: string = randomUUID();

const pools = new Map<unknown, Shared>();
const hubs = new Map<string, { readonly hub: Hub; users: number }>();
const names = new WeakMap<object, string>();

/** `processId` differs from {@link thisProcess} only where a test stands for several processes. */
export function borrow(connection: PostgresConnection, bucket: string, processId: string): Lent {
  const source = sourceOf(connection);
  const key = keyOf(source, bucket);
  const shared = pools.get(key) ?? open(source);
  pools.set(key, shared);
  shared.users += 1;
  const hubKey = JSON.stringify([processId, shared.where]);
  const entry = hubs.get(hubKey) ?? { hub: new Hub(processId), users: 0 };
  hubs.set(hubKey, entry);
  entry.users += 1;
  entry.hub.addRoute(shared.database);

  let isBorrowed = true;
  return {
    database: shared.database,
    hub: entry.hub,
    async giveBack() {
      if (!isBorrowed) return;
      isBorrowed = false;
      await entry.hub.removeRoute(shared.database);
      entry.users -= 1;
      if (entry.users === 0) {
        hubs.delete(hubKey);
        await entry.hub.close();
      }
      shared.users -= 1;
      if (shared.users > 0) return;
      pools.delete(key);
      await shared.close();
    },
  };
}

function open(source: Source): Shared {
  switch (source.kind) {
    case "pool":
      return {
        database: poolDatabase(source.pool, null),
        where: databaseOf(optionsOf(source.pool)),
        close: async () => {},
        users: 0,
      };
    case "client":
      return {
        database: clientDatabase(source.client),
        where: whereIs(source.client),
        close: async () => {},
        users: 0,
      };
    case "open": {
      const pool = openPool(source);
      const config: ClientConfig = source.options;
      const database = poolDatabase(pool, config);
      return { database, where: databaseOf(config), close: closing(pool), users: 0 };
    }
  }
}

/** Pools are told apart by themselves; options by their content, so that equal ones share a pool. */
function keyOf(source: Source, bucket: string): unknown {
  switch (source.kind) {
    case "pool":
      return source.pool;
    case "client":
      return source.client;
    case "open":
      return JSON.stringify([bucket, nameOf(source.constructor), source.options], (_, value: unknown) =>
        typeof value === "function" ? nameOf(value) : value,
      );
  }
}

function whereIs(client: ClientBase): string {
  return databaseOfClient(client) ?? nameOf(client);
}

/** Something that has no content to compare gets a name of its own. */
function nameOf(object: object): string {
  const name = names.get(object) ?? randomUUID();
  names.set(object, name);
  return name;
}

function optionsOf(pool: Pool): ClientConfig {
  const options: unknown = pool.options;
  if (typeof options !== "object" || options === null) {
    throw new HotMeshError("invalid-config", "connection: the pool does not say what its options are");
  }
  return options;
}
