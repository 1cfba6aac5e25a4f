import { HotMeshError } from "@hotmesh/core";
import type { WorkerCredentials } from "@hotmesh/store-postgres";
import type { LogLevel } from "../logger.js";
import type { EventsConfig } from "../system-events.js";
import type { Connection } from "./connection.js";
import type { ReplayCheck, WorkflowFunction } from "./replay/index.js";
import type { RetryConfig } from "./retry-config.js";
import type { WorkflowSearchOptions } from "./workflow-options.js";

/** The namespace where none is named. */
export const usualNamespace = "durable";

/** How a worker works. Its retry fields are for workflows that were started without `config`. */
export interface WorkerOptions extends RetryConfig {
  /** The least that is logged. */
  logLevel?: LogLevel;
  /** Most workflow functions at once, and most activities; 10. */
  concurrency?: number;
  /**
   * What is compared when a function is replayed: `names` (the kinds and names of its operations), `strict` (their
   * arguments as well), `off`.
   */
  replayCheck?: ReplayCheck;
}

/** What `Worker.create` takes. */
export interface WorkerConfig {
  /** How to reach Postgres. `readonly: true`: the worker never works. */
  connection: Connection;
  /** The queue it listens on. */
  taskQueue: string;
  /** App and schema; `durable`. */
  namespace?: string;
  /** A function, known by its name; or several, each known by its own name, its key where it has none. */
  workflow: WorkflowFunction | Record<string, WorkflowFunction>;
  /** Activities to make known to this process. */
  activities?: object;
  /** Concurrency, retries, and how replays are checked. */
  options?: WorkerOptions;
  /** Without effect on PostgreSQL. */
  search?: Omit<WorkflowSearchOptions, "data">;
  /** The login of a worker role for the streams `<taskQueue>` and `<taskQueue>-activity`. */
  workerCredentials?: WorkerCredentials;
  /** Is told of what the worker does. */
  events?: EventsConfig;
  /** Identity of the worker; a new one unless given. */
  guid?: string;
}

/** What `registerActivityWorker` takes. */
export type ActivityWorkerConfig = Omit<WorkerConfig, "taskQueue" | "workflow" | "activities" | "search"> & {
  /** `<taskQueue>-activity` is where it listens; `durable-activities` unless given. */
  taskQueue?: string;
};

/** The functions of a worker by the names they are known by. The last one gives the worker its name. */
export function namedFunctions(workflow: WorkerConfig["workflow"]): ReadonlyMap<string, WorkflowFunction> {
  const given = typeof workflow === "function" ? { "": workflow } : (workflow ?? {});
  const functions = new Map<string, WorkflowFunction>();
  for (const [key, fn] of Object.entries(given)) {
    if (typeof fn !== "function") throw invalid(`workflow.${key} is no function`);
    const name = fn.name === "" ? key : fn.name;
    if (name === "") throw invalid("workflow is a function without a name; give it one, or a key in a map");
    functions.set(name, fn);
  }
  if (functions.size === 0) throw invalid("workflow is missing; expected a function, or a map of functions");
  return functions;
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-config", message);
}
