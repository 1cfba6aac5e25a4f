import type { WorkflowContextMap } from "../interceptors.js";
import type { Entry } from "./entry.js";

/** What is known of the function that runs, and where it is. */
export interface WorkflowContext {
  /** The job. */
  readonly workflowId: string;
  /** `<task queue>-<function>`. */
  readonly workflowTopic: string;
  /** The function. */
  readonly workflowName: string;
  /** The queue that its worker listens on. */
  readonly taskQueue: string;
  /** App and schema. */
  readonly namespace: string;
  /** Empty in the main function, else that of the hook, `,0,1`. */
  readonly workflowDimension: string;
  /** The root of its lineage. */
  readonly originJobId: string;
  /** Seconds the finished job is kept, where it was said. */
  readonly expire: number | undefined;
  /** False: an error now is the last one. */
  readonly canRetry: boolean;
  /** How many counter values have been taken. */
  readonly counter: number;
  /** The same, as an object. */
  readonly COUNTER: { readonly counter: number };
  /** The same, as text. */
  readonly cursor: string;
  /** True when what follows has been gone through before. */
  readonly replay: boolean;
  /** Always empty: what a function waits for is pending, not thrown. */
  readonly interruptionRegistry: readonly never[];
  /** That of the worker. */
  readonly connection: unknown;
  /** The message that asked for this entry. */
  readonly raw: unknown;
  /** Id of the trace that the workflow belongs to. */
  readonly workflowTrace: string | undefined;
  /** Id of the span it hangs from. */
  readonly workflowSpan: string | undefined;
}

/** What is known now. */
export function workflowContext(entry: Entry): WorkflowContext {
  const { body, options, counter } = entry;
  return {
    workflowId: options.jobId,
    workflowTopic: `${body.taskQueue}-${body.workflowName}`,
    workflowName: body.workflowName,
    taskQueue: body.taskQueue,
    namespace: options.namespace,
    workflowDimension: body.dimension,
    originJobId: body.originJobId,
    expire: body.expire,
    canRetry: options.canRetry ?? true,
    counter,
    COUNTER: { counter },
    cursor: String(counter),
    replay: entry.isReplay,
    interruptionRegistry: [],
    connection: options.connection,
    raw: body,
    workflowTrace: options.workflowTrace,
    workflowSpan: options.workflowSpan,
  };
}

/** The same for interceptors. */
export function contextMap(entry: Entry): WorkflowContextMap {
  return new Map<string, unknown>(Object.entries(workflowContext(entry)));
}
