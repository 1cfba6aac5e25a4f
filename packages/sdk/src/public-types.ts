import type * as core from "@hotmesh/core";
import type * as quorum from "@hotmesh/quorum";
import type * as postgres from "@hotmesh/store-postgres";
import type * as worker from "@hotmesh/worker";

// What `Types` has; every one of them is exported by the package itself as well. Types of other packages are aliases,
// because a bundle of declarations loses what a namespace only passes on.
export type { Hearing } from "./api/hearing.js";
export type { MeshCalls } from "./api/mesh-calls.js";
export type { Reading } from "./api/reading.js";
export type { Running } from "./api/running.js";
export type { Signalling } from "./api/signalling.js";
export type { TransactionOptions } from "./api/transaction-options.js";
export type { Versions } from "./api/versions.js";
export type { ErrorCategory } from "./classify-error.js";
export type {
  AnyBackend,
  Connection,
  ConnectionSet,
  HotMeshConfig,
  HotMeshEngine,
  HotMeshWorker,
  RetryPolicyConfig,
} from "./config.js";
export type { HotMeshManifest } from "./document.js";
export type { DurableActivityContext } from "./durable/activity-context.js";
export type { Activity } from "./durable/activity-registry.js";
export type { ClientConfig } from "./durable/client.js";
export type { Connected } from "./durable/connection.js";
export type { FindOptions, FoundEntity } from "./durable/entity.js";
export type { EntityConditions } from "./durable/entity-conditions.js";
export type { ResultOptions } from "./durable/handle.js";
export type {
  ActivityInboundCallsInterceptor,
  WorkflowContextMap,
  WorkflowInboundCallsInterceptor,
  WorkflowOutboundCallsInterceptor,
  WorkflowOutboundCallsInterceptorContext,
} from "./durable/interceptors.js";
export type {
  ActivityWorkflowDataType,
  ChildResponseType,
  ClientWorkflow,
  ContextType,
  FindJobsOptions,
  FindWhereOptions,
  FindWhereQuery,
  InterceptorRegistry,
  ProxyResponseType,
  Registry,
  SearchResults,
  WorkflowConfig,
  WorkflowDataType,
} from "./durable/named-types.js";
export type {
  ActivityConfig,
  AnyActivities,
  ConditionQueueConfig,
  ExecHookItem,
  ExecHookOptions,
  OnceOptions,
  ProxyType,
  ReplayCheck,
  TerminateOptions,
  WorkflowContext,
  WorkflowFunction,
} from "./durable/replay/index.js";
export type { RetryConfig } from "./durable/retry-config.js";
export type { ActivityWorkerConfig, WorkerConfig, WorkerOptions } from "./durable/worker-config.js";
export type { WorkflowFailure } from "./durable/workflow-failed-error.js";
export type {
  HookOptions,
  SignalOptions,
  WorkflowOptions,
  WorkflowSearchOptions,
  WorkflowSearchSchema,
} from "./durable/workflow-options.js";
export type { WorkflowTarget } from "./durable/workflow-target.js";
export type { JobInterruptOptions } from "./engine-messages.js";
export type { EscalationsClient, EscalationsClientConfig } from "./escalations/client.js";
export type {
  AllOrNoneReason,
  CancelResult,
  ClaimByMetadata,
  ClaimByMetadataResult,
  ClaimEscalation,
  ClaimResult,
  EscalationStats,
  EscalationStatsParams,
  ListEscalations,
  PruneEscalations,
  ReleaseResult,
  ResolveAllOrNone,
  ResolveAllOrNoneResult,
  ResolveByMetadata,
  ResolveEscalation,
  ResolveReason,
  ResolveResult,
} from "./escalations/params.js";
export type { ExportOptions } from "./job-reads.js";
export type { ILogger, LogLevel } from "./logger.js";
export type { ExtensionType, JobState } from "./start-request.js";
export type { JobStatsInput } from "./statistics.js";
export type { JobCallback } from "./subscriptions.js";
export type { EngineVerb, EscalationVerb, EventsConfig, SystemEvent, WorkerVerb } from "./system-events.js";
export type { TelemetryLevel, Tracing } from "./telemetry/tracing.js";
export type {
  AppTypes,
  TypedAnswer,
  TypedHotMesh,
  TypedJobOutput,
  TypedMessage,
  TypedWorker,
  TypedWorkers,
} from "./typed.js";
export type { VirtualConnectParams, VirtualRetry } from "./virtual/connect.js";
export type { VirtualContext } from "./virtual/context.js";
export type {
  VirtualCronOptions,
  VirtualCronParams,
  VirtualInterruptOptions,
  VirtualInterruptParams,
} from "./virtual/cron.js";
export type { VirtualExecOptions, VirtualExecParams, VirtualFlushParams } from "./virtual/exec.js";
export type { VirtualCallback } from "./virtual/serve.js";

/** One attempt of an activity, as `export` gives it. */
export type ActivityDetail = core.ActivityDetail;
/** A problem of a document, and where it is. */
export type Diagnostic = core.Diagnostic;
/** Stable word that tells what went wrong. */
export type ErrorKind = core.ErrorKind;
/** How a question about statistics is understood. */
export type GetStatsOptions = core.GetStatsOptions;
/** The jobs of one list of an index that were started in one slice of time. */
export type IdsMeasure = core.IdsMeasure;
/** The ids of jobs, by list of an index. */
export type IdsResponse = core.IdsResponse;
/** A job with all its passes. */
export type JobExport = core.JobExport;
/** What callers get of a job: `metadata`, and `data` unless nothing was mapped. */
export type JobOutput = core.JobOutput;
/** One number that was counted. */
export type StatsMeasure = core.StatsMeasure;
/** What was counted of the jobs of a graph. */
export type StatsResponse = core.StatsResponse;
/** What was counted in one slice of time. */
export type StatsSegment = core.StatsSegment;
/** Traffic of one network interface. */
export type NetworkStat = quorum.NetworkStat;
/** Hears messages of the mesh: gets the name of the channel and the message. What it throws is logged. */
export type QuorumCallback = quorum.QuorumCallback;
/** Everything that is said among the members of a mesh, told apart by `type`. */
export type QuorumMessage = quorum.QuorumMessage;
/** What a member tells of itself when it is asked. */
export type QuorumProfile = quorum.QuorumProfile;
/** Load of the machine a member runs on. */
export type SystemHealth = quorum.SystemHealth;
/** What `throttle` takes. */
export type ThrottleOptions = quorum.ThrottleOptions;
/** Turns JSON text into what is stored, and back. */
export type Codec = postgres.Codec;
/** The same as `Codec`. */
export type PayloadCodec = postgres.Codec;
/** A work item that somebody makes by hand. */
export type CreateEscalation = postgres.CreateEscalation;
/** A work item. */
export type EscalationEntry = postgres.EscalationEntry;
/** Which work items are meant: those that fulfil all that is given. */
export type EscalationFilter = postgres.EscalationFilter;
/** One key to sort work items by. */
export type EscalationOrder = postgres.EscalationOrder;
/** How a work item is: to be done, or how it was closed. */
export type EscalationStatus = postgres.EscalationStatus;
/** A work item with its whole life, from another database. */
export type MigrateEscalation = postgres.MigrateEscalation;
/** Which worker role to make. */
export type ProvisionWorkerRole = postgres.ProvisionWorkerRole;
/** What to prune of an app. */
export type PruneOptions = postgres.PruneOptions;
/** Numbers of rows that `prune` has deleted or changed. */
export type PruneResult = postgres.PruneResult;
/** Where the worker roles of an app are. */
export type RolesOf = postgres.RolesOf;
/** Changes to a work item: what is left out stays. */
export type UpdateEscalation = postgres.UpdateEscalation;
/** The login of a worker role. */
export type WorkerCredentials = postgres.WorkerCredentials;
/** A worker role. */
export type WorkerRole = postgres.WorkerRole;
/** A message of a stream, as callbacks receive and return it. */
export type StreamData = worker.StreamData;
/** What a callback answers. */
export type StreamDataResponse = worker.StreamDataResponse;
/** The failure of a job or an activity, as callers see it. */
export type StreamError = worker.StreamError;
/** What a callback may know of the call besides its message. */
export type WorkerExecution = worker.WorkerExecution;
/** Runs one message of a worker topic. */
export type WorkerCallback = worker.WorkerCallback;
