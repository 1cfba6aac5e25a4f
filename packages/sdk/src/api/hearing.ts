import type { JobCallback } from "../subscriptions.js";

/**
 * Hearing of results. A callback gets the topic that the graph publishes and the job's output; it is told of every
 * completion, failure and interruption, and of every interim document (`emit`, `persist`). What is announced while the
 * connection is lost is not heard; afterwards everything is heard again without any call. A callback that throws or
 * rejects is logged, and the others still run.
 *
 * Every call rejects with a `HotMeshError`: kind `no-engine` (400) when the instance has no engine, and `stopped` (409)
 * after `stop`.
 */
export interface Hearing {
  /**
   * Hears of jobs whose graph publishes `topic`, or of one job: `<topic>.<jobId>`. When the promise resolves,
   * everything that is announced later is heard. Several callbacks may have one topic.
   *
   * @param topic What graphs publish, or that with the id of a job.
   * @param callback Gets the topic that the graph publishes, and the job's output.
   *
   * @param topic What the graph publishes, or that with the id of a job.
   * @param callback Gets the topic that the graph publishes and the output of the job.
   *
   * @example
   * ```ts
   * await hotMesh.sub("parcel.delivered", (topic, { metadata, data }) => console.log(metadata.jid, data));
   * ```
   */
  sub(topic: string, callback: JobCallback): Promise<void>;

  /**
   * As `sub`, for all topics that match a pattern: `*` stands for any run of characters, dots included, and nothing
   * else is special. A callback is called once per announcement.
   *
   * @param pattern Matched with what graphs publish, and with that and the id of the job.
   * @param callback As for `sub`.
   */
  psub(pattern: string, callback: JobCallback): Promise<void>;

  /**
   * Removes all callbacks of `sub` for this very topic. An unknown one is no error.
   *
   * @param topic As it was given to `sub`.
   */
  unsub(topic: string): Promise<void>;

  /**
   * Removes all callbacks of `psub` for this very pattern. An unknown one is no error.
   *
   * @param pattern As it was given to `psub`.
   */
  punsub(pattern: string): Promise<void>;
}
