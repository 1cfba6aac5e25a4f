import type { Activity } from "./activity-registry.js";
import type { Client } from "./client.js";
import type {
  ActivityInboundCallsInterceptor,
  WorkflowInboundCallsInterceptor,
  WorkflowOutboundCallsInterceptor,
} from "./interceptors.js";
import type { WorkflowContext } from "./replay/index.js";
import type { WorkflowOptions } from "./workflow-options.js";

// Names of types for programs that were written for earlier versions. What they name is what there is.

/** The message that asks for an activity. */
export interface ActivityWorkflowDataType {
  /** Its name. */
  activityName: string;
  /** What it is called with. */
  arguments: unknown[];
  /** The id of the call. */
  workflowId: string;
  /** `<queue>-activity`. */
  workflowTopic: string;
  /** Those of its proxy. */
  headers?: Record<string, unknown>;
}

/** What a workflow function is entered with. */
export interface WorkflowDataType {
  /** What it is called with. */
  arguments: unknown[];
  /** Its id. */
  workflowId: string;
  /** `<task queue>-<function>`. */
  workflowTopic: string;
}

/** What a child comes to. */
export type ChildResponseType<Result = unknown> = Result;
/** What an activity comes to. */
export type ProxyResponseType<Result = unknown> = Result;
/** What `workflowInfo()` gives. */
export type ContextType = WorkflowContext;
/** All interceptors of a process, the outermost first. */
export interface InterceptorRegistry {
  /** Of workflow functions. */
  inbound: WorkflowInboundCallsInterceptor[];
  /** Of calls of activities inside workflows. */
  outbound: WorkflowOutboundCallsInterceptor[];
  /** Of activities where they are executed. */
  activities: ActivityInboundCallsInterceptor[];
}

/** Activities by name. */
export type Registry = Record<string, Activity>;
/** How often and when a workflow function is tried again. */
export type WorkflowConfig = WorkflowOptions["config"];
/** What a client does with workflows. */
export type ClientWorkflow = Client["workflow"];
/** Rows of a search. */
export type SearchResults = Record<string, unknown>[];

/** Which jobs are wanted. */
export interface FindJobsOptions {
  /** Pattern of keys. */
  match?: string;
  /** At most so many. */
  limit?: number;
  /** Where to go on. */
  cursor?: string;
}

/** One condition on a field. */
export interface FindWhereQuery {
  /** The field. */
  field: string;
  /** How it is compared. */
  is: "=" | "==" | ">=" | "<=" | "[]";
  /** What with. */
  value: string | boolean | number | [number, number];
  /** What it is. */
  type?: "TAG" | "NUMERIC" | "TEXT";
}

/** Conditions on fields. */
export interface FindWhereOptions {
  /** Where the function is served. */
  options?: { taskQueue?: string; workflowName?: string; namespace?: string; index?: string };
  /** Only how many there are. */
  count?: boolean;
  /** All of them have to hold. */
  query?: FindWhereQuery[] | string;
  /** The fields that are wanted. */
  return?: string[];
  /** Which part of what is found. */
  limit?: { start: number; size: number };
}
