import { AsyncLocalStorage } from "node:async_hooks";
import { HotMeshError } from "@hotmesh/core";

/** What an activity may know of its call. */
export interface DurableActivityContext {
  /** Its name. */
  readonly activityName: string;
  /** What it was called with. */
  readonly arguments: unknown[];
  /** Those of its proxy, and what interceptors put beside them. */
  readonly headers: Record<string, unknown>;
  /** The id of this call: that of the workflow is part of it. */
  readonly workflowId: string;
  /** The topic of this call: `<queue>-activity`. */
  readonly workflowTopic: string;
  /**
   * Fires when its result does not count any more: `startToCloseTimeout` has passed, the workflow was terminated, or
   * somebody else has the work.
   */
  readonly signal: AbortSignal;
}

const contexts = new AsyncLocalStorage<DurableActivityContext>();

/** Runs an activity in its context. */
export function inActivity<Result>(context: DurableActivityContext, run: () => Result): Result {
  return contexts.run(context, run);
}

/** For use inside of activities. */
export const activity = {
  /** What the activity that calls it may know of its call. Throws outside of activities. */
  getContext(): DurableActivityContext {
    const context = contexts.getStore();
    if (context !== undefined) return context;
    const message = "Durable.activity.getContext() is to be called inside an activity; none runs around this call";
    throw new HotMeshError("no-activity", message);
  },
} as const;
