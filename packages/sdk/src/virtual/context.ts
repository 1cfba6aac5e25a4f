import { AsyncLocalStorage } from "node:async_hooks";
import { HotMeshError } from "@hotmesh/core";

/** What a callback is executed for. */
export interface VirtualContext {
  /** The topic it is connected to. */
  readonly topic: string;
  /** The id of the call or the schedule. */
  readonly workflowId: string;
  /** `<namespace>.call` or `<namespace>.cron`. */
  readonly workflowName: string;
  /** Where in its job this execution stands, `,0,0`. */
  readonly dimension: string;
  /** 1, and one more with each retry. */
  readonly attempt: number;
  /** Unique per message. */
  readonly guid: string;
  /** Id of the trace, 32 hex digits. */
  readonly traceId: string;
  /** Id of the span, 16 hex digits. */
  readonly spanId: string;
}

const contexts = new AsyncLocalStorage<VirtualContext>();

/** Runs a callback in its context. */
export function withContext<Result>(context: VirtualContext, run: () => Result): Result {
  return contexts.run(context, run);
}

/** The context of the callback that is being executed. Throws `invalid-argument` (400) outside of one. */
export function getContext(): VirtualContext {
  const context = contexts.getStore();
  if (context !== undefined) return context;
  throw new HotMeshError(
    "invalid-argument",
    "Virtual.getContext() called outside of a Virtual callback execution context",
  );
}
