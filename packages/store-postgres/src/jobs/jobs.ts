import type { GenerationId, JobId, JobRecord, PassRecord, Topic } from "@hotmesh/core";
import type { Database, Run, Statement } from "../connection/database.js";
import { call, callOf } from "../rows/call.js";
import { type JobRow, jobOf } from "../rows/job-row.js";
import { type PassRow, passOf } from "../rows/pass-row.js";
import { stored } from "../rows/stored-text.js";
import type { DatabaseClock } from "../step/database-clock.js";

export interface JobsOptions {
  readonly database: Database;
  /** Quoted. */
  readonly schema: string;
  readonly clock: DatabaseClock;
}

/** Reads of jobs outside of steps, and what keeps their tables small. */
export class Jobs {
  readonly #options: JobsOptions;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  async readJob(id: JobId): Promise<JobRecord | null> {
    const row = await this.#call<JobRow | null>("job_read", stored(id));
    return row === null ? null : jobOf(row);
  }

  async readPasses(id: JobId, generation: GenerationId): Promise<readonly PassRecord[]> {
    return (await this.#call<readonly PassRow[]>("job_passes", stored(id), stored(generation))).map(passOf);
  }

  async depth(topic: Topic | null): Promise<number> {
    const { database, schema } = this.#options;
    const run: Run = (statement) => database.query(statement);
    return call<number>(run, callOf(schema, "depth", stored(topic)));
  }

  sweep(limit: number): Promise<number> {
    return this.#call<number>("sweep", limit);
  }

  #call<T>(name: string, ...values: readonly unknown[]): Promise<T> {
    const { clock, database, schema } = this.#options;
    const statement: Statement = callOf(schema, name, ...values, clock.parameter());
    return call<T>((given) => database.query(given), statement);
  }
}
