import { entityIn, HotMeshError, type JsonObject } from "@hotmesh/core";
import type { Expression, SqlBool } from "kysely";
import type { Database, Row } from "../connection/database.js";
import { codeOf } from "../connection/storage-error.js";
import { restored, stored } from "../rows/stored-text.js";
import { instantOr, listOf, type QueryBuilder } from "../schema/query-builder.js";
import { quoted } from "../schema/quoted.js";
import type { DatabaseClock } from "../step/database-clock.js";
import { type EntityCondition, holds } from "./entity-condition.js";
import { buildIndex, type EntityIndexType } from "./entity-index.js";

export interface EntitiesOptions {
  readonly database: Database;
  /** The schema of the app, not quoted. */
  readonly name: string;
  readonly builder: QueryBuilder;
  readonly clock: DatabaseClock;
}

/** Which jobs are meant: those that have the label, and fulfil everything else. */
export interface EntityQuery {
  /** The label. */
  readonly entity: string;
  /** All of them have to hold. */
  readonly conditions?: readonly EntityCondition[];
  /** Just this job. */
  readonly id?: string;
  /** At most so many; all unless given. */
  readonly limit?: number;
  /** Leave out so many first. */
  readonly offset?: number;
}

/** A job and its entity document. */
export interface EntityRow {
  /** Of the job. */
  readonly id: string;
  /** Of the job: 0 when it has completed, more while it runs. */
  readonly status: number;
  /** Empty when it was never set. */
  readonly document: JsonObject;
}

/** The entity documents of the jobs of an app, for those who look at many. */
export class Entities {
  readonly #options: EntitiesOptions;

  constructor(options: EntitiesOptions) {
    this.#options = options;
  }

  /** Live jobs, the youngest first. */
  async find({ entity, conditions = [], id, limit, offset }: EntityQuery): Promise<EntityRow[]> {
    const { builder, clock, database, name } = this.#options;
    const now = instantOr(clock.parameter());
    let query = builder
      .selectFrom("job")
      .select(["id", "status", "fields"])
      .where("entity", "=", stored(entity))
      .where((job) => job.or([job("expire_at", "is", null), job("expire_at", ">", now)]))
      .where(({ and }) => and(conditions.map((condition): Expression<SqlBool> => holds(name, condition))))
      .orderBy("created_at", "desc")
      .orderBy("id");
    if (id !== undefined) query = query.where("id", "=", stored(id));
    if (limit !== undefined) query = query.limit(limit);
    if (offset !== undefined) query = query.offset(offset);
    const rows = await listOf((statement) => database.query(statement), query);
    return rows.map(({ id, status, fields }) => ({ id: restored(id), status, document: documentIn(fields) }));
  }

  /**
   * An index for conditions on one place in the documents of one label; a second call finds it there. Jobs go on while
   * it is built. Throws `forbidden` (403) when the login does not own the schema.
   */
  async createIndex(entity: string, path: readonly string[], type: EntityIndexType): Promise<void> {
    const { database, name } = this.#options;
    try {
      await buildIndex(database, name, { entity: stored(entity), path, type });
    } catch (thrown) {
      if (codeOf(HotMeshError.is(thrown) ? thrown.cause : thrown) !== "42501") throw thrown;
      const message = `an index on the entities '${entity}' can be made by the owner of schema ${name} only`;
      throw new HotMeshError("forbidden", message, { cause: thrown });
    }
  }

  /** Runs any statement with the tables and views of the app in reach by their bare names. */
  query(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const path = `${quoted(this.#options.name)}, public`;
    return this.#options.database.transaction(async (run) => {
      await run({ text: "select set_config('search_path', $1, true)", values: [path] });
      // The driver gives no rows of several statements.
      return (await run({ text, values })) ?? [];
    });
  }
}

/** What is stored, and not what can be compared of it. */
function documentIn(fields: Readonly<Record<string, string>>): JsonObject {
  return entityIn(fields) ?? {};
}
