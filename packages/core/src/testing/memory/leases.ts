import { after, type LeaseToken, type Topic } from "../../brand.js";
import { failureData } from "../../job/failure.js";
import { keyAfter } from "../../job/keys.js";
import type { Json } from "../../json.js";
import type { AnswerBody, Lease, Outcome, OutgoingMessage, Settled, Settlement } from "../../ports/message.js";
import type { ClaimOptions, ClaimReport } from "../../ports/stream.js";
import { frozenCopy } from "./frozen.js";
import { messageLock } from "./locks.js";
import { answerTo, asRequest, isWanted, lease, remove, send, update } from "./messages.js";
import { byDueTime, laneOf, type MessageRow } from "./tables.js";
import type { Unit } from "./unit.js";

export function claim(unit: Unit, options: ClaimOptions): ClaimReport {
  const free = workOf(unit, options.topic).filter((row) => !isLeased(unit, row) && isDue(unit, row));
  const leases = free
    .sort(byDueTime)
    .slice(0, options.limit)
    .map((row) => lease(unit, row, options));
  return { leases, nextDueInMs: nextDueInMs(unit, options.topic) };
}

export function extend(unit: Unit, tokens: readonly LeaseToken[], leaseMs: number): readonly LeaseToken[] {
  const asked = new Set<LeaseToken | null>(tokens);
  const held = unit.tables.messages.all().filter((row) => isLeased(unit, row) && asked.has(row.lease?.token ?? null));
  for (const row of held) {
    if (row.lease !== null) update(unit, row, { lease: { ...row.lease, until: after(unit.now, leaseMs) } });
  }
  return tokens.filter((token) => held.some((row) => row.lease?.token === token));
}

export function settle(unit: Unit, settlements: readonly Settlement[]): readonly Settled[] {
  return settlements.map(({ lease: answered, outcome }) => {
    const row = heldRow(unit, answered);
    if (row === null) return "lease-lost";
    settleOne(unit, row, outcome);
    return "settled";
  });
}

/** The row of a lease that is still held; null: the lease was lost, it changes nothing. */
export function heldRow(unit: Unit, held: Lease): MessageRow | null {
  unit.lock(messageLock(held.key));
  const row = unit.tables.messages.get(held.key);
  if (row === undefined || row.state !== "ready") return null;
  if (unit.lacks("lease")) return row;
  return isLeased(unit, row) && row.lease?.token === held.token ? row : null;
}

/** Takes an answered request out of the stream. */
export function consume(
  unit: Unit,
  row: MessageRow,
  { answer, deadLetter }: { readonly answer: AnswerBody; readonly deadLetter?: boolean },
): void {
  if (answer.status === "error") recordFailure(unit, row, answer.data);
  if (deadLetter === true) update(unit, row, { state: "dead", lease: null });
  else remove(unit, row);
}

function settleOne(unit: Unit, row: MessageRow, outcome: Outcome): void {
  switch (outcome.kind) {
    case "answer":
      consume(unit, row, outcome);
      send(unit, answerTo(row.message, outcome.answer), { key: row.message.key, ...asRequest(row) });
      return;
    case "retry":
      recordFailure(unit, row, failureData(outcome.failure));
      remove(unit, row);
      send(unit, nextAttempt(unit, row.message, outcome.delayMs));
      return;
    case "release": {
      const dueAt = after(unit.now, outcome.delayMs);
      update(unit, row, { lease: null, deliveries: row.deliveries - 1, dueAt });
      if (dueAt <= unit.now) unit.wake(row.message.topic);
      return;
    }
    case "hold":
      update(unit, row, { state: "held", lease: null });
  }
}

function nextAttempt(unit: Unit, message: OutgoingMessage, delayMs: number): OutgoingMessage {
  const attempt = message.attempt + 1;
  return { ...message, key: keyAfter(message.key, "retry", attempt), attempt, visibleAt: after(unit.now, delayMs) };
}

function recordFailure(unit: Unit, { message: request, leasedAt, dueAt }: MessageRow, failure: Json): void {
  const attempt = { request, failure, startedAt: leasedAt ?? dueAt, failedAt: unit.now };
  unit.tables.attempts.put(request.key, frozenCopy(attempt));
}

/** Messages of a topic that somebody may work on now or later. */
function workOf(unit: Unit, topic: Topic): readonly MessageRow[] {
  return unit.tables.messages
    .group("lane", laneOf(topic))
    .filter((row) => row.state === "ready" && !unit.isLocked(messageLock(row.message.key)))
    .filter((row) => isWanted(unit, row.message));
}

function nextDueInMs(unit: Unit, topic: Topic): number | null {
  const dueAt = workOf(unit, topic).map((row) => Math.max(row.dueAt, row.lease?.until ?? row.dueAt));
  return dueAt.length === 0 ? null : Math.max(0, Math.min(...dueAt) - unit.now);
}

function isDue(unit: Unit, row: MessageRow): boolean {
  return row.dueAt <= unit.now || unit.lacks("due");
}

function isLeased(unit: Unit, row: MessageRow): boolean {
  return row.lease !== null && row.lease.until > unit.now;
}
