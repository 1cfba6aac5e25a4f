import { type ErrorKind, HotMeshError } from "@hotmesh/core";

/** Do not try again: an activity or a workflow function throws it, and it reaches whoever waits for the result. */
export class DurableFatalError extends HotMeshError {
  override readonly name = "DurableFatalError";

  constructor(message: string, stack?: string) {
    super("durable-fatal", message);
    if (stack !== undefined) this.stack = stack;
  }
}

/** All attempts failed. Thrown by a function, it says that no more are to be made. */
export class DurableMaxedError extends HotMeshError {
  override readonly name = "DurableMaxedError";

  constructor(message: string, stack?: string) {
    super("durable-maxed", message);
    if (stack !== undefined) this.stack = stack;
  }
}

/** It took too long. */
export class DurableTimeoutError extends HotMeshError {
  override readonly name = "DurableTimeoutError";

  constructor(message: string, stack?: string) {
    super("durable-timeout", message);
    if (stack !== undefined) this.stack = stack;
  }
}

/** Try again: like an ordinary error, but one that says so. */
export class DurableRetryError extends HotMeshError {
  override readonly name = "DurableRetryError";

  constructor(message: string, stack?: string) {
    super("durable-retry", message);
    if (stack !== undefined) this.stack = stack;
  }
}

/** The workflow was asked to stop, and an operation met that. */
export class CancelledFailure extends HotMeshError {
  override readonly name = "CancelledFailure";

  constructor(message = "Workflow cancelled") {
    super("cancelled", message);
  }
}

/**
 * A function waits. For code that checks for it; this library does not throw it: what a function waits for stays
 * pending until its outcome is there, so no `catch` or `finally` of a function runs before its time.
 */
abstract class Interruption extends HotMeshError {
  constructor(code: number, message: string) {
    super("interruption", message, { code });
  }
}

/** For code that checks for it; this library does not throw it. */
export class DurableWaitForError extends Interruption {
  override readonly name = "DurableWaitForError";

  constructor(message = "the function waits for a signal") {
    super(595, message);
  }
}

/** For code that checks for it; this library does not throw it. */
export class DurableContinueAsNewError extends Interruption {
  override readonly name = "DurableContinueAsNewError";

  constructor(message = "the function continues as new") {
    super(592, message);
  }
}

/** For code that checks for it; this library does not throw it. */
export class DurableProxyError extends Interruption {
  override readonly name = "DurableProxyError";

  constructor(message = "the function waits for an activity") {
    super(591, message);
  }
}

/** For code that checks for it; this library does not throw it. */
export class DurableChildError extends Interruption {
  override readonly name = "DurableChildError";

  constructor(message = "the function waits for a child") {
    super(590, message);
  }
}

/** For code that checks for it; this library does not throw it. */
export class DurableWaitForAllError extends Interruption {
  override readonly name = "DurableWaitForAllError";

  constructor(message = "the function waits for several operations") {
    super(589, message);
  }
}

/** For code that checks for it; this library does not throw it. */
export class DurableSleepError extends Interruption {
  override readonly name = "DurableSleepError";

  constructor(message = "the function sleeps") {
    super(588, message);
  }
}

const interrupting: ReadonlySet<ErrorKind> = new Set([
  "durable-fatal",
  "durable-maxed",
  "durable-timeout",
  "durable-retry",
  "cancelled",
  "interruption",
] as const);

/**
 * True of every error that speaks to the library and not to the function, the failures of activities and children
 * included: `catch (e) { if (didInterrupt(e)) throw e; … }`.
 */
export function didInterrupt(thrown: unknown): boolean {
  return HotMeshError.is(thrown) && interrupting.has(thrown.kind);
}

/** True of the error with which an operation meets the cancellation of its workflow. */
export function isCancellation(thrown: unknown): boolean {
  return HotMeshError.is(thrown) && thrown.kind === "cancelled";
}
