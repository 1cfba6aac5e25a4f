import type { RetryPolicy } from "@hotmesh/core";
import type { StreamData, WorkerAnswer, WorkerEntry, WorkerExecution } from "@hotmesh/worker";
import type { WorkflowFunction } from "./replay/index.js";

/** What a worker has to say about its functions. */
export interface FunctionsOf {
  readonly functions: ReadonlyMap<string, WorkflowFunction>;
  /** Most of them at once. */
  readonly concurrency: number;
  /** For workflows that were started without one. */
  readonly policy: RetryPolicy;
  /** False: they cannot be run any more. */
  readonly isLive: () => boolean;
  readonly run: (fn: WorkflowFunction, message: StreamData, execution: WorkerExecution) => Promise<WorkerAnswer>;
}

/**
 * The functions that the workers of this process serve on one queue. Each worker consumes the queue, and runs whatever
 * function of it somebody here has: so no message waits because the wrong worker has claimed it.
 */
export class WorkflowQueue {
  /** Looked through for each message. */
  readonly entries: WorkerEntry[] = [];

  /** Adds the functions of a worker. The function that is returned takes them away. */
  serve({ functions, concurrency, policy, isLive, run }: FunctionsOf): () => void {
    let running = 0;
    const entries = [...functions].map(
      ([name, fn]): WorkerEntry => ({
        name,
        policy,
        hasRoom: () => isLive() && running < concurrency,
        callback: async (message, execution) => {
          running += 1;
          try {
            return await run(fn, message, execution);
          } finally {
            running -= 1;
          }
        },
      }),
    );
    this.entries.push(...entries);
    return () => {
      for (const entry of entries) {
        const at = this.entries.indexOf(entry);
        if (at >= 0) this.entries.splice(at, 1);
      }
    };
  }
}
