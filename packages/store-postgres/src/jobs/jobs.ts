import {
  type AttemptRecord,
  address,
  type CounterRange,
  type CounterRecord,
  type EscalationState,
  type GenerationId,
  generationId,
  type JobId,
  type JobRecord,
  type PassesForm,
  type PassRecord,
  type StoredForm,
  type Topic,
} from "@hotmesh/core";
import { sql } from "kysely";
import { asStored } from "../codec/encoded.js";
import type { Database, Run } from "../connection/database.js";
import { type AttemptRow, attemptOf } from "../rows/attempt-row.js";
import { call, callOf, callSealed } from "../rows/call.js";
import { type CounterPage, counterOf, rangeParameter } from "../rows/counter-row.js";
import { escalationOf } from "../rows/escalation-row.js";
import { jobOf } from "../rows/job-row.js";
import { passOf } from "../rows/pass-row.js";
import { stored } from "../rows/stored-text.js";
import { instantOr, listOf, millisecondsOf, type QueryBuilder, sealedListOf } from "../schema/query-builder.js";
import type { DatabaseClock } from "../step/database-clock.js";

export interface JobsOptions {
  readonly database: Database;
  /** Quoted. */
  readonly schema: string;
  /** Whose rows of the shared table are its own. */
  readonly namespace: string;
  readonly appId: string;
  readonly builder: QueryBuilder;
  readonly clock: DatabaseClock;
}

/** Reads of jobs outside of steps, and what keeps their tables small. */
export class Jobs {
  readonly #options: JobsOptions;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  async readJob(id: JobId, form: StoredForm = {}): Promise<JobRecord | null> {
    const { result, open } = await sealedListOf(this.#run, this.#live(id).selectAll());
    const [row] = result;
    return row === undefined ? null : jobOf(row, form.isEncoded === true ? asStored : open);
  }

  async readPasses(id: JobId, generation: GenerationId, form: PassesForm = {}): Promise<readonly PassRecord[]> {
    const { builder } = this.#options;
    const job = this.#live(id)
      .where("generation", "=", generationId(stored(generation)))
      .select("id");
    const { under } = form;
    const below = builder.selectFrom("activity").selectAll().where("job_id", "=", job);
    const query = (
      under === undefined
        ? below
        : // A comma and all that follows one: a dash is the next character.
          below.where((pass) =>
            pass.or([
              pass("address", "=", under),
              pass.and([pass("address", ">", address(`${under},`)), pass("address", "<", address(`${under}-`))]),
            ]),
          )
    )
      .orderBy("started_at")
      .orderBy("activity_id")
      .orderBy("address");
    const { result, open } = await sealedListOf(this.#run, query);
    return result.map((row) => passOf(row, form.isEncoded === true ? asStored : open));
  }

  async readAttempts(id: JobId, generation: GenerationId): Promise<readonly AttemptRecord[]> {
    const { schema, clock } = this.#options;
    const statement = callOf(schema, "attempts_of", stored(id), stored(generation), clock.parameter());
    const { result, open } = await callSealed<readonly AttemptRow[]>(this.#run, statement);
    return result.map((row) => attemptOf(row, open));
  }

  async readCounters(range: CounterRange): Promise<readonly CounterRecord[]> {
    const request = JSON.stringify([rangeParameter(range, 0)]);
    const pages = await call<readonly CounterPage[]>(this.#run, callOf(this.#options.schema, "counter_pages", request));
    return pages.flatMap(({ counters }) => counters.map(counterOf));
  }

  async readEscalations(key: string): Promise<readonly EscalationState[]> {
    const { builder, namespace, appId } = this.#options;
    const signalKey = stored(key);
    const query = builder
      .withSchema("public")
      .selectFrom("hmsh_escalations")
      .select([
        "wait",
        "signal_key",
        "topic",
        "workflow_id",
        "task_queue",
        "workflow_type",
        "type",
        "subtype",
        "entity",
      ])
      .select(["description", "role", "status", "priority", "metadata", "envelope", "resolver_payload", "origin_id"])
      .select(["parent_id", "initiated_by", "trace_id", "span_id"])
      .select((item) => [
        millisecondsOf(item.ref("expires_at")).as("expires_at"),
        millisecondsOf(item.ref("created_at")).as("created_at"),
        millisecondsOf(item.ref("resolved_at")).as("resolved_at"),
      ])
      // Expressions, so that indexes that begin with these columns, which tell little apart, are of no use.
      .where(sql<string>`namespace || ''`, "=", namespace)
      .where(sql<string>`app_id || ''`, "=", appId)
      .where(sql<string>`md5(signal_key)`, "=", sql<string>`md5(${signalKey})`)
      .where("signal_key", "=", signalKey)
      .orderBy("created_at", "desc")
      .orderBy("id", "desc");
    return (await listOf(this.#run, query)).map(escalationOf);
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

  async scrub(id: JobId, generation?: GenerationId): Promise<void> {
    const { clock, schema } = this.#options;
    const only = generation === undefined ? null : stored(generation);
    await call<boolean>(this.#run, callOf(schema, "job_scrub", stored(id), only, clock.parameter()));
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
