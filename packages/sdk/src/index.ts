/**
 * The `HotMesh` class, and what goes in and out of it.
 *
 * @module @hotmesh/sdk
 */

export {
  CollationError,
  CompileError,
  DuplicateJobError,
  GenerationalError,
  HotMeshError,
  InactiveJobError,
  PayloadInvalidError,
} from "@hotmesh/core";
export { LeaseExpiredError, StreamDataType, StreamRole, StreamStatus } from "@hotmesh/worker";
export { Connector, ConnectorPostgres } from "./connector.js";
export { DBA } from "./dba.js";
export { Client } from "./durable/client.js";
export { Connection } from "./durable/connection.js";
export { Durable } from "./durable/durable.js";
export { Entity } from "./durable/entity.js";
export {
  CancelledFailure,
  DurableChildError,
  DurableContinueAsNewError,
  DurableFatalError,
  DurableMaxedError,
  DurableProxyError,
  DurableRetryError,
  DurableSleepError,
  DurableTimeoutError,
  DurableWaitForAllError,
  DurableWaitForError,
} from "./durable/errors.js";
export { WorkflowHandle } from "./durable/handle.js";
export { proxyActivities } from "./durable/replay/index.js";
export { Search } from "./durable/search.js";
export { Worker } from "./durable/worker.js";
export { workflow } from "./durable/workflow.js";
export { WorkflowFailedError } from "./durable/workflow-failed-error.js";
export * as Enums from "./enum-exports.js";
export * as Errors from "./error-exports.js";
export {
  ExecActivityError,
  GetStateError,
  JobFailedError,
  JobTimeoutError,
  MapDataError,
  RegisterTimeoutError,
  SetStateError,
} from "./errors.js";
export { Escalations } from "./escalations/escalations.js";
export { HotMesh } from "./hotmesh.js";
export * as KeyStore from "./key-store.js";
export type * from "./public-types.js";
export type * as Types from "./public-types.js";
export { openTelemetry } from "./telemetry/tracer.js";
export { typed, typedWorkers } from "./typed.js";
export * as Utils from "./util-exports.js";
export { Virtual } from "./virtual/virtual.js";
