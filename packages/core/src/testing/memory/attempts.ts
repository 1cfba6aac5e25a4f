import type { GenerationId, JobId, MessageKey } from "../../brand.js";
import { pathOf } from "../../job/path.js";
import type { Json } from "../../json.js";
import type { AttemptRecord, PassRecord } from "../../ports/records.js";
import type { Entry } from "./batch.js";
import { asRequest, liveJob, type Request } from "./messages.js";
import { type AnsweredRow, passKey } from "./tables.js";
import type { Unit } from "./unit.js";

/** A request that is answered in this step, kept by its stored answer, or still in the stream. */
export function requestOf(unit: Unit, request: MessageKey, batch: readonly Entry[]): Request | null {
  for (const entry of batch) {
    if (entry.from === "store" && entry.row.request?.key === request) return entry.row.request;
  }
  const row = unit.tables.messages.get(request);
  return row === undefined ? null : asRequest(row);
}

/** Remembers which attempt a pass was answered by. */
export function keepAnswered(unit: Unit, pass: PassRecord, { attempt, startedAt }: Request): void {
  if (startedAt === null) return;
  const { job, generation, activity, address } = pass;
  unit.tables.answered.put(passKey(pass), { job, generation, path: pathOf(activity, address), attempt, startedAt });
}

/** Every execution of a live job's worker messages. */
export function attemptsOf(unit: Unit, id: JobId, generation: GenerationId): readonly AttemptRecord[] {
  if (liveJob(unit, id)?.generation !== generation) return [];
  const failed = failedOf(unit, id, generation);
  const isFailed = (row: AnsweredRow) =>
    failed.some(({ path, attempt }) => path === row.path && attempt === row.attempt);
  const answered = unit.tables.answered.group("job", id).filter((row) => !isFailed(row));
  return [...failed, ...answered.flatMap((row) => answeredOf(unit, row)), ...openOf(unit, id, generation)].sort(
    (a, b) => a.startedAt - b.startedAt || order(a.path, b.path) || a.attempt - b.attempt,
  );
}

function failedOf(unit: Unit, id: JobId, generation: GenerationId): readonly AttemptRecord[] {
  return unit.tables.attempts.group("job", id).flatMap(({ request, failure, startedAt, failedAt }) => {
    if (request.generation !== generation || request.path === null) return [];
    return [record(request.path, { ...request, startedAt }, { outcome: "failed", failure, endedAt: failedAt })];
  });
}

function answeredOf(unit: Unit, row: AnsweredRow): readonly AttemptRecord[] {
  const passes = unit.tables.passes.group("job", row.job);
  const pass = passes.find(({ activity, address }) => pathOf(activity, address) === row.path);
  if (pass === undefined) return [];
  const request = { body: pass.input, attempt: row.attempt, startedAt: row.startedAt };
  return [record(row.path, request, { outcome: "answered", failure: null, endedAt: pass.completedAt })];
}

function openOf(unit: Unit, id: JobId, generation: GenerationId): readonly AttemptRecord[] {
  return unit.tables.messages.group("job", id).flatMap((row) => {
    const { message, state, lease } = row;
    const isUnderWay = state === "held" || (state === "ready" && lease !== null && lease.until > unit.now);
    if (message.topic === null || message.generation !== generation || message.path === null) return [];
    if (!isUnderWay || row.leasedAt === null) return [];
    const request = { ...message, startedAt: row.leasedAt };
    return [record(message.path, request, { outcome: "open", failure: null, endedAt: null })];
  });
}

function record(
  path: AttemptRecord["path"],
  request: { readonly body: Json } & Pick<AttemptRecord, "attempt" | "startedAt">,
  end: Pick<AttemptRecord, "outcome" | "failure" | "endedAt">,
): AttemptRecord {
  const { body: input, attempt, startedAt } = request;
  return { path, attempt, ...end, input, startedAt };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
