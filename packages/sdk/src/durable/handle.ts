import { type GenerationId, type JobRecord, type Json, jobId, waitTopic } from "@hotmesh/core";
import type { JobInterruptOptions } from "../engine-messages.js";
import { GetStateError, JobFailedError } from "../errors.js";
import type { HotMesh } from "../hotmesh.js";
import { liveMesh } from "./activate-functions.js";
import { failureOfWorkflow, WorkflowFailedError } from "./workflow-failed-error.js";

/** What `result` takes. */
export interface ResultOptions {
  /** Reads the stored state first. It is always read first: accepted, and without effect. */
  state?: boolean;
  /** False: a failure is a value. */
  throwOnError?: boolean;
}

/** What a handle is about. */
export interface HandleOf {
  readonly hotMesh: HotMesh;
  readonly workflowTopic: string;
  readonly workflowId: string;
  /** Which job of that id, when it is known. */
  readonly generation?: GenerationId;
}

/** One workflow, running or over. */
export class WorkflowHandle {
  /** The id of the workflow. */
  readonly workflowId: string;
  /** `<task queue>-<function>`. */
  readonly workflowTopic: string;
  /** The engine through which everything goes. */
  readonly hotMesh: HotMesh;
  readonly #generation: GenerationId | null;

  /** `workflow.start` and `workflow.getHandle` make handles. */
  constructor({ hotMesh, workflowTopic, workflowId, generation }: HandleOf) {
    this.hotMesh = hotMesh;
    this.workflowTopic = workflowTopic;
    this.workflowId = workflowId;
    this.#generation = generation ?? null;
  }

  /**
   * What the workflow returned, as soon as that is known; its status is final by then. One that was terminated with
   * `throw: false` has no result: undefined.
   *
   * @throws `WorkflowFailedError` (kind `job-failed`, 596 to 598, or 410 when it was terminated), unless `throwOnError`
   * is false: then it resolves with the same fields.
   * @throws `GetStateError` (kind `job-not-found`, 404): no workflow has the id, or it has expired.
   */
  async result<T = unknown>({ throwOnError = true }: ResultOptions = {}): Promise<T> {
    try {
      const { data } = await this.#watch();
      return data?.["response"] as T;
    } catch (error) {
      if (!(error instanceof JobFailedError)) throw error;
      const failure = failureOfWorkflow(error);
      if (throwOnError) throw new WorkflowFailedError(failure);
      return failure as T;
    }
  }

  /**
   * 0: it is over, failed or not. Above 0: it runs. -1: it is pending. About -1,000,000,000: it was terminated.
   *
   * @throws `HotMeshError` of kind `job-not-found` (404).
   */
  status(): Promise<number> {
    return this.hotMesh.getStatus(this.workflowId);
  }

  /**
   * What is stored of it: `done`, `response`, `$error`. With `metadata` everything that `HotMesh.getState` gives.
   *
   * @throws `GetStateError` (kind `job-not-found`, 404).
   */
  async state(metadata = false): Promise<Record<string, unknown>> {
    const output = await this.hotMesh.getState(this.workflowTopic, this.workflowId);
    return metadata ? { ...output } : { ...output.data };
  }

  /** What `search()`, `enrich()`, or the start wrote; null for what is not there. */
  queryState(fields: string[]): Promise<Record<string, string | null>> {
    return this.hotMesh.getQueryState(this.workflowId, fields);
  }

  /** Answers the wait for `signalId`, whoever waits for it in this namespace. See `workflow.signal` of the client. */
  signal(signalId: string, data?: unknown, expire?: string): Promise<string> {
    return sendSignal(this.hotMesh, { signalId, data, expire });
  }

  /** Asks the workflow to stop: what it waits for, and what it asks for next, ends with a `CancelledFailure`. */
  cancel(): Promise<void> {
    return this.hotMesh.cancel(this.workflowId);
  }

  /**
   * Ends the workflow at once, and with it all that is under way for it: nothing of it runs again.
   *
   * @throws `HotMeshError` of kind `job-completed` (409) or `job-not-found` (404), unless `suppress` is true.
   */
  terminate(options: JobInterruptOptions = {}): Promise<string | undefined> {
    return this.hotMesh.interrupt(this.workflowTopic, this.workflowId, options);
  }

  /** The same as `terminate`. */
  interrupt(options: JobInterruptOptions = {}): Promise<string | undefined> {
    return this.terminate(options);
  }

  async #watch() {
    const mesh = liveMesh(this.hotMesh);
    const id = jobId(this.workflowId);
    const generation = this.#generation ?? (await mesh.store.readJob(id))?.generation;
    if (generation === undefined) throw new GetStateError(this.workflowId);
    return mesh.watch(generation, id, hasReturned);
  }
}

/** A signal to whoever waits for an id. */
export interface SignalOf {
  readonly signalId: string;
  readonly data: unknown;
  /** How long it is kept when nobody waits yet. */
  readonly expire: string | undefined;
}

/** Sends a signal to whoever waits for its id in a namespace. */
export function sendSignal(hotMesh: HotMesh, { signalId, data, expire }: SignalOf): Promise<string> {
  const message: { id: string; data?: unknown; $expire?: Json } = { id: signalId };
  if (data !== undefined) message.data = data;
  if (expire !== undefined) message.$expire = expire;
  return hotMesh.signal(waitTopic, message);
}

/** A persistent job goes on when its function has returned. */
function hasReturned({ data }: JobRecord): boolean {
  return data?.["done"] === true;
}
