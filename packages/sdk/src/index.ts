export {
  type ActivityDetail,
  CompileError,
  type Diagnostic,
  DuplicateJobError,
  type GetStatsOptions,
  HotMeshError,
  type IdsMeasure,
  type IdsResponse,
  type JobExport,
  type JobOutput,
  PayloadInvalidError,
  type StatsMeasure,
  type StatsResponse,
  type StatsSegment,
} from "@hotmesh/core";
export type {
  NetworkStat,
  QuorumCallback,
  QuorumMessage,
  QuorumProfile,
  SystemHealth,
  ThrottleOptions,
} from "@hotmesh/quorum";
export type {
  CreateEscalation,
  EscalationEntry,
  EscalationFilter,
  EscalationOrder,
  EscalationStatus,
  MigrateEscalation,
  ProvisionWorkerRole,
  PruneOptions,
  PruneResult,
  RolesOf,
  UpdateEscalation,
  WorkerCredentials,
  WorkerRole,
} from "@hotmesh/store-postgres";
export {
  LeaseExpiredError,
  type StreamData,
  type StreamDataResponse,
  StreamDataType,
  type StreamError,
  StreamRole,
  StreamStatus,
  type WorkerCallback,
} from "@hotmesh/worker";
export type {
  AnyBackend,
  Connection,
  ConnectionSet,
  HotMeshConfig,
  HotMeshEngine,
  HotMeshWorker,
  RetryPolicyConfig,
} from "./config.js";
export { DBA } from "./dba.js";
export type { HotMeshManifest } from "./document.js";
export type { JobInterruptOptions } from "./engine-messages.js";
export { GetStateError, JobFailedError, JobTimeoutError } from "./errors.js";
export type { EscalationsClient, EscalationsClientConfig } from "./escalations/client.js";
export { Escalations } from "./escalations/escalations.js";
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
export { HotMesh, type TransactionOptions } from "./hotmesh.js";
export type { ExportOptions } from "./job-reads.js";
export type { ILogger, LogLevel } from "./logger.js";
export type { ExtensionType, JobState } from "./start-request.js";
export type { JobStatsInput } from "./statistics.js";
export type { JobCallback } from "./subscriptions.js";
export type { EngineVerb, EscalationVerb, EventsConfig, SystemEvent, WorkerVerb } from "./system-events.js";
export {
  type AppTypes,
  type TypedAnswer,
  type TypedHotMesh,
  type TypedJobOutput,
  type TypedMessage,
  type TypedWorker,
  type TypedWorkers,
  typed,
  typedWorkers,
} from "./typed.js";
