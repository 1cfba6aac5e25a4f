import type { JobOutput } from "@hotmesh/core";
import type { JobInterruptOptions } from "../engine-messages.js";
import type { ExtensionType, JobState } from "../start-request.js";

/**
 * Starting and ending jobs. Every call rejects with a `HotMeshError`, of kind `no-engine` (400) when the instance has
 * no engine and `stopped` (409) after `stop`, besides the kinds that are named.
 */
export interface Running {
  /**
   * Starts a job. When the promise resolves, the job is stored, with everything that follows from its trigger; a graph
   * that needs nothing from outside is complete by then. The job stays on the version that is active now.
   *
   * @param topic What a graph of the active version subscribes to.
   * @param data The payload: a map of JSON values; `{}` unless given.
   * @param context `metadata.trc` and `metadata.spn` continue a trace; without them, that of the caller's span.
   * @param extended Search fields, markers, a label, a pending start, or the transaction to take part in.
   * @returns The id of the job: what `stats.id` of its trigger says, else a new one.
   * @throws `DuplicateJobError` (kind `job-exists`, 409): a live job has the id; it is not touched.
   * @throws `PayloadInvalidError` (kind `payload-invalid`, 422): the graph validates its input, and this one breaks it.
   * @throws `HotMeshError` of kind `topic-not-found` (404), `app-not-found` (404), `not-active` (409),
   * `invalid-argument` (400), or `mapping-failed` (500) when an expression of the trigger throws. No job exists then.
   *
   * @example
   * ```ts
   * const jobId = await hotMesh.pub("parcel.booked", { parcel: "P1", grams: 420 });
   * ```
   */
  pub(topic: string, data?: object, context?: JobState | null, extended?: ExtensionType): Promise<string>;

  /**
   * Starts a job and waits for its result; the graph need not publish anything. A job that is interrupted with
   * `throw: false` resolves with its state at that moment.
   *
   * @param topic What a graph of the active version subscribes to.
   * @param data The payload: a map of JSON values; `{}` unless given.
   * @param context As for `pub`.
   * @param timeout Milliseconds to wait: 10,000 unless given. 0 starts the job and rejects. A timeout ends nothing: the
   * job goes on, and `getState` reads it later.
   * @param options `final: true` waits for the completion; without it, an interim document (`emit`, `persist`) is a
   * result as well. A `client` is refused, because the call would wait for its commit.
   * @throws `JobFailedError` (kind `job-failed`; the code of the failure, 410 for an interrupted job).
   * @throws `JobTimeoutError` (kind `timeout`, 504).
   * @throws `HotMeshError` of kind `stopped` (409) when the instance is stopped meanwhile; and whatever `pub` throws.
   *
   * @example
   * ```ts
   * const { data, metadata } = await hotMesh.pubsub("parcel.priced", { grams: 420 }, null, 30_000);
   * ```
   */
  pubsub(
    topic: string,
    data?: object,
    context?: JobState | null,
    timeout?: number,
    options?: { final?: boolean },
  ): Promise<JobOutput>;

  /**
   * Starts a job that was created with `pending`: its transitions run as they would have when it was created.
   *
   * @param jobId The job.
   * @returns The id of the job.
   * @throws `HotMeshError` of kind `not-pending` (409) when it runs or is over, and `job-not-found` (404).
   */
  resume(jobId: string): Promise<string>;

  /**
   * Ends a job at once: its waiting messages are removed, its open hooks and work items are closed, and whoever waits
   * for it is told. Callbacks that run are not aborted; what they answer changes nothing any more.
   *
   * @param topic Need not match: the job is found by its id.
   * @param jobId The job.
   * @param options `reason` and `code` (410) of the error; `throw: false` writes none; `expire` is the number of
   * seconds until the job is gone; `descend: true` ends its running children too; `suppress: true` makes it no error
   * that the job is over or unknown.
   * @returns The id of the message that tells a parent which awaits the job; `undefined` when nobody does.
   * @throws `HotMeshError` of kind `job-completed` (409) or `job-not-found` (404), unless `suppress` is true.
   *
   * @example
   * ```ts
   * await hotMesh.interrupt("parcel.booked", jobId, { reason: "the customer withdrew", descend: true });
   * ```
   */
  interrupt(topic: string, jobId: string, options?: JobInterruptOptions): Promise<string | undefined>;

  /**
   * Asks the code of a job to stop by itself: code-first workflows look. A job that is over or unknown is no error.
   *
   * @param jobId The job.
   */
  cancel(jobId: string): Promise<void>;

  /**
   * Removes a job in whatever state, with its messages, hooks and timers: it is not found any more and its id is free.
   * Nobody is told, neither a parent nor a caller that waits. An unknown id is no error.
   *
   * @param jobId The job.
   */
  scrub(jobId: string): Promise<void>;
}
