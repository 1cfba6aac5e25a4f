import { Client, Pool } from "pg";
import { vi } from "vitest";
import { HotMesh, type HotMeshConfig } from "../../index.js";
import type { ErrorCase } from "./error-case.js";
import type { ErrorScene } from "./error-scene.js";

const accepted =
  "a connection string, { class: Client or Pool, options }, a Pool instance as class, or backend in its place";

const providers = "postgres, postgres.pool, postgres.poolclient";

/** A configuration, as nobody who is heeded by the compiler would write it. */
const init =
  (config: (scene: ErrorScene) => object | undefined) =>
  (scene: ErrorScene): Promise<HotMesh> =>
    HotMesh.init(config(scene) as HotMeshConfig);

const worker = ({ connection }: ErrorScene) => ({
  topic: "fruit.press",
  connection,
  callback: async () => ({ data: {} }),
});

/** Refused by `init`: a configuration that is wrong. The key says where, the rest what was expected and what came. */
function refused(message: string | RegExp, config: (scene: ErrorScene) => object | undefined): ErrorCase {
  const name = `init: ${String(message).slice(0, 90)}`;
  return { name, kind: "invalid-config", message, provoke: init(config) };
}

const withEngine = (over: (scene: ErrorScene) => object) => (scene: ErrorScene) => ({
  appId: scene.appId,
  engine: { ...scene.engine, ...over(scene) },
});
const withConnection = (connection: (scene: ErrorScene) => unknown) => (scene: ErrorScene) => ({
  appId: scene.appId,
  engine: { connection: connection(scene) },
});
const withWorker = (over: (scene: ErrorScene) => object) => (scene: ErrorScene) => ({
  appId: scene.appId,
  engine: scene.engine,
  workers: [worker(scene), { ...worker(scene), ...over(scene) }],
});

/** The identity of an app, and what members there are. */
const members: readonly ErrorCase[] = [
  refused("config is undefined; expected a map with appId and engine or workers", () => undefined),
  refused("config.namespace [a b] is invalid", ({ appId, engine }) => ({ appId, namespace: "a b", engine })),
  refused("config.appId [par_cels] is invalid", ({ engine }) => ({ appId: "par_cels", engine })),
  refused("config.appId [undefined] is invalid", ({ engine }) => ({ engine })),
  refused("config.appId [a] is reserved", ({ engine }) => ({ appId: "a", engine })),
  refused("config has neither engine nor workers; expected at least one of them", ({ appId }) => ({ appId })),
  refused("config.engine is true; expected a map with connection", ({ appId }) => ({ appId, engine: true })),
  refused("config.workers is a map; expected a list of workers", ({ appId }) => ({ appId, workers: {} })),
  refused("config.drainMs is -1; expected an integer of at least 0", ({ appId, engine }) => ({
    appId,
    engine,
    drainMs: -1,
  })),
  refused(
    "config.workers[1].topic is missing; expected the topic of a worker activity",
    withWorker(() => ({ topic: undefined })),
  ),
  refused(
    "config.workers[1].callback is missing; expected a function that answers a message",
    withWorker(() => ({ callback: undefined })),
  ),
  refused("config.workers[0] is null; expected a map with topic, callback and connection", ({ appId }) => ({
    appId,
    workers: [null],
  })),
];

/** Policies, limits and durations. */
const settings: readonly ErrorCase[] = [
  refused(
    "config.engine.retryPolicy.maximumAttempts is 0; expected an integer of at least 1",
    withEngine(() => ({ retryPolicy: { maximumAttempts: 0 } })),
  ),
  refused(
    "config.engine.retryPolicy.backoffCoefficient is '2'; expected a number above 0",
    withEngine(() => ({ retryPolicy: { backoffCoefficient: "2" } })),
  ),
  refused(
    "config.engine.retry.maximumInterval is 'soon'; expected seconds or a duration such as '30s'",
    withEngine(() => ({ retry: { maximumInterval: "soon" } })),
  ),
  refused(
    "config.engine.retryPolicy is null; expected a map such as { maximumAttempts: 5 }",
    withEngine(() => ({ retryPolicy: null })),
  ),
  refused(
    "config.workers[1].retryPolicy.maximumAttempts is 1.5; expected an integer of at least 1",
    withWorker(() => ({ retryPolicy: { maximumAttempts: 1.5 } })),
  ),
  refused(
    "config.engine.concurrency is 0; expected an integer of at least 1",
    withEngine(() => ({ concurrency: 0 })),
  ),
  refused(
    "config.workers[1].concurrency is 'many'; expected an integer of at least 1",
    withWorker(() => ({ concurrency: "many" })),
  ),
  refused(
    "config.engine.retention is 'long'; expected seconds or a duration such as '2h'",
    withEngine(() => ({ retention: "long" })),
  ),
];

/** Where the storage is. */
const connections: readonly ErrorCase[] = [
  refused(`config.engine has no connection; expected ${accepted}`, ({ appId }) => ({ appId, engine: {} })),
  refused(
    `config.workers[1] has no connection; expected ${accepted}`,
    withWorker(() => ({ connection: undefined })),
  ),
  refused(
    `config.engine.connection is not a postgresql:// address; expected ${accepted}`,
    withConnection(() => "localhost:5432"),
  ),
  refused(
    `config.engine.connection is not a connection; expected ${accepted}`,
    withConnection(() => ({ options: {} })),
  ),
  refused(
    `unable to identify provider type of config.engine.connection; set provider to one of ${providers}`,
    withConnection(() => ({ class: class {}, options: {} })),
  ),
  refused(
    `Unknown provider type: nats (config.engine.connection; expected ${providers}; bring any other store as backend)`,
    withConnection(() => ({ class: Client, options: {}, provider: "nats" })),
  ),
  refused(
    "connection: the pool has max 1; it needs at least 2, because one client is taken out of it for LISTEN",
    withConnection(({ connection }) => ({ class: new Pool({ ...connection.options, max: 1 }), options: {} })),
  ),
  refused(
    "config.engine.connection: store and stream must lead to one database, because a step is one transaction",
    withConnection(({ connection, url }) => {
      const stream = { class: Client, options: { connectionString: new URL("/elsewhere", url).href } };
      return { store: connection, stream, sub: connection };
    }),
  ),
  refused(
    "config.workers[1].workerCredentials must have user and password, the login of a worker role",
    withWorker(() => ({ workerCredentials: { user: "ann" } })),
  ),
];

const unreachable: ErrorCase = {
  name: "init when nobody listens at the address",
  kind: "connection-failed",
  message: /^postgres-provider-connection-failed: .*ECONNREFUSED/,
  provoke: init(withConnection(() => "postgresql://localhost:1/none")),
};

const migrating: ErrorCase = {
  name: "init while another process migrates the schema for too long",
  kind: "schema-timeout",
  message:
    /^timeout waiting for table creation: another process has been migrating schema \S+ for 50 ms; try again, or /,
  provoke: async (scene) => {
    const appId = scene.newApp();
    const other = await scene.client();
    await other.query("begin");
    await other.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`${appId} migration`]);
    vi.stubEnv("HMSH_DEPLOYMENT_DELAY", "50");
    try {
      return await scene.join({ appId });
    } finally {
      vi.unstubAllEnvs();
      await other.query("rollback");
    }
  },
};

export const initCases: readonly ErrorCase[] = [...members, ...settings, ...connections, unreachable, migrating];
