/**
 * Takes messages of one topic, runs a callback, and answers.
 *
 * @module @hotmesh/worker
 */

export {
  answerBodyOf,
  type StreamData,
  type StreamDataResponse,
  StreamDataType,
  type StreamError,
  type StreamMetadata,
  StreamRole,
  StreamStatus,
  streamDataOf,
  type WorkerAnswer,
} from "@hotmesh/core";
export { LeaseExpiredError } from "./lease-expired-error.js";
export type { WorkerEntry } from "./pick-callback.js";
export { Worker, type WorkerActivity } from "./worker.js";
export type { WorkerCallback, WorkerExecution } from "./worker-callback.js";
export type { Execution, WorkerOptions } from "./worker-options.js";
