import type { Backend, Clock } from "@hotmesh/core";
import type { PostgresConnection, WorkerCredentials } from "@hotmesh/store-postgres";
import type { WorkerCallback, WorkerEntry } from "@hotmesh/worker";
import type { ILogger, LogLevel } from "./logger.js";
import type { EventsConfig } from "./system-events.js";

/** Anything that implements the storage ports. The type of its transactions is its own. */
export type AnyBackend = Backend<object>;

/** How often and when a failed message is tried again. */
export interface RetryPolicyConfig {
  /** Total executions; 3. */
  maximumAttempts?: number;
  /** 10. */
  backoffCoefficient?: number;
  /** The wait before retry n is this times `backoffCoefficient` to the power of n; `'1s'`. */
  initialInterval?: string | number;
  /** Seconds, or a duration such as `'2m'`; `'120s'`. */
  maximumInterval?: string | number;
}

/** One connection for everything, or one for each purpose; `store` and `stream` must lead to one database. */
export type Connection = PostgresConnection | ConnectionSet;

/** A connection for each purpose. */
export interface ConnectionSet {
  /** Where jobs live. */
  store: PostgresConnection;
  /** Where messages live: the same database. */
  stream: PostgresConnection;
  /** Where to listen: the same database without a pooler in between. */
  sub: PostgresConnection;
  /** `store` unless given. */
  pub?: PostgresConnection;
  /** `store` unless given. */
  search?: PostgresConnection;
  /** True: whoever is given these connections never claims. */
  readonly?: boolean;
}

export interface ConnectedConfig {
  /** How to reach Postgres; or `connections`, or `backend`. */
  connection?: Connection;
  /** The same as `connection`, one for each purpose. */
  connections?: ConnectionSet;
  /** In place of `connection`: for tests, and for stores of one's own. */
  backend?: AnyBackend;
  /** Bucket for sharing connections; that of the instance unless given. */
  taskQueue?: string;
  /** Never claims. */
  readonly?: boolean;
  /**
   * What happens to messages that fail: an engine's goes with the messages it writes, a worker's is for those without
   * one. One attempt unless given.
   */
  retryPolicy?: RetryPolicyConfig;
  /** Alias of `retryPolicy`. */
  retry?: RetryPolicyConfig;
  /** Most steps of an engine (1), or callbacks of a worker (10), at once. */
  concurrency?: number;
  /** Shown in the profile; without effect. */
  reclaimDelay?: number;
  /** Shown in the profile; without effect. */
  reclaimCount?: number;
}

/** The engine of an instance. */
export interface HotMeshEngine extends ConnectedConfig {
  /** How long a finished job is kept when its graph has no `expire`: seconds or a duration; 24 h. */
  retention?: number | string;
  /**
   * False: work for workers of this process takes the way through the storage, as if they were elsewhere.
   * @internal
   */
  handoff?: boolean;
}

/** A worker of an instance. */
export interface HotMeshWorker extends ConnectedConfig {
  /** Equals the `topic` of a worker activity. */
  topic: string;
  /** Runs its messages. */
  callback: WorkerCallback;
  /** Entries with names share a consumer; a message goes to the entry that its `metadata.wfn` names. */
  workflowName?: string;
  /**
   * In place of `callback`, which only stands for them: entries with names, looked through for each message, so they
   * may change while the worker runs.
   * @internal
   */
  entries?: readonly WorkerEntry[];
  /**
   * The login of a worker role: this worker uses `connection` with it in place of the login there, and nothing else.
   * See `HotMesh.provisionWorkerRole`.
   */
  workerCredentials?: WorkerCredentials;
}

/** What `HotMesh.init` takes. */
export interface HotMeshConfig {
  /** `^[A-Za-z0-9-]+$`, not `a`. */
  appId: string;
  /** `hmsh`. */
  namespace?: string;
  /** Log tag. */
  name?: string;
  /** Identity of the instance; a new one unless given. */
  guid?: string;
  /** Lines of JSON on the standard output unless given. */
  logger?: ILogger;
  /**
   * What is the least that is written; `info`, or what the environment says. Without effect on a `logger` that is
   * given.
   */
  logLevel?: LogLevel;
  /** Bucket for sharing connections. */
  taskQueue?: string;
  /** Without it the instance only works. */
  engine?: HotMeshEngine;
  /** Without them the instance only orchestrates. */
  workers?: HotMeshWorker[];
  /** Is told of what this instance does: after the fact, not awaited, its errors swallowed. */
  events?: EventsConfig;
  /** How long `stop` waits for running callbacks, in milliseconds; 5,000. */
  drainMs?: number;
  /**
   * The time of this process; a test's.
   * @internal
   */
  clock?: Clock;
}
