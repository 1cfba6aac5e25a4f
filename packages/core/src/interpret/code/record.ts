import type { Instant } from "../../brand.js";
import type { OperationRecord, RecordedError } from "../../code/protocol.js";
import { childAddress } from "../../job/path.js";
import { timeText } from "../../job/time-text.js";
import type { Json } from "../../json.js";
import type { Draft } from "../draft.js";
import type { Place } from "./open-operation.js";

/** What an operation came to. `data` is absent for undefined. */
export type OperationOutcome = { readonly data?: Json; readonly jobId?: string } | { readonly error: RecordedError };

/** An operation that is over, and what becomes of it. */
export interface Ended {
  readonly kind: string;
  readonly n: number;
  readonly name: string;
  readonly hash: string;
  readonly input?: Json;
  /** Of a stored operation: which call on the object it was. */
  readonly place?: number;
  /** 0: the function went on without it. */
  readonly seq: number;
  readonly startedAt: Instant;
  readonly outcome: OperationOutcome;
}

/** Writes the row that replays find. */
export function writeRecord(draft: Draft, { at }: Pick<Place, "at">, ended: Ended): void {
  const { id, generation } = draft.record;
  const { now } = draft.moment;
  const { kind, n, name, hash, seq, startedAt, outcome } = ended;
  const own = childAddress(at, n);
  const address = ended.place === undefined ? own : childAddress(own, ended.place);
  const times = { ac: timeText(startedAt), au: timeText(now) };
  const record: OperationRecord = { name, hash, seq, ...outcomeMembers(outcome), ...times };
  draft.writePass(
    {
      job: id,
      generation,
      activity: kind,
      address,
      type: kind,
      topic: null,
      open: false,
      output: record,
      hook: null,
      metadata: { aid: kind, atp: kind, dad: address, ...times },
      input: ended.input ?? null,
      startedAt,
      completedAt: now,
    },
    null,
  );
}

function outcomeMembers(outcome: OperationOutcome): Pick<OperationRecord, "data" | "$error" | "job_id"> {
  if ("error" in outcome) return { $error: outcome.error };
  return {
    ...(outcome.data !== undefined && { data: outcome.data }),
    ...(outcome.jobId !== undefined && { job_id: outcome.jobId }),
  };
}
