import { HotMeshError } from "@hotmesh/core";
import { Client, type ClientBase, type ClientConfig, Pool, type PoolConfig } from "pg";

/** A class of `pg`, or of something that behaves like it. */
// biome-ignore lint/suspicious/noExplicitAny: constructors of pg take differing, optional configurations
type PgClass = new (...options: any[]) => object;

/** How to reach Postgres. */
export type PostgresConnection =
  | string
  | Pool
  | ClientBase
  | {
      /** A Client or Pool class, a Pool, or a connected client. */
      readonly class: PgClass | Pool | ClientBase;
      readonly options: PoolConfig;
      readonly provider?: string;
      /** True: whoever is given this connection never claims. It wins over `readonly` beside it. */
      readonly readonly?: boolean;
    };

/** What a connection turns out to be. */
export type Source =
  | { readonly kind: "pool"; readonly pool: Pool }
  | { readonly kind: "client"; readonly client: ClientBase }
  | { readonly kind: "open"; readonly constructor: PgClass; readonly isPool: boolean; readonly options: PoolConfig };

const providers = new Set(["postgres", "postgres.pool", "postgres.poolclient"]);

export function sourceOf(connection: PostgresConnection): Source {
  if (typeof connection === "string") {
    return { kind: "open", constructor: Client, isPool: false, options: { connectionString: connection } };
  }
  if (!("class" in connection)) return ofInstance(connection);
  const { class: given, options, provider } = connection;
  if (provider !== undefined && !providers.has(provider)) {
    throw invalid(`provider '${provider}' is not one of ${[...providers].join(", ")}; bring other stores as 'backend'`);
  }
  if (typeof given !== "function") return ofInstance(given);
  return { kind: "open", constructor: given, isPool: "idleCount" in given.prototype, options: options ?? {} };
}

function ofInstance(given: Pool | ClientBase): Source {
  if (isPool(given)) {
    const max = given.options.max;
    if (max !== undefined && max !== null && max < 2) {
      throw invalid(`the pool has max ${max}; it needs at least 2, because one client is taken out of it for LISTEN`);
    }
    return { kind: "pool", pool: given };
  }
  if (typeof given.query !== "function")
    throw invalid("expected a Client or Pool class, a pool, or a connected client");
  return { kind: "client", client: given };
}

function isPool(given: Pool | ClientBase): given is Pool {
  return "idleCount" in given;
}

/** A pool with the options as they are, of the class that was given. */
export function openPool(source: Extract<Source, { kind: "open" }>): Pool {
  if (!source.isPool) return new Pool({ ...source.options, Client: source.constructor } as PoolConfig);
  const pool = new source.constructor(source.options);
  if (!("idleCount" in pool)) throw invalid("the class does not make pools");
  return pool as Pool;
}

/**
 * A text that is the same for connections that lead to the same server and database, by their own account. A client
 * that does not say where it leads is like no other.
 */
export function databaseBehind(connection: PostgresConnection): string | object {
  const source = sourceOf(connection);
  switch (source.kind) {
    case "pool":
      return databaseOf(source.pool.options);
    case "client":
      return databaseOfClient(source.client) ?? source.client;
    case "open":
      return databaseOf(source.options);
  }
}

export function databaseOfClient(client: ClientBase): string | null {
  if (!("host" in client && "port" in client && "database" in client)) return null;
  return JSON.stringify([client.host, client.port, client.database]);
}

/** Server and database that options lead to, by the driver's own rules. */
export function databaseOf(options: ClientConfig): string {
  const probe = new Client(options);
  return JSON.stringify([probe.host, probe.port, probe.database]);
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-config", `connection: ${message}`);
}
