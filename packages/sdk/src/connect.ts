import { HotMeshError } from "@hotmesh/core";
import {
  databaseBehind,
  openPostgres,
  openWorker,
  type PostgresConnection,
  type WorkerBackend,
  type WorkerCredentials,
} from "@hotmesh/store-postgres";
import type { AnyBackend, ConnectedConfig, ConnectionSet, HotMeshWorker } from "./config.js";

/** A backend that was opened for somebody, or is shared with others of this process. */
export interface Borrowed {
  readonly backend: AnyBackend;
  /** It was opened for this one, which created or changed the schema of the app. */
  readonly migrated: boolean;
  /** The last borrower closes it; a backend that the caller brought is never closed. */
  giveBack(): Promise<void>;
}

export interface ConnectOptions {
  /** Where the connection stands in the configuration, for errors. */
  readonly path: string;
  readonly namespace: string;
  readonly appId: string;
  readonly taskQueue: string | undefined;
}

interface Shared {
  readonly opening: Promise<AnyBackend>;
  users: number;
}

const providers = new Set(["postgres", "postgres.pool", "postgres.poolclient"]);
const accepted =
  "a connection string, { class: Client or Pool, options }, a Pool instance as class, or backend in its place";
const shared = new Map<string, Shared>();
const identities = new WeakMap<object, number>();
let identitiesGiven = 0;

/** Opens the backend that the configuration names; whoever names the same one for the same app shares it. */
export async function connect(config: Connectable, options: ConnectOptions): Promise<Borrowed> {
  const { workerCredentials: credentials } = config;
  if (config.backend !== undefined) return { backend: config.backend, migrated: false, giveBack: async () => {} };
  const routes = routesOf(config, options.path);
  const taskQueue = config.taskQueue ?? options.taskQueue ?? "";
  const key = identityOf([taskQueue, options.namespace, options.appId, routes, credentials]);
  const isFirst = !shared.has(key);
  const how = { ...routes, ...(taskQueue !== "" && { taskQueue }), ...(credentials !== undefined && { credentials }) };
  const entry = shared.get(key) ?? { opening: open(how, options), users: 0 };
  shared.set(key, entry);
  entry.users += 1;
  const forget = (): void => {
    if (shared.get(key) === entry) shared.delete(key);
  };
  const giveBack = once(async () => {
    entry.users -= 1;
    if (entry.users > 0) return;
    forget();
    await (await entry.opening).close();
  });
  try {
    const backend = await entry.opening;
    if (isOfWorker(backend) && config.topic !== undefined) await reached(backend.admit(config.topic));
    return { backend, migrated: isFirst && "migrated" in backend && backend.migrated === true, giveBack };
  } catch (error) {
    await giveBack().catch(() => {});
    throw error;
  }
}

/** It can only do what a worker role may. */
export function isOfWorker(backend: AnyBackend): backend is WorkerBackend & AnyBackend {
  return "admit" in backend;
}

type Connectable = ConnectedConfig & Partial<Pick<HotMeshWorker, "topic" | "workerCredentials">>;

/** Where an app's storage is reached, and where it is listened to when that is elsewhere. */
export interface Routes {
  readonly connection: PostgresConnection;
  readonly subConnection?: PostgresConnection;
}

interface Way extends Routes {
  readonly taskQueue?: string;
  readonly credentials?: WorkerCredentials;
}

async function open({ credentials, ...way }: Way, { namespace, appId }: ConnectOptions): Promise<AnyBackend> {
  if (credentials === undefined) return reached(openPostgres({ ...way, namespace, appId }));
  return openWorker({ ...way, namespace, appId, credentials });
}

async function reached<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!HotMeshError.is(error) || error.kind !== "connection-failed") throw error;
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    const message = `postgres-provider-connection-failed: ${reason}`;
    throw new HotMeshError("connection-failed", message, { cause: error });
  }
}

export function routesOf(config: ConnectedConfig, path: string): Routes {
  const given = config.connection ?? config.connections;
  if (given === undefined || given === null) throw invalid(`${path} has no connection; expected ${accepted}`);
  if (!isSet(given)) return { connection: checked(given, `${path}.connection`) };
  const connection = checked(given.store, `${path}.connection.store`);
  const stream = checked(given.stream, `${path}.connection.stream`);
  const subConnection = checked(given.sub, `${path}.connection.sub`);
  if (databaseBehind(connection) !== databaseBehind(stream)) {
    throw invalid(`${path}.connection: store and stream must lead to one database, because a step is one transaction`);
  }
  return identityOf(subConnection) === identityOf(connection) ? { connection } : { connection, subConnection };
}

function isSet(given: PostgresConnection | ConnectionSet): given is ConnectionSet {
  return typeof given === "object" && "store" in given && "stream" in given;
}

function checked(connection: PostgresConnection, path: string): PostgresConnection {
  if (typeof connection === "string") {
    if (/^postgres(ql)?:\/\//.test(connection)) return connection;
    throw invalid(`${path} is not a postgresql:// address; expected ${accepted}`);
  }
  if (typeof connection !== "object" || connection === null) throw invalid(`${path} is missing; expected ${accepted}`);
  if (!("class" in connection)) {
    if (isQueryable(connection)) return connection;
    throw invalid(`${path} is not a connection; expected ${accepted}`);
  }
  const { provider } = connection;
  if (provider === undefined && !isClass(connection.class) && !isQueryable(connection.class)) {
    throw invalid(`unable to identify provider type of ${path}; set provider to one of ${[...providers].join(", ")}`);
  }
  if (provider !== undefined && !providers.has(provider)) {
    const hint = `expected ${[...providers].join(", ")}; bring any other store as backend`;
    throw invalid(`Unknown provider type: ${provider} (${path}; ${hint})`);
  }
  return connection;
}

function isClass(value: unknown): boolean {
  return typeof value === "function" && isQueryable(value.prototype);
}

function isQueryable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "query" in value && typeof value.query === "function";
}

/** Equal for what is the same connection: instances by identity, options by content. */
export function identityOf(value: unknown): string {
  if (typeof value === "function") return `#${identityNumber(value)}`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return `[${value.map(identityOf).join()}]`;
  if (prototype !== Object.prototype && prototype !== null) return `#${identityNumber(value)}`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${identityOf(item)}`).join()}}`;
}

function identityNumber(value: object): number {
  const known = identities.get(value);
  if (known !== undefined) return known;
  identitiesGiven += 1;
  identities.set(value, identitiesGiven);
  return identitiesGiven;
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => {
    running ??= run();
    return running;
  };
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-config", message);
}
