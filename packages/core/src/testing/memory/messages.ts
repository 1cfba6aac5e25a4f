import { after, type Instant, type JobId, leaseToken, type MessageKey } from "../../brand.js";
import { keyAfter } from "../../job/keys.js";
import type { AnswerBody, Lease, OutgoingMessage } from "../../ports/message.js";
import type { Cancel } from "../../ports/program.js";
import type { JobRecord } from "../../ports/records.js";
import { isExpired } from "./database.js";
import { frozenCopy } from "./frozen.js";
import { messageLock } from "./locks.js";
import type { MessageRow } from "./tables.js";
import type { Unit } from "./unit.js";

/** Stores a message; one whose key is there already is left alone: null. */
export function insert(unit: Unit, message: OutgoingMessage, request: MessageRow["request"] = null): MessageRow | null {
  unit.lock(messageLock(message.key));
  if (unit.tables.messages.get(message.key) !== undefined && !unit.lacks("key")) return null;
  const late = unit.faults.delayMs?.(message) ?? 0;
  const row: MessageRow = frozenCopy({
    message,
    sequence: unit.next(),
    createdAt: unit.now,
    dueAt: after(later(message.visibleAt, unit.now), late),
    state: "ready",
    reason: null,
    lease: null,
    deliveries: 0,
    leasedAt: null,
    request,
  });
  unit.tables.messages.put(message.key, row);
  return row;
}

/** Stores a message and has its lane told when it can be worked on at once. */
export function send(unit: Unit, message: OutgoingMessage, request: MessageRow["request"] = null): void {
  const row = insert(unit, message, request);
  if (row !== null && row.dueAt <= unit.now) unit.wake(message.topic);
}

/** Changes what is kept about a message; the message itself is never altered. */
export function update(unit: Unit, row: MessageRow, change: Partial<Omit<MessageRow, "message">>): MessageRow {
  unit.lock(messageLock(row.message.key));
  const changed = frozenCopy({ ...row, ...change });
  unit.tables.messages.put(row.message.key, changed);
  return changed;
}

export function remove(unit: Unit, row: MessageRow): void {
  unit.lock(messageLock(row.message.key));
  unit.tables.messages.remove(row.message.key);
}

/** What is known of a request: its body, and which attempt it is. */
export type Request = Pick<NonNullable<MessageRow["request"]>, "body" | "attempt" | "startedAt">;

export function asRequest({ message, leasedAt }: MessageRow): Request {
  return { body: message.body, attempt: message.attempt, startedAt: leasedAt };
}

/** The stored answer to a request. */
export function answerTo(request: OutgoingMessage, body: AnswerBody): OutgoingMessage {
  return {
    key: answerKey(request.key),
    topic: null,
    kind: "complete",
    job: request.job,
    generation: request.generation,
    path: request.path,
    body,
    visibleAt: null,
    attempt: request.attempt,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: request.trace,
  };
}

export function answerKey(request: MessageKey): MessageKey {
  return keyAfter(request, "answer");
}

/** Removes what the cancels name, leases or not. What is `kept`, and dead letters, stay: people look at them. */
export function cancel(unit: Unit, cancels: readonly Cancel[], kept: ReadonlySet<MessageKey>): void {
  for (const row of cancels.flatMap((named) => rowsNamed(unit, named))) {
    if (!kept.has(row.message.key) && row.state !== "dead") remove(unit, row);
  }
}

function rowsNamed(unit: Unit, named: Cancel): readonly MessageRow[] {
  switch (named.by) {
    case "key": {
      const row = unit.tables.messages.get(named.key);
      return row === undefined ? [] : [row];
    }
    case "path":
      return unit.tables.messages.group("job", named.job).filter((row) => row.message.path === named.path);
    case "job":
      return unit.tables.messages.group("job", named.job);
  }
}

/** The live job that has the id. */
export function liveJob(unit: Unit, id: JobId): JobRecord | null {
  const job = unit.tables.jobs.get(id);
  return job === undefined || isExpired(job, unit.now) ? null : job;
}

/** Work of a job that has no open obligations any more, or of an earlier incarnation, is nobody's work. */
export function isWanted(unit: Unit, message: OutgoingMessage): boolean {
  if (message.job === null || unit.lacks("open")) return true;
  const job = liveJob(unit, message.job);
  if (job === null || (message.generation !== null && message.generation !== job.generation)) return false;
  return job.status > 0 || job.phase === "pending" || job.phase === "running";
}

/** Hands a message out. */
export function lease(unit: Unit, row: MessageRow, terms: { leaseMs: number; holder: string | null }): Lease {
  const held = { token: leaseToken(`lease-${unit.next()}`), until: after(unit.now, terms.leaseMs) };
  const deliveries = row.deliveries + 1;
  update(unit, row, { lease: { ...held, holder: terms.holder }, deliveries, leasedAt: unit.now });
  const job = row.message.job === null ? null : liveJob(unit, row.message.job);
  return frozenCopy({ ...row.message, ...held, deliveries, plan: job?.plan ?? null, createdAt: row.createdAt });
}

function later(instant: Instant | null, now: Instant): Instant {
  return instant === null || instant < now ? now : instant;
}
