/**
 * Takes messages of one topic, runs a callback, and answers.
 *
 * @module @hotmesh/worker
 */

export { LeaseExpiredError } from "./lease-expired-error.js";
export {
  type StreamData,
  type StreamDataResponse,
  StreamDataType,
  type StreamError,
  type StreamMetadata,
  StreamRole,
  StreamStatus,
  streamDataOf,
  type WorkerAnswer,
  type WorkerCallback,
} from "./message.js";
export { answerBodyOf } from "./outcome.js";
export type { WorkerEntry } from "./pick-callback.js";
export { Worker, type WorkerActivity } from "./worker.js";
export type { Execution, WorkerOptions } from "./worker-options.js";
