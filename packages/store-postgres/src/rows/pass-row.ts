import {
  type Address,
  generationId,
  type Instant,
  type Json,
  type JsonObject,
  jobId,
  type MessageKey,
  type PassRecord,
  type PassWrite,
} from "@hotmesh/core";
import { documentText, nestedText, type Open, openedObject, openedText } from "../codec/encoded.js";
import { restored, stored } from "./stored-text.js";

/** A row of `activity` as row_to_json makes it. */
export interface PassRow {
  readonly job_id: string;
  readonly activity_id: string;
  readonly address: Address;
  readonly generation: string;
  readonly type: string;
  readonly topic: string | null;
  readonly open: boolean;
  readonly output: Json;
  readonly hook: Json;
  readonly metadata: JsonObject;
  readonly input: Json;
  readonly started_at: Instant;
  readonly completed_at: Instant | null;
}

export function passOf(row: PassRow, open: Open): PassRecord {
  return {
    job: jobId(restored(row.job_id)),
    generation: generationId(restored(row.generation)),
    activity: restored(row.activity_id),
    address: row.address,
    type: row.type,
    topic: restored(row.topic),
    open: row.open,
    output: open(row.output),
    hook: open(row.hook),
    metadata: withError(openedObject(row.metadata, open), (text) => openedText(text, open)),
    input: open(row.input),
    startedAt: row.started_at,
    completedAt: row.completed_at,
  };
}

/** `answeredBy`: the stored answer that keeps the input, when the request itself is gone. */
export function passParameter(pass: PassWrite, answeredBy: MessageKey | null) {
  return {
    job_id: stored(pass.job),
    activity_id: stored(pass.activity),
    address: pass.address,
    generation: stored(pass.generation),
    type: pass.type,
    topic: stored(pass.topic),
    open: pass.open,
    output: documentText(pass.output),
    hook: documentText(pass.hook),
    metadata: documentText(withError(pass.metadata, nestedText)),
    input: pass.inputOf === null ? documentText(pass.input) : null,
    input_of: pass.inputOf === null ? null : stored(pass.inputOf),
    answered_by: answeredBy === null ? null : stored(answeredBy),
    started_at: pass.startedAt,
    completed_at: pass.completedAt,
  };
}

/** The failure of a pass is in its metadata as JSON text. */
function withError(metadata: JsonObject, change: (text: string) => string): JsonObject {
  const { err } = metadata;
  return typeof err === "string" ? { ...metadata, err: change(err) } : metadata;
}
