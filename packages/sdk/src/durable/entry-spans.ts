import type { EntryAnswer, EntryBody, OperationRequest } from "@hotmesh/core";
import { recordSpan } from "../telemetry/record-span.js";
import type { TelemetryLevel } from "../telemetry/tracing.js";
import type { RecordedOperation } from "./replay/index.js";

/** One entry of a function, as its spans tell of it. */
export interface TracedEntry {
  readonly level: TelemetryLevel;
  readonly jobId: string;
  readonly generation: string;
  readonly body: EntryBody;
  /** Failed attempts at this very entry. */
  readonly failed: number;
  readonly records: readonly RecordedOperation[];
}

/** How many outcomes of a function were told in this process. What is entered elsewhere is told there. */
const told = new Map<string, number>();
const toldMax = 10_000;

/** The function begins, or goes on with outcomes that are new to it. */
export function traceEntry(entry: TracedEntry): void {
  const { body, level, records, failed } = entry;
  if (body.arguments !== undefined && body.turn === 0 && failed === 0)
    record(entry, `WORKFLOW/START/${body.workflowName}`);
  if (level !== "debug") return;
  // Of what other processes have told, only the last outcome, which asked for this entry.
  const before = told.get(keyOf(entry)) ?? body.recorded - 1;
  for (const { kind, record: outcome } of records) {
    if (outcome.seq <= before) continue;
    const durationMs = Math.max(0, millis(outcome.au) - millis(outcome.ac));
    record(entry, `RETURN/${kind}/${outcome.name}`, { failure: outcome.$error?.message, durationMs });
  }
  tell(entry, body.recorded);
}

/** The entry is over. */
export function traceAnswer(entry: TracedEntry, { requests, end }: EntryAnswer): void {
  const { body, level } = entry;
  if (level === "debug") {
    for (const { kind, name } of requests.filter(isNew(body))) record(entry, `DISPATCH/${kind}/${name}`);
  }
  if (end === undefined || end.kind === "continued") return;
  told.delete(keyOf(entry));
  if (end.kind === "returned") record(entry, `WORKFLOW/COMPLETE/${body.workflowName}`);
  else traceError(entry, end.error.message);
}

/** The function has failed for good. */
export function traceError(entry: TracedEntry, failure: string): void {
  record(entry, `WORKFLOW/ERROR/${entry.body.workflowName}`, { failure });
}

function isNew({ open }: EntryBody): (request: OperationRequest) => boolean {
  const asked = new Set(open.map(({ n, kind }) => `${kind} ${n}`));
  return ({ n, kind }) => !asked.has(`${kind} ${n}`);
}

function record(
  { jobId, body }: TracedEntry,
  name: string,
  facts: { readonly failure?: string | undefined; readonly durationMs?: number } = {},
): void {
  const attributes = {
    "app.workflow.id": jobId,
    "app.workflow.name": body.workflowName,
    "app.workflow.dimension": body.dimension,
  };
  recordSpan(name, { attributes, ...facts });
}

function tell(entry: TracedEntry, count: number): void {
  const key = keyOf(entry);
  told.delete(key);
  told.set(key, count);
  const [oldest] = told.keys();
  if (told.size > toldMax && oldest !== undefined) told.delete(oldest);
}

function keyOf({ generation, body }: TracedEntry): string {
  return `${generation} ${body.at}`;
}

/** The time that a stamp `YYYYMMDDHHmmss.SSS` names. */
function millis(stamp: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2}\.\d{3})$/.exec(stamp) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
