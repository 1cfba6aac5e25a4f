import { DuplicateJobError, failureOf, HotMeshError, type RecordedError } from "@hotmesh/core";
import {
  CancelledFailure,
  DurableFatalError,
  DurableMaxedError,
  type DurableRetryError,
  DurableTimeoutError,
  isCancellation,
} from "../errors.js";

const cancelledName = "CancelledFailure";
const duplicate = "Duplicate job: ";

/** True of the mark that an operation met the cancellation of its workflow. */
export function isCancelledRecord(error: RecordedError): boolean {
  return error.name === cancelledName;
}

/** The id that was taken when a child was to be started; null: something else went wrong. */
export function takenId({ message, code, name }: RecordedError): string | null {
  const isDuplicate = message.startsWith(duplicate) && (code === 409 || name === "DuplicateJobError");
  return isDuplicate ? message.slice(duplicate.length) : null;
}

/** The error that a recorded one is thrown as, by its code; `otherwise` says what is made of all other codes. */
export function errorOf(
  error: RecordedError,
  otherwise: typeof DurableFatalError | typeof DurableRetryError = DurableFatalError,
): HotMeshError {
  const { message, stack, code } = error;
  if (isCancelledRecord(error)) return new CancelledFailure(message);
  const taken = takenId(error);
  if (taken !== null) return new DuplicateJobError(taken);
  if (code === 598) return new DurableFatalError(message, stack);
  if (code === 597) return new DurableMaxedError(message, stack);
  if (code === 596) return new DurableTimeoutError(message, stack);
  return new otherwise(message, stack);
}

/** How a function fails for good with what it threw; null: it is to be tried again. */
export function finalErrorOf(thrown: unknown): RecordedError | null {
  const { message, code, stack } = failureOf(thrown);
  const isFinal = isCancellation(thrown) || (code >= 596 && code <= 598);
  if (!isFinal) return null;
  const name = thrown instanceof Error ? thrown.name : undefined;
  return {
    message,
    code,
    ...(stack !== undefined && { stack }),
    ...(name !== undefined && { name }),
  };
}

/** A promise that is left alone: whoever waits for it does not go on in this entry. */
export function never<Value>(): Promise<Value> {
  return new Promise(() => {});
}

/** What an operation cannot be asked with. */
export function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", message);
}
