import type { Json } from "@hotmesh/core";
import type { RetryConfig } from "./retry-config.js";
import type { WorkflowTarget } from "./workflow-target.js";

/** Search fields that are written with a job. */
export interface WorkflowSearchOptions {
  /** Read by `search().get()` and `queryState`. */
  data?: Record<string, string>;
  /** Without effect on PostgreSQL. */
  index?: string;
  /** Without effect on PostgreSQL. */
  prefix?: string;
  /** Without effect on PostgreSQL. */
  schema?: WorkflowSearchSchema;
}

/** Without effect on PostgreSQL: every field can be searched. */
export type WorkflowSearchSchema = Record<string, { type: string; sortable?: boolean; [option: string]: unknown }>;

/** What `workflow.start` takes. */
export interface WorkflowOptions extends WorkflowTarget {
  /** Positional arguments. */
  args: readonly unknown[];
  /** Idempotency key; a new id unless given. */
  workflowId?: string;
  /** App and schema; `durable`. */
  namespace?: string;
  /** Label of the job, for `Entity.find`; stands for the queue and the name where these are not given. */
  entity?: string;
  /** Written with the job. */
  search?: WorkflowSearchOptions;
  /** Fields that begin with `-`, stored as they are. */
  marker?: Record<string, string>;
  /** How often and when the function is tried again; what is not given: 50 retries, ×5, 1 s, at most 120 s. */
  config?: RetryConfig;
  /** Seconds the finished job is kept; 24 hours unless given. 0: until it is removed by hand. */
  expire?: number;
  /** True: the job stays open, and hooks can run in it, when its function has returned. */
  persistent?: boolean;
  /** False: nobody can run hooks in it. True: also when its function has returned. */
  signalIn?: boolean;
  /** Of children: false starts one without awaiting it. */
  await?: boolean;
  /** Seconds to stay pending; `hotMesh.resume(workflowId)` starts it meanwhile. */
  pending?: number;
  /** The root of its lineage. */
  originJobId?: string;
  /** The workflow that it belongs to. */
  parentWorkflowId?: string;
  /** Id of a trace to go on with. */
  workflowTrace?: string;
  /** Id of the span in it. */
  workflowSpan?: string;
  /** Identity of the engine that starts it. */
  guid?: string;
}

/** What `workflow.hook` takes. */
export interface HookOptions extends WorkflowTarget {
  /** The job to run in. */
  workflowId?: string;
  /** Positional arguments. */
  args: readonly unknown[];
  /** App and schema; `durable`. */
  namespace?: string;
  /** Written with it. */
  search?: WorkflowSearchOptions;
  /** How often and when the function is tried again. */
  config?: RetryConfig;
}

/** Options of a signal. */
export interface SignalOptions {
  /** What the wait resolves with. */
  data?: Json;
  /** How long it is kept when nobody waits yet, `'30d'`; 10 minutes unless given. */
  expire?: string;
}
