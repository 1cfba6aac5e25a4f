import type { Backend, MemberRecord, Registry, Store, ThrottleRule, Topic } from "@hotmesh/core";
import { HotMeshError, memberFreshMs, memberGoneMs } from "@hotmesh/core";
import type { ClientBase } from "pg";
import { asStored } from "../codec/encoded.js";
import type { PostgresConnection } from "../connection/connection.js";
import type { Run } from "../connection/database.js";
import { borrow, type Lent, thisProcess } from "../connection/shared-connections.js";
import { codeOf } from "../connection/storage-error.js";
import { readEnvironment } from "../environment.js";
import { rowOf } from "../registry/postgres-registry.js";
import { call, callOf, callSealed, type Sealed } from "../rows/call.js";
import { type PassRow, passOf } from "../rows/pass-row.js";
import { restored, stored } from "../rows/stored-text.js";
import { quoted } from "../schema/quoted.js";
import { channelName, defaultNamespace, schemaName } from "../schema/schema-name.js";
import { DatabaseClock } from "../step/database-clock.js";
import { PostgresStream } from "../stream/postgres-stream.js";
import { type Notices, noticeMs } from "../sub/notices.js";
import { PostgresSub } from "../sub/postgres-sub.js";
import { type WorkerCredentials, withCredentials } from "./credentials.js";

/** Which storage to open, and as whom. */
export interface WorkerBackendOptions {
  /** The way there; its own login is not used. */
  readonly connection: PostgresConnection;
  /** Where to listen and to notify. `connection` unless given. */
  readonly subConnection?: PostgresConnection;
  /** The login of the role. */
  readonly credentials: WorkerCredentials;
  /** The app. */
  readonly appId: string;
  /** `hmsh` unless given. Namespace and app together name the schema. */
  readonly namespace?: string;
  /** Connections are shared within a bucket only. */
  readonly taskQueue?: string;
  /** False: no LISTEN and no NOTIFY; everything is found by looking. */
  readonly notifications?: boolean;
  /** @internal Stands for another process. */
  readonly processId?: string;
}

/** What a worker role can do of a backend: the rest is refused, `forbidden`. */
export interface WorkerBackend extends Backend<ClientBase> {
  /** Rejects with `forbidden` unless the role may work on the topic. */
  admit(topic: Topic): Promise<void>;
}

/**
 * The storage of an app as a worker role sees it. Every statement goes over connections of that role, and no other is
 * opened. The schema has to be there: nothing is migrated.
 */
export async function openWorker(options: WorkerBackendOptions): Promise<WorkerBackend> {
  const { appId, namespace = defaultNamespace, credentials, processId = thisProcess } = options;
  const bucket = options.taskQueue ?? "";
  // To the rest of this process the role is somebody else: it has a listener of its own, and hears what is said here.
  const role = `${processId} ${credentials.user}`;
  const lent = borrow(withCredentials(options.connection, credentials), bucket, role);
  const heard =
    options.subConnection === undefined
      ? lent
      : borrow(withCredentials(options.subConnection, credentials), bucket, role);
  return workerBackend(
    { lent, heard },
    {
      name: schemaName(namespace, appId),
      channel: channelName(namespace, appId),
      user: credentials.user,
      notifications: options.notifications ?? readEnvironment().notifications,
    },
  );
}

interface RoleOf {
  readonly name: string;
  readonly channel: string;
  readonly user: string;
  readonly notifications: boolean;
}

function workerBackend({ lent, heard }: { readonly lent: Lent; readonly heard: Lent }, role: RoleOf): WorkerBackend {
  const { name, channel, user, notifications } = role;
  const schema = quoted(name);
  const { database } = lent;
  const run: Run = (statement) => database.query(statement);
  const ask: Ask = (statement, ...values) => call(run, callOf(schema, statement, ...values));
  const sub = new PostgresSub({
    hub: heard.hub,
    notices: noticeCalls(schema),
    name: channel,
    notifications,
  });
  let closing: Promise<void> | null = null;
  return {
    store: workerStore({
      ask,
      user,
      history: (...values) => callSealed(run, callOf(schema, "worker_history", ...values)),
    }),
    stream: new PostgresStream({ database, schema, clock: new DatabaseClock(null), sub, isSecured: true }),
    sub,
    registry: workerRegistry(ask, user),
    admit: async (topic) => {
      try {
        await ask("worker_admit", stored(topic));
      } catch (thrown) {
        throw notAdmitted(thrown, { name, user, topic });
      }
    },
    close: () => {
      closing ??= sub.close().then(async () => {
        await lent.giveBack();
        if (heard !== lent) await heard.giveBack();
      });
      return closing;
    },
  };
}

type Ask = <T>(name: string, ...values: readonly unknown[]) => Promise<T>;

interface StoreParts {
  readonly ask: Ask;
  /** What is recorded of a function: job, generation, address. */
  readonly history: (...values: readonly string[]) => Promise<Sealed<readonly PassRow[]>>;
  readonly user: string;
}

function workerStore({ ask, history, user }: StoreParts): Store<ClientBase> {
  const refuse = (what: string) => (): Promise<never> => Promise.reject(forbidden(user, what));
  return {
    depth: (topic) => (topic === null ? refuse("look at the engine stream")() : ask("worker_depth", stored(topic))),
    step: refuse("run an engine"),
    deploy: refuse("deploy"),
    loadPlans: refuse("read plans"),
    versions: refuse("read versions"),
    activate: refuse("activate"),
    activation: refuse("read versions"),
    readJob: refuse("read jobs"),
    readPasses: async (id, generation, { under, isEncoded } = {}) => {
      if (under === undefined) return refuse("read jobs")();
      const { result, open } = await history(stored(id), stored(generation), under);
      return result.map((row) => passOf(row, isEncoded === true ? asStored : open));
    },
    readAttempts: refuse("read jobs"),
    readCounters: refuse("read statistics"),
    readEscalations: refuse("read work items"),
    scrub: refuse("remove jobs"),
    sweep: refuse("remove jobs"),
  };
}

function workerRegistry(ask: Ask, user: string): Registry {
  const refuse = (what: string) => (): Promise<never> => Promise.reject(forbidden(user, what));
  const json = (members: readonly MemberRecord[]): string => JSON.stringify(members.map(rowOf));
  return {
    checkIn: async (members) => {
      const rules = await ask<readonly ThrottleRule[]>("worker_check_in", json(members), memberFreshMs, memberGoneMs);
      return rules.map((rule) => ({ ...rule, topic: restored(rule.topic), guid: restored(rule.guid) }));
    },
    checkOut: async (members) => {
      if (members.length > 0) await ask<boolean>("worker_check_out", json(members), memberGoneMs);
    },
    members: refuse("read the members of the mesh"),
    throttle: refuse("throttle the mesh"),
    takeTurn: refuse("take turns"),
    endTurn: refuse("take turns"),
    // Others do it, who may.
    forget: async () => {},
  };
}

function noticeCalls(schema: string): Notices {
  return {
    store: (notices) => callOf(schema, "worker_notice_put", JSON.stringify(notices), noticeMs),
    fetch: (id) => ({ text: `select body from ${schema}.worker_notice($1)`, values: [id] }),
  };
}

function forbidden(user: string, what: string): HotMeshError {
  return new HotMeshError("forbidden", `worker role ${user} may not ${what}`);
}

const rightRole = "provisionWorkerRole makes a role for a topic, or brings it back";

function notAdmitted(
  thrown: unknown,
  { name, user, topic }: { readonly name: string; readonly user: string; readonly topic: Topic },
): unknown {
  const cause = HotMeshError.is(thrown) ? thrown.cause : thrown;
  if (!(cause instanceof Error)) return thrown;
  switch (codeOf(cause)) {
    case "42501":
      return new HotMeshError("forbidden", `topic ${topic}, schema ${name}: ${cause.message}; ${rightRole}`, { cause });
    case "28000":
    case "28P01":
      return new HotMeshError("forbidden", `worker role ${user} cannot log in: ${cause.message}; ${rightRole}`, {
        cause,
      });
    case "3F000":
    case "42883": {
      const hint = "init an engine with rights of its own first; worker roles migrate nothing";
      return new HotMeshError("app-not-found", `schema ${name} is missing or of an earlier version; ${hint}`, {
        cause,
      });
    }
    default:
      return thrown;
  }
}
