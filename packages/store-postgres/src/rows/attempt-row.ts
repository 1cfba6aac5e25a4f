import { type AttemptRecord, type Instant, type Json, pathText } from "@hotmesh/core";
import type { Open } from "../codec/encoded.js";
import { restored } from "./stored-text.js";

/** An execution of a worker message, as attempts_of gives it. */
export interface AttemptRow {
  readonly path: string;
  readonly attempt: number;
  readonly outcome: AttemptRecord["outcome"];
  readonly input: Json;
  readonly failure: Json;
  readonly started_at: Instant;
  readonly ended_at: Instant | null;
}

export function attemptOf(row: AttemptRow, open: Open): AttemptRecord {
  return {
    path: pathText(restored(row.path)),
    attempt: row.attempt,
    outcome: row.outcome,
    input: open(row.input),
    failure: open(row.failure),
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}
