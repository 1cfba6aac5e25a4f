import type { StreamData, StreamStatus } from "@hotmesh/worker";
import type { JobStatsInput } from "../statistics.js";
import type { TransactionOptions } from "./transaction-options.js";

/**
 * Telling jobs that run. Every call rejects with a `HotMeshError`, of kind `no-engine` (400) when the instance has no
 * engine and `stopped` (409) after `stop`, besides the kinds that are named.
 */
export interface Signalling {
  /**
   * Answers an open activity from outside, typically after its worker answered `pending`. It may be a worker, an await,
   * or a hook, which takes it as a signal. An answer for a job that is unknown or over, or for an activity that is
   * closed, changes nothing and is no error.
   *
   * @param streamData `metadata` is what the worker received. Its `guid` counts once: a further answer needs a new one,
   * and one is made when it has none. `status` is `success` unless given, `code` an integer of three digits.
   * @param options `client`: the answer is given if and only if the caller's transaction commits.
   * @returns The guid of the answer.
   * @throws `HotMeshError` of kind `invalid-argument` (400) when `metadata` lacks `jid`, `gid`, `aid` or `dad`, or
   * `status` or `code` are none. Nothing is stored then.
   *
   * @example
   * ```ts
   * await hotMesh.add({ metadata: { ...message.metadata, guid: HotMesh.guid() }, data: { approved: true } });
   * ```
   */
  add(streamData: StreamData, options?: TransactionOptions): Promise<string>;

  /**
   * Sends a signal to whoever waits for it. Nobody has to: it is kept for 600 seconds, or for what `data.$expire` says
   * (`"2h"`), and the next wait with the same key takes it; of two such signals the later one counts.
   *
   * @param topic A key under `hooks` of a graph. Its rules say which job is meant, by what they read of `data`.
   * @param data The payload: a map of JSON values, which the job reads as `{activity.hook.data}`.
   * @param status `success` closes the wait; `pending` wakes the job and leaves it open. `success` unless given.
   * @param code 200 unless given; 202 goes with `pending`.
   * @param options `client`: the signal is sent if and only if the caller's transaction commits.
   * @returns The id of the signal, once it is stored: that says nothing about who waits.
   * @throws `HotMeshError` of kind `no-hook-rule` (404) when no graph has a rule for the topic, and `invalid-argument`
   * (400) when the data are no map.
   *
   * @example
   * ```ts
   * await hotMesh.signal("parcel.signed", { parcel: "P1", by: "Ada" });
   * ```
   */
  signal(
    topic: string,
    data: object,
    status?: StreamStatus,
    code?: number,
    options?: TransactionOptions,
  ): Promise<string>;

  /**
   * Signals every job of a statistics index, each with its own id as `id` of the payload. It is stored as work for any
   * engine of the mesh, which delivers it piece by piece.
   *
   * @param hookTopic A key under `hooks` of the graph that counts.
   * @param data The payload: a map of JSON values.
   * @param query Which jobs: what `stats.key` reads, and the time; `scrub: true` forgets the index afterwards.
   * @param queryFacets Lists of the index, `<path>:<value>`; without them every job gets the signal, once.
   * @returns The keys of the lists that have jobs.
   * @throws `HotMeshError` of kind `no-hook-rule` (404), `not-active` (409), or `invalid-argument` (400).
   *
   * @example
   * ```ts
   * await hotMesh.signalAll("parcel.delayed", { hours: 3 }, { data: {}, range: "1d", end: "NOW" }, ["depot:Leith"]);
   * ```
   */
  signalAll(hookTopic: string, data: object, query: JobStatsInput, queryFacets?: string[]): Promise<string[]>;
}
