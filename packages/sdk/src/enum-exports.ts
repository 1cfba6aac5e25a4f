import * as worker from "@hotmesh/worker";
import * as classification from "./classify-error.js";

// What `Enums` has. Values, declared anew as in `Errors`; the package exports their types.

/** What a message of the engine stream is for. */
export const StreamDataType: typeof worker.StreamDataType = worker.StreamDataType;
/** Who reads a stream. */
export const StreamRole: typeof worker.StreamRole = worker.StreamRole;
/** How an answer ended. */
export const StreamStatus: typeof worker.StreamStatus = worker.StreamStatus;
/** What is to be done about an error. */
export const ErrorCategory: typeof classification.ErrorCategory = classification.ErrorCategory;
