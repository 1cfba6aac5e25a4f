import { randomUUID } from "node:crypto";
import type { Backend, Instant, Store } from "@hotmesh/core";
import { HotMeshError } from "@hotmesh/core";
import type { ClientBase } from "pg";
import type { PostgresConnection } from "./connection/connection.js";
import { borrow, type Lent, thisProcess } from "./connection/shared-connections.js";
import { Entities } from "./entities/entities.js";
import { readEnvironment } from "./environment.js";
import { WorkItems } from "./escalations/work-items.js";
import { Jobs } from "./jobs/jobs.js";
import { Plans } from "./plans/plans.js";
import { PostgresRegistry } from "./registry/postgres-registry.js";
import { migrate } from "./schema/migrate.js";
import { queryBuilder } from "./schema/query-builder.js";
import { quoted } from "./schema/quoted.js";
import { channelName, defaultNamespace, schemaName } from "./schema/schema-name.js";
import { DatabaseClock } from "./step/database-clock.js";
import { Stepper } from "./step/stepper.js";
import { PostgresStream } from "./stream/postgres-stream.js";
import { noticeTable } from "./sub/notices.js";
import { PostgresSub } from "./sub/postgres-sub.js";

/** Which storage to open. */
export interface PostgresOptions {
  /** Backends with equal connections share one pool, and one LISTEN connection per database. */
  readonly connection: PostgresConnection;
  /** Where to listen and to notify: the same database without a pooler in between. `connection` unless given. */
  readonly subConnection?: PostgresConnection;
  /** Letters, digits and `-`. */
  readonly appId: string;
  /** `hmsh` unless given. Namespace and app together name the schema. */
  readonly namespace?: string;
  /** Connections are shared within a bucket only. */
  readonly taskQueue?: string;
  /** False: no LISTEN and no NOTIFY; everything is found by looking. The environment can say so too. */
  readonly notifications?: boolean;
  /** A time other than the server's, for tests. */
  readonly now?: () => Instant;
  /** Shown to people as the holder of work that is handed over. */
  readonly holder?: string;
  /** @internal Stands for another process. */
  readonly processId?: string;
}

/** A backend, and what only this one can tell. */
export interface PostgresBackend extends Backend<ClientBase> {
  /** The schema of the app, as it is called in Postgres. */
  readonly schema: string;
  /** Opening it created or changed the schema. */
  readonly migrated: boolean;
  /** The work items of all apps of the database. */
  readonly workItems: WorkItems;
  /** The entity documents of the app's jobs. */
  readonly entities: Entities;
}

/**
 * Opens the storage of one app on PostgreSQL 15 or later, and creates or migrates its schema. Closing it closes what
 * was opened for it and nothing that was brought.
 */
export async function openPostgres(options: PostgresOptions): Promise<PostgresBackend> {
  const { appId, namespace = defaultNamespace, processId = thisProcess } = options;
  for (const [noun, name] of Object.entries({ appId, namespace })) {
    if (!/^[A-Za-z0-9-]+$/.test(name)) {
      throw new HotMeshError("invalid-config", `${noun} '${name}' may contain letters, digits and '-' only`);
    }
  }
  const environment = readEnvironment();
  const bucket = options.taskQueue ?? "";
  const lent = borrow(options.connection, bucket, processId);
  const heard = options.subConnection === undefined ? lent : borrow(options.subConnection, bucket, processId);
  try {
    const migrated = await migrate(lent.database, { namespace, appId, waitMs: environment.migrationWaitMs });
    const notifications = options.notifications ?? environment.notifications;
    return backend({ lent, heard }, { ...options, namespace, notifications }, migrated);
  } catch (thrown) {
    await Promise.all([lent.giveBack(), heard.giveBack()]);
    throw thrown;
  }
}

function backend(
  { lent, heard }: { readonly lent: Lent; readonly heard: Lent },
  options: PostgresOptions & { readonly namespace: string; readonly notifications: boolean },
  migrated: boolean,
): PostgresBackend {
  const { appId, namespace } = options;
  const name = schemaName(namespace, appId);
  const schema = quoted(name);
  const builder = queryBuilder(name);
  const { database } = lent;
  const { hub } = heard;
  const clock = new DatabaseClock(options.now ?? null);
  const sub = new PostgresSub({
    hub,
    notices: noticeTable(builder),
    name: channelName(namespace, appId),
    notifications: options.notifications,
  });
  const shared = { database, schema, clock };
  const stepper = new Stepper({ ...shared, sub, holder: options.holder ?? randomUUID() });
  let closing: Promise<void> | null = null;
  return {
    schema: name,
    migrated,
    workItems: new WorkItems({ database, prepare: null }),
    entities: new Entities({ database, name, builder, clock }),
    store: postgresStore(
      stepper,
      new Plans({ database, name, builder, clock }),
      new Jobs({ ...shared, namespace, appId, builder }),
    ),
    stream: new PostgresStream({ ...shared, sub }),
    sub,
    registry: new PostgresRegistry({ ...shared, builder }),
    close: () => {
      closing ??= sub.close().then(async () => {
        await lent.giveBack();
        await heard.giveBack();
      });
      return closing;
    },
  };
}

function postgresStore(stepper: Stepper, plans: Plans, jobs: Jobs): Store<ClientBase> {
  return {
    step: (options, program) => stepper.step(options, program),
    deploy: (plan) => plans.deploy(plan),
    loadPlans: (ids) => plans.loadPlans(ids),
    versions: () => plans.versions(),
    activate: async (version) => {
      const activation = await plans.activate(version);
      stepper.saw(activation);
      return activation;
    },
    activation: async () => {
      const activation = await plans.activation();
      stepper.saw(activation);
      return activation;
    },
    readJob: (id, form) => jobs.readJob(id, form),
    readPasses: (id, generation, form) => jobs.readPasses(id, generation, form),
    readAttempts: (id, generation) => jobs.readAttempts(id, generation),
    readCounters: (range) => jobs.readCounters(range),
    readEscalations: (key) => jobs.readEscalations(key),
    depth: (topic) => jobs.depth(topic),
    scrub: async (id, generation) => {
      await jobs.scrub(id, generation);
      stepper.forget(id);
    },
    sweep: (limit) => jobs.sweep(limit),
  };
}
