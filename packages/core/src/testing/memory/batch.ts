import type { Instant } from "../../brand.js";
import { invariant } from "../../errors.js";
import type { AnswerBody, InboundMessage, OutgoingMessage, Settled, Settlement } from "../../ports/message.js";
import { frozenCopy } from "./frozen.js";
import { heldRow } from "./leases.js";
import { jobLock, messageLock } from "./locks.js";
import { answerTo, liveJob } from "./messages.js";
import { byDueTime, laneOf, type MessageRow } from "./tables.js";
import type { Unit } from "./unit.js";

/** A message of a step and what it is consumed from: nothing, its own row, or the request that was answered. */
export type Entry =
  | { readonly from: "caller"; readonly message: InboundMessage }
  | { readonly from: "store"; readonly message: InboundMessage; readonly row: MessageRow }
  | {
      readonly from: "answer";
      readonly message: InboundMessage;
      readonly row: MessageRow;
      readonly answer: AnswerBody;
      readonly deadLetter: boolean;
    };

/** More due messages of one job wait for the next step. */
const messagesPerJobMax = 100;

/** The answers whose leases are still held, as entries. */
export function answered(
  unit: Unit,
  settlements: readonly Settlement[],
): { readonly entries: readonly Entry[]; readonly settled: readonly Settled[] } {
  const entries = new Map<string, Entry>();
  const settled = settlements.map(({ lease, outcome }): Settled => {
    invariant(outcome.kind === "answer", `a step takes answers, ${lease.key} came with ${outcome.kind}`);
    const row = heldRow(unit, lease);
    if (row === null || entries.has(lease.key)) return "lease-lost";
    const message = inbound(unit, answerTo(row.message, outcome.answer), {
      source: "answer",
      request: row.message.key,
    });
    const deadLetter = outcome.deadLetter === true;
    entries.set(lease.key, { from: "answer", message, row, answer: outcome.answer, deadLetter });
    return "settled";
  });
  return { entries: [...entries.values()], settled };
}

export function brought(unit: Unit, events: readonly OutgoingMessage[]): readonly Entry[] {
  return events.map((event) => ({ from: "caller", message: inbound(unit, event, { source: "event", request: null }) }));
}

/** Due engine messages of at most `limit` jobs; a message about no job counts as a job of its own. */
export function claimed(unit: Unit, limit: number): readonly Entry[] {
  const groups = new Map<string, MessageRow[]>();
  for (const row of claimable(unit).sort(byDueTime)) {
    if (row.dueAt > unit.now && !unit.lacks("due")) continue;
    const name = row.message.job === null ? `message ${row.message.key}` : `job ${row.message.job}`;
    const group = groups.get(name) ?? (groups.size < limit ? [] : null);
    if (group === null || group.length === messagesPerJobMax) continue;
    groups.set(name, group);
    group.push(row);
  }
  const rows = [...groups.values()].flat().sort(byDueTime);
  return rows.map((row) => ({
    from: "store",
    row,
    message: inbound(unit, row.message, { source: "stored", request: row.request?.key ?? null }),
  }));
}

/** When an engine message becomes due that a step could claim; null: none. */
export function nextDueAt(unit: Unit): Instant | null {
  return claimable(unit).sort(byDueTime)[0]?.dueAt ?? null;
}

function claimable(unit: Unit): MessageRow[] {
  return unit.tables.messages
    .group("lane", laneOf(null))
    .filter((row) => row.state === "ready" && !unit.isLocked(messageLock(row.message.key)))
    .filter((row) => row.message.job === null || !isStopped(unit, row.message.job));
}

function isStopped(unit: Unit, job: string): boolean {
  if (unit.isLocked(jobLock(job))) return true;
  return !unit.lacks("parked") && unit.tables.messages.group("job", job).some((row) => row.state === "parked");
}

function inbound(
  unit: Unit,
  message: OutgoingMessage,
  origin: Pick<InboundMessage, "source" | "request">,
): InboundMessage {
  const job = message.job === null ? null : liveJob(unit, message.job);
  return frozenCopy({ ...message, ...origin, plan: job?.plan ?? null });
}
