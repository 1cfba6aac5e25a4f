import type { StreamData, WorkerAnswer } from "@hotmesh/core";

/** What a callback may know of the call besides its message. */
export interface WorkerExecution {
  /**
   * Fires when the answer does not count any more, with a `LeaseExpiredError` as its reason: the job was ended,
   * somebody else has the message, or the callback ran too long.
   */
  readonly signal: AbortSignal;
}

/** Runs one message. May answer nothing: then the activity stays open until somebody adds an answer. */
export type WorkerCallback = (
  message: StreamData,
  execution: WorkerExecution,
) => Promise<WorkerAnswer | undefined> | Promise<void>;
