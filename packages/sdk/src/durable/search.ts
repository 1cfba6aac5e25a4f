import { HotMeshError, jobId } from "@hotmesh/core";
import { backends } from "../backends.js";
import type { StoredObject } from "./replay/stored-object.js";
import { postgresOf } from "./sql-access.js";

/** The schema of a search index; without effect on PostgreSQL. */
export interface WorkflowSearchConfig {
  /** Name of the index. */
  index?: string;
  /** What the keys of the index begin with. */
  prefix?: string[];
  /** The fields, by name. */
  schema?: Record<string, object>;
}

/**
 * Flat data on a job, for others to find it by: what `workflow.search()` resolves with. Data and history change
 * together, once per call, however often the function is replayed; and main and all hooks of the job share the data.
 * Key `k` is stored as `_k`; a key in double quotes is stored as what is between them.
 *
 * @example
 * ```ts
 * const search = await workflow.search();
 * await search.set({ status: "firing", bowls: "12" });
 * const bowls = await search.incr("bowls", -1);
 * ```
 */
export class Search {
  readonly #stored: StoredObject;

  /** @internal `workflow.search()` makes them. */
  constructor(stored: StoredObject) {
    this.#stored = stored;
  }

  /**
   * Writes fields, given as a map, or as keys and values in turn. Texts are stored as they are, other values as JSON.
   * Resolves with the number of fields that were not there before.
   */
  async set(...fields: readonly (string | Readonly<Record<string, unknown>>)[]): Promise<number> {
    return Number(await this.#stored.operate("set", ...fields));
  }

  /** A field; an empty text when it is not there. */
  async get(key: string): Promise<string> {
    return String(await this.#stored.operate("get", key));
  }

  /** Several fields, in the order of the keys; empty texts for those that are not there. */
  async mget(...keys: readonly string[]): Promise<string[]> {
    const values = await this.#stored.operate("mget", ...keys);
    return Array.isArray(values) ? values.map(String) : [];
  }

  /** Removes fields, and resolves with the number of those that were there. */
  async del(...keys: readonly string[]): Promise<number> {
    return Number(await this.#stored.operate("del", ...keys));
  }

  /** Adds to a field, which counts as 0 when it is not there, and resolves with the sum. */
  async incr(key: string, by: number): Promise<number> {
    return Number(await this.#stored.operate("incr", key, by));
  }

  /** Multiplies a field, which counts as 1 when it is not there, and resolves with the product. */
  async mult(key: string, by: number): Promise<number> {
    return Number(await this.#stored.operate("mult", key, by));
  }

  /**
   * All user data of a job, by keys without the `_` that they are stored with; empty when there is no such job.
   *
   * @param hotMesh An instance of the job's app.
   */
  static async findAllUserData(id: string, hotMesh: object): Promise<Record<string, string>> {
    const backend = backends.get(hotMesh);
    if (backend === undefined) {
      throw new HotMeshError("invalid-argument", "Search.findAllUserData needs a HotMesh instance of the job's app");
    }
    const record = await backend.store.readJob(jobId(id));
    const user = Object.entries(record?.fields ?? {}).filter(([name]) => name.startsWith("_"));
    return Object.fromEntries(user.map(([name, value]) => [name.slice(1), value]));
  }

  /** The search indexes there are: none, because PostgreSQL needs none to search by SQL. */
  static async listSearchIndexes(_hotMesh?: object): Promise<string[]> {
    return [];
  }

  /** Does nothing: on PostgreSQL there is nothing to configure. */
  static async configureSearchIndex(_hotMesh?: object, _search?: WorkflowSearchConfig): Promise<void> {}
}

/** Which rows are wanted. */
export interface JobsQuery {
  /** An instance of the app. */
  readonly hotMesh: object;
  /** One statement, `$1` standing for the first parameter. */
  readonly sql: string;
  readonly params?: readonly unknown[];
}

/**
 * Runs a statement with the views of the app, `jobs` and `jobs_attributes`, in reach by their bare names, and resolves
 * with the rows as the driver gives them.
 */
export async function searchJobs({ hotMesh, sql, params = [] }: JobsQuery): Promise<Record<string, unknown>[]> {
  const rows = await postgresOf(hotMesh, "search").entities.query(sql, params);
  return rows.map((row) => ({ ...row }));
}
