import {
  type GenerationId,
  generationId,
  type Instant,
  type JobPhase,
  type JobRecord,
  type Json,
  type JsonObject,
  jobId,
  type ParentLink,
  type PlanId,
} from "@hotmesh/core";
import { documentTextOrNull, documentTextWith, type Open, openedObject } from "../codec/encoded.js";
import { restored, stored } from "./stored-text.js";

/** A row of `job` as row_to_json makes it. */
export interface JobRow {
  readonly id: string;
  readonly generation: GenerationId;
  readonly revision: number;
  readonly plan: PlanId;
  readonly topic: string;
  readonly version: string;
  readonly phase: JobPhase;
  readonly status: number;
  readonly control: Json;
  readonly data: JsonObject | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly failure: JsonObject | null;
  readonly key: string | null;
  readonly entity: string | null;
  readonly parent: ParentLink | null;
  readonly origin: string | null;
  readonly waiter: string | null;
  readonly trace: string | null;
  readonly created_at: Instant;
  readonly updated_at: Instant;
  readonly expire_at: Instant | null;
}

export function jobOf(row: JobRow, open: Open): JobRecord {
  return {
    id: jobId(restored(row.id)),
    generation: generationId(restored(row.generation)),
    revision: row.revision,
    plan: row.plan,
    topic: restored(row.topic),
    version: row.version,
    phase: row.phase,
    status: row.status,
    control: open(row.control),
    data: row.data === null ? null : openedObject(row.data, open),
    fields: row.fields,
    failure: row.failure === null ? null : openedObject(row.failure, open),
    key: restored(row.key),
    entity: restored(row.entity),
    parent: row.parent,
    origin: restored(row.origin),
    waiter: restored(row.waiter),
    trace: restored(row.trace),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expireAt: row.expire_at,
  };
}

/**
 * A job as a commit carries it. Payloads travel as JSON text inside of the JSON parameter: the server would otherwise
 * look into them, and refuse what text cannot hold.
 */
export function jobParameter(job: JobRecord, revision: number) {
  return {
    id: stored(job.id),
    generation: stored(job.generation),
    revision,
    plan: job.plan,
    topic: stored(job.topic),
    version: job.version,
    phase: job.phase,
    status: job.status,
    control: documentTextWith(job.control, "persistent"),
    data: documentTextOrNull(job.data),
    fields: JSON.stringify(job.fields),
    failure: documentTextOrNull(job.failure),
    key: stored(job.key),
    entity: stored(job.entity),
    parent: textOrNull(job.parent),
    origin: stored(job.origin),
    waiter: stored(job.waiter),
    trace: stored(job.trace),
    created_at: job.createdAt,
    updated_at: job.updatedAt,
    expire_at: job.expireAt,
  };
}

function textOrNull(value: Json): string | null {
  return value === null ? null : JSON.stringify(value);
}
