import type { MessageKey, Topic } from "../../brand.js";
import { HotMeshError, invariant } from "../../errors.js";
import type { Lease, OutgoingMessage } from "../../ports/message.js";
import type { Commit, JobWrite } from "../../ports/program.js";
import type { PassWrite } from "../../ports/records.js";
import type { Handoff } from "../../ports/store.js";
import { keepAnswered, requestOf } from "./attempts.js";
import type { Entry } from "./batch.js";
import { count, drop } from "./counters.js";
import { closeItem, openItem } from "./escalations.js";
import { frozenCopy } from "./frozen.js";
import { consume } from "./leases.js";
import { jobLock } from "./locks.js";
import { cancel, insert, isWanted, lease, liveJob, remove, update } from "./messages.js";
import { closeHooks, dispatch, openHooks } from "./signals.js";
import { announcement } from "./sub.js";
import { removeJob } from "./sweep.js";
import { passKey } from "./tables.js";
import type { Unit } from "./unit.js";

export interface Committed {
  readonly claimed: number;
  readonly parked: number;
  readonly handed: readonly Lease[];
}

/** Writes what a program decided about a batch. */
export function write(
  unit: Unit,
  decided: { readonly batch: readonly Entry[]; readonly commit: Commit },
  handoff: Handoff | null,
): Committed {
  const { batch, commit } = decided;
  assertNamedOnce(commit);
  for (const job of commit.jobs) writeJob(unit, job);
  for (const pass of commit.passes) writePass(unit, pass, batch);
  const { claimed, parked } = consumeBatch(unit, batch, commit);
  const kept = commit.parked.flatMap(({ position }) => batch.slice(position, position + 1)).flatMap(rowKeys);
  cancel(unit, commit.cancels, new Set(kept));
  for (const close of commit.hooksClosed) closeHooks(unit, close);
  const closed = commit.hooksClosed;
  openHooks(
    unit,
    commit.hooksOpened.filter((hook) => !closed.some((c) => c.job === hook.job && (c.path ?? hook.path) === hook.path)),
  );
  for (const signal of commit.signals) dispatch(unit, signal);
  const handed = sendAll(unit, { batch, commit }, handoff);
  for (const span of commit.countersDropped ?? []) drop(unit, span);
  for (const change of commit.counters) count(unit, change);
  for (const close of commit.escalationsClosed ?? []) closeItem(unit, close);
  for (const opening of commit.escalationsOpened ?? []) openItem(unit, opening);
  unit.publications.push(...commit.publications.map(announcement));
  return { claimed, parked, handed };
}

function assertNamedOnce(commit: Commit): void {
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ["job", commit.jobs.map((job) => job.record.id)],
    ["pass", commit.passes.map(passKey)],
    ["message", commit.sends.map((message) => message.key)],
    ["wait", (commit.escalationsClosed ?? []).map(({ wait }) => wait)],
  ];
  for (const [noun, names] of lists) {
    const repeated = names.find((name, at) => names.indexOf(name) < at);
    invariant(repeated === undefined, `the commit names the ${noun} ${repeated} twice`);
  }
}

function writeJob(unit: Unit, { record, expected }: JobWrite): void {
  unit.lock(jobLock(record.id));
  const before = liveJob(unit, record.id);
  if ((before?.revision ?? null) !== expected && !unit.lacks("revision")) {
    const found = before === null ? "there is no such job" : `it is at ${before.revision}`;
    throw new HotMeshError("storage-busy", `Job ${record.id} was expected at revision ${expected}, ${found}`);
  }
  const expired = unit.tables.jobs.get(record.id);
  if (before === null && expired !== undefined) removeJob(unit, expired);
  unit.tables.jobs.put(record.id, frozenCopy({ ...record, revision: (expected ?? 0) + 1 }));
}

function writePass(unit: Unit, { inputOf, ...pass }: PassWrite, batch: readonly Entry[]): void {
  const before = unit.tables.passes.get(passKey(pass))?.input ?? null;
  const request = inputOf === null ? null : requestOf(unit, inputOf, batch);
  const input = inputOf === null ? pass.input : request === null ? before : request.body;
  unit.tables.passes.put(passKey(pass), frozenCopy({ ...pass, input }));
  if (request !== null) keepAnswered(unit, pass, request);
}

/** Takes the batch out of the streams; how many stored messages were consumed, and how many parked instead. */
function consumeBatch(unit: Unit, batch: readonly Entry[], commit: Commit): Omit<Committed, "handed"> {
  const reasons = new Map(commit.parked.map(({ position, reason }) => [position, reason]));
  const deferred = new Set(commit.deferred);
  const count = { claimed: 0, parked: 0 };
  for (const [position, entry] of batch.entries()) {
    const reason = reasons.get(position);
    if (entry.from === "caller" || deferred.has(position)) continue;
    if (reason !== undefined) {
      update(unit, entry.row, { state: "parked", reason, lease: null });
      count.parked += 1;
    } else if (entry.from === "answer") {
      consume(unit, entry.row, entry);
    } else {
      remove(unit, entry.row);
      count.claimed += 1;
    }
  }
  return count;
}

function sendAll(
  unit: Unit,
  { batch, commit }: { readonly batch: readonly Entry[]; readonly commit: Commit },
  handoff: Handoff | null,
): readonly Lease[] {
  const unsent = new Set<string>(batch.flatMap(rowKeys));
  for (const named of commit.cancels) if (named.by === "key") unsent.add(named.key);
  const free = new Map(handoff?.slots);
  const handed: Lease[] = [];
  for (const message of commit.sends) {
    const row = unsent.has(message.key) ? null : insert(unit, message);
    if (row === null || row.dueAt > unit.now) continue;
    const slots = slotsFor(unit, message, free);
    if (handoff === null || slots.count === 0) {
      unit.wake(message.topic);
    } else {
      free.set(slots.topic, slots.count - 1);
      handed.push(lease(unit, row, { leaseMs: handoff.leaseMs, holder: null }));
    }
  }
  return handed;
}

function slotsFor(
  unit: Unit,
  message: OutgoingMessage,
  free: ReadonlyMap<Topic, number>,
): { readonly topic: Topic; readonly count: number } {
  if (message.topic === null || !isWanted(unit, message)) return { topic: "", count: 0 };
  return { topic: message.topic, count: Math.max(0, free.get(message.topic) ?? 0) };
}

function rowKeys(entry: Entry): readonly MessageKey[] {
  return entry.from === "caller" ? [] : [entry.row.message.key];
}
