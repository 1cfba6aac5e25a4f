import { HotMeshError, type JsonObject } from "@hotmesh/core";
import type { JobFailedError } from "../errors.js";

/** How a workflow failed, as data. */
export interface WorkflowFailure {
  /** What went wrong. */
  message: string;
  /** 597 and 598 for good, 596 it took too long, 410 terminated. */
  code: number;
  /** Where it was thrown. */
  stack: string;
  /** What the code means: `DurableFatalError`, `DurableMaxedError`, `DurableTimeoutError`, `Terminated`. */
  type: string;
  /** The class of what was thrown. */
  name: string;
  /** The workflow. */
  job_id: string;
}

/** `handle.result()`: the workflow failed, or was terminated. */
export class WorkflowFailedError extends HotMeshError implements WorkflowFailure {
  /** The class of what was thrown. */
  override readonly name: string;
  /** Where it was thrown. */
  override readonly stack: string;
  /** What the code means: `DurableFatalError`, `DurableMaxedError`, `DurableTimeoutError`, `Terminated`. */
  readonly type: string;
  /** The workflow. */
  readonly job_id: string;

  constructor({ message, code, stack, type, name, job_id }: WorkflowFailure) {
    super("job-failed", message, { code });
    this.name = name;
    this.stack = stack;
    this.type = type;
    this.job_id = job_id;
  }
}

/** What is known of a failure. */
export function failureOfWorkflow(error: JobFailedError): WorkflowFailure {
  const { message, code, job_id } = error;
  const { stack, name }: JsonObject = JSON.parse(JSON.stringify(error.error));
  const type = types.get(code) ?? "Error";
  return {
    message,
    code,
    type,
    name: typeof name === "string" ? name : type,
    stack: typeof stack === "string" && stack !== "" ? stack : `${type}: ${message}`,
    job_id,
  };
}

const types: ReadonlyMap<number, string> = new Map([
  [410, "Terminated"],
  [596, "DurableTimeoutError"],
  [597, "DurableMaxedError"],
  [598, "DurableFatalError"],
]);
