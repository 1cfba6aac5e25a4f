import { HotMeshError } from "@hotmesh/core";

/** Which function is meant, as callers say it. */
export interface WorkflowTarget {
  /** The queue that its worker listens on. */
  taskQueue?: string;
  /** Stands for the queue, and for the name, where these are not given. */
  entity?: string;
  /** The name of the function. */
  workflowName?: string;
}

/** A function, and where it is served. */
export interface ResolvedTarget {
  readonly taskQueue: string;
  readonly workflowName: string;
}

/** The function that a start means: without a queue the entity is the name. */
export function startTarget({ taskQueue, entity, workflowName }: WorkflowTarget): ResolvedTarget {
  return resolved(taskQueue ?? entity, taskQueue === undefined ? (entity ?? workflowName) : (workflowName ?? entity));
}

/** The function that a hook means: the entity is the name, where there is one. */
export function hookTarget({ taskQueue, entity, workflowName }: WorkflowTarget): ResolvedTarget {
  return resolved(taskQueue ?? entity, entity ?? workflowName);
}

function resolved(taskQueue: string | undefined, workflowName: string | undefined): ResolvedTarget {
  if (!isText(taskQueue)) throw missing("taskQueue");
  if (!isText(workflowName)) throw missing("workflowName");
  return { taskQueue, workflowName };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function missing(name: string): HotMeshError {
  return new HotMeshError("invalid-argument", `${name} is missing; expected it, or entity in its place`);
}
