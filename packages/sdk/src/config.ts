import type { Backend, Clock } from "@hotmesh/core";
import type { PostgresConnection, WorkerCredentials } from "@hotmesh/store-postgres";
import type { WorkerCallback } from "@hotmesh/worker";
import type { ILogger, LogLevel } from "./logger.js";
import type { EventsConfig } from "./system-events.js";

/** Anything that implements the storage ports. The type of its transactions is its own. */
export type AnyBackend = Backend<object>;

/** How often and when a failed message is tried again (runtime.md 2.4). */
export interface RetryPolicyConfig {
  /** Total executions; 3. */
  maximumAttempts?: number;
  /** 10. */
  backoffCoefficient?: number;
  /** Seconds, or a duration such as `'2m'`; `'120s'`. */
  maximumInterval?: string | number;
}

/** One connection for everything, or one for each purpose; `store` and `stream` must lead to one database. */
export type Connection = PostgresConnection | ConnectionSet;

export interface ConnectionSet {
  store: PostgresConnection;
  stream: PostgresConnection;
  sub: PostgresConnection;
  pub?: PostgresConnection;
  search?: PostgresConnection;
}

export interface ConnectedConfig {
  connection?: Connection;
  connections?: ConnectionSet;
  /** In place of `connection`: for tests, and for stores of one's own. */
  backend?: AnyBackend;
  taskQueue?: string;
  /** Never claims. */
  readonly?: boolean;
  retryPolicy?: RetryPolicyConfig;
  /** Alias of `retryPolicy`. */
  retry?: RetryPolicyConfig;
  concurrency?: number;
  reclaimDelay?: number;
  reclaimCount?: number;
}

export interface HotMeshEngine extends ConnectedConfig {
  /** How long a finished job is kept when its graph has no `expire`: seconds or a duration; 24 h. */
  retention?: number | string;
  /**
   * False: work for workers of this process takes the way through the storage, as if they were elsewhere.
   * @internal
   */
  handoff?: boolean;
}

export interface HotMeshWorker extends ConnectedConfig {
  /** Equals the `topic` of a worker activity. */
  topic: string;
  callback: WorkerCallback;
  /** Entries with names share a consumer; a message goes to the entry that its `metadata.wfn` names. */
  workflowName?: string;
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
  guid?: string;
  logger?: ILogger;
  logLevel?: LogLevel;
  /** Bucket for sharing connections. */
  taskQueue?: string;
  engine?: HotMeshEngine;
  workers?: HotMeshWorker[];
  /** Is told of what this instance does (runtime.md 8.5): after the fact, not awaited, its errors swallowed. */
  events?: EventsConfig;
  /** How long `stop` waits for running callbacks, in milliseconds; 5,000. */
  drainMs?: number;
  /**
   * The time of this process; a test's.
   * @internal
   */
  clock?: Clock;
}
