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
export type { WorkerOptions } from "./worker-options.js";
