import * as core from "@hotmesh/core";
import * as worker from "@hotmesh/worker";
import * as classification from "./classify-error.js";

// What `Errors` has. What comes from other packages, and what is a value and a type of one name, is declared anew as a
// value, because a bundle of declarations loses it where a namespace only passes it on. The package exports the types.
export { classifyError } from "./classify-error.js";
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
export { WorkflowFailedError } from "./durable/workflow-failed-error.js";
export {
  ExecActivityError,
  GetStateError,
  JobFailedError,
  JobTimeoutError,
  MapDataError,
  RegisterTimeoutError,
  SetStateError,
} from "./errors.js";

/** What is to be done about an error. */
export const ErrorCategory: typeof classification.ErrorCategory = classification.ErrorCategory;
/** Stable word that tells what went wrong. */
export type ErrorKind = core.ErrorKind;
/** Every kind an error can have, with its code, and whether the same call may succeed when it is made again. */
export const errorKinds: typeof core.errorKinds = core.errorKinds;
/** A message came a second time, or when nothing waited for it. */
export const CollationError: typeof core.CollationError = core.CollationError;
/** The document has mistakes. */
export const CompileError: typeof core.CompileError = core.CompileError;
/** A live job has the id. */
export const DuplicateJobError: typeof core.DuplicateJobError = core.DuplicateJobError;
/** A message of an earlier job of the same id came. */
export const GenerationalError: typeof core.GenerationalError = core.GenerationalError;
/** What every call throws or rejects with. */
export const HotMeshError: typeof core.HotMeshError = core.HotMeshError;
/** A message came when its job was over or gone. */
export const InactiveJobError: typeof core.InactiveJobError = core.InactiveJobError;
/** A callback ran too long, or its job was ended. */
export const LeaseExpiredError: typeof worker.LeaseExpiredError = worker.LeaseExpiredError;
/** The payload breaks the input schema of its graph. */
export const PayloadInvalidError: typeof core.PayloadInvalidError = core.PayloadInvalidError;
