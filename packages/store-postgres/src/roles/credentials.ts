import { HotMeshError } from "@hotmesh/core";
import { Pool, type PoolConfig } from "pg";
import { type PostgresConnection, sourceOf } from "../connection/connection.js";

/** The login of a worker role. */
export interface WorkerCredentials {
  /** The role's name. */
  readonly user: string;
  /** As it was given or generated. */
  readonly password: string;
}

/** The way to the same database with another login. Throws `invalid-config` for a client: it is logged in already. */
export function withCredentials(connection: PostgresConnection, login: WorkerCredentials): PostgresConnection {
  const source = sourceOf(connection);
  switch (source.kind) {
    case "open":
      return { class: source.constructor, options: replaced(source.options, login) };
    case "pool":
      return { class: Pool, options: replaced(source.pool.options, login) };
    case "client":
      throw new HotMeshError(
        "invalid-config",
        "workerCredentials need a connection to open; a client that is connected has logged in already",
      );
  }
}

function replaced({ connectionString, ...options }: PoolConfig, { user, password }: WorkerCredentials): PoolConfig {
  // What a connection string says wins over the options beside it.
  const address =
    connectionString === undefined ? {} : { connectionString: addressed(connectionString, user, password) };
  return { ...options, ...address, user, password };
}

/** In the query, which wins over the part before the host and is possible without a host too. */
function addressed(connectionString: string, user: string, password: string): string {
  // A directory with a socket, and a database: no login.
  if (connectionString.startsWith("/")) return connectionString;
  const [address = "", ...rest] = connectionString.split("?");
  const given = rest.length === 0 ? [] : rest.join("?").split("&");
  const kept = given.filter((part) => !/^(user|password)=/.test(part));
  const login = [`user=${encodeURIComponent(user)}`, `password=${encodeURIComponent(password)}`];
  return `${address.replace(/^([a-z]+:\/\/)[^/]*@/i, "$1")}?${[...kept, ...login].join("&")}`;
}
