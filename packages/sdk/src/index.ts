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
export type { HotMeshManifest } from "./document.js";
export type { JobInterruptOptions } from "./engine-messages.js";
export { GetStateError, JobFailedError, JobTimeoutError } from "./errors.js";
export { HotMesh, type TransactionOptions } from "./hotmesh.js";
export type { ExportOptions } from "./job-reads.js";
export type { ILogger, LogLevel } from "./logger.js";
export type { ExtensionType, JobState } from "./start-request.js";
export type { JobStatsInput } from "./statistics.js";
export type { JobCallback } from "./subscriptions.js";
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
