import type { GetStatsOptions, IdsResponse, JobExport, JobOutput, StatsResponse } from "@hotmesh/core";
import type { ExportOptions } from "../job-reads.js";
import type { JobStatsInput } from "../statistics.js";

/**
 * Reading jobs, and what was counted of them. A job that has expired is not found. Every call rejects with a
 * `HotMeshError`, of kind `no-engine` (400) when the instance has no engine and `stopped` (409) after `stop`, besides
 * the kinds that are named.
 */
export interface Reading {
  /**
   * The job's output so far: `data`, absent when nothing was mapped, and `metadata`, of which `state` tells how the job
   * is: `running`, `pending`, `completed`, `failed` or `interrupted`.
   *
   * @param topic Need not match: the job is found by its id.
   * @param jobId The job.
   * @throws `GetStateError` (kind `job-not-found`, 404).
   */
  getState(topic: string, jobId: string): Promise<JobOutput>;

  /**
   * The job's status number: above 0 it runs, 0 it is closed, -1 pending, about -1e9 interrupted.
   *
   * @param jobId The job.
   * @throws `HotMeshError` of kind `job-not-found` (404).
   */
  getStatus(jobId: string): Promise<number>;

  /**
   * Named fields of a job, as they are stored: search fields by their names, `":"` the status, `'"-lot"'` a marker;
   * what is in double quotes is read as it stands. All are null when the job is not found.
   *
   * @param jobId The job.
   * @param fields Names of fields.
   * @returns The stored texts by name, without the quotes.
   * @throws `HotMeshError` of kind `invalid-argument` (400) when `fields` is no list of texts.
   *
   * @example
   * ```ts
   * const { depot } = await hotMesh.getQueryState(jobId, ["depot"]);
   * ```
   */
  getQueryState(jobId: string, fields: string[]): Promise<Record<string, string | null>>;

  /**
   * Every stored value of a job as texts, those of the engine too: `:` the status, `_x` search fields, `-m` markers,
   * `data/…` and `metadata/…` of the job, `<activity>/…,<address>` of its passes. `{}` when the job is not found. What
   * a codec has encoded stays so. The lowest level; `getState` is to be preferred.
   *
   * @param jobId The job.
   */
  getRaw(jobId: string): Promise<Record<string, string>>;

  /**
   * A job with all its passes, as a graph of processes by activity; an empty one when the job is not found.
   *
   * @param jobId The job.
   * @param options `enrich_inputs: true` adds `activities`: every attempt with its input, times and error.
   */
  export(jobId: string, options?: ExportOptions): Promise<JobExport>;

  /**
   * What was counted of the jobs of a graph: sums, means, medians and counts by value, as its trigger's `stats` says.
   *
   * @param topic What the graph subscribes to.
   * @param query What `stats.key` reads, and the time: two of `range`, `start` and `end`, unless the granularity is
   * `infinity`. `sparse: true` leaves out the segments.
   * @throws `HotMeshError` of kind `topic-not-found` (404), `not-active` (409), `invalid-argument` (400), or
   * `mapping-failed` (500) when `stats.key` throws.
   *
   * @example
   * ```ts
   * const { count } = await hotMesh.getStats("parcel.booked", { data: { depot: "Leith" }, range: "2h", end: "NOW" });
   * ```
   */
  getStats(topic: string, query: JobStatsInput): Promise<StatsResponse>;

  /**
   * The ids of such jobs, by list of the graph's index. Throws as `getStats` does.
   *
   * @param topic What the graph subscribes to.
   * @param query As for `getStats`.
   * @param queryFacets Lists of the index, `<path>:<value>`; all unless given.
   */
  getIds(topic: string, query: JobStatsInput, queryFacets?: string[]): Promise<IdsResponse>;

  /**
   * How a question about statistics is understood: the key its data gives, and what time is meant. Throws as `getStats`
   * does.
   *
   * @param topic What the graph subscribes to.
   * @param query As for `getStats`.
   */
  resolveQuery(topic: string, query: JobStatsInput): Promise<GetStatsOptions>;

  /**
   * Does nothing; true.
   *
   * @param terms Names.
   * @deprecated Names are stored in full, so there is nothing to compress.
   */
  compress(terms: string[]): Promise<boolean>;
}
