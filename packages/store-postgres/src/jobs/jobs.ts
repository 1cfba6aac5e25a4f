import {
  type GenerationId,
  generationId,
  type JobId,
  type JobRecord,
  type PassRecord,
  type Topic,
} from "@hotmesh/core";
import { sql } from "kysely";
import type { Database, Run } from "../connection/database.js";
import { call, callOf } from "../rows/call.js";
import { jobOf } from "../rows/job-row.js";
import { passOf } from "../rows/pass-row.js";
import { stored } from "../rows/stored-text.js";
import { instantOr, listOf, type QueryBuilder } from "../schema/query-builder.js";
import type { DatabaseClock } from "../step/database-clock.js";

export interface JobsOptions {
  readonly database: Database;
  /** Quoted. */
  readonly schema: string;
  readonly builder: QueryBuilder;
  readonly clock: DatabaseClock;
}

/** Reads of jobs outside of steps, and what keeps their tables small. */
export class Jobs {
  readonly #options: JobsOptions;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  async readJob(id: JobId): Promise<JobRecord | null> {
    const [row] = await listOf(this.#run, this.#live(id).selectAll());
    return row === undefined ? null : jobOf(row);
  }

  async readPasses(id: JobId, generation: GenerationId): Promise<readonly PassRecord[]> {
    const { builder } = this.#options;
    const job = this.#live(id)
      .where("generation", "=", generationId(stored(generation)))
      .select("id");
    const query = builder
      .selectFrom("activity")
      .selectAll()
      .where("job_id", "=", job)
      .orderBy("started_at")
      .orderBy("activity_id")
      .orderBy("address");
    return (await listOf(this.#run, query)).map(passOf);
  }

  /** Messages that wait, are scheduled or leased. */
  async depth(topic: Topic | null): Promise<number> {
    const { builder } = this.#options;
    const there = builder
      .selectFrom("message")
      .select(sql<number>`count(*)`.as("count"))
      .where("parked_reason", "is", null);
    const query =
      topic === null
        ? there.where("topic", "is", null)
        : there.where("topic", "=", stored(topic)).where("held", "=", false).where("dead_lettered_at", "is", null);
    return (await listOf(this.#run, query))[0]?.count ?? 0;
  }

  sweep(limit: number): Promise<number> {
    const { clock, schema } = this.#options;
    return call<number>(this.#run, callOf(schema, "sweep", limit, clock.parameter()));
  }

  #live(id: JobId) {
    const { builder, clock } = this.#options;
    const now = instantOr(clock.parameter());
    return builder
      .selectFrom("job")
      .where("id", "=", stored(id))
      .where((job) => job.or([job("expire_at", "is", null), job("expire_at", ">", now)]));
  }

  readonly #run: Run = (statement) => this.#options.database.query(statement);
}
