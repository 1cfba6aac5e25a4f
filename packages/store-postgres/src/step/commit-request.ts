import { createHash } from "node:crypto";
import type {
  Commit,
  Handoff,
  HookRecord,
  JobId,
  Lease,
  MessageKey,
  OutgoingMessage,
  SignalDispatch,
} from "@hotmesh/core";
import { documentText } from "../codec/encoded.js";
import { spanParameter } from "../rows/counter-row.js";
import { closeParameter, openingParameter } from "../rows/escalation-row.js";
import { jobParameter } from "../rows/job-row.js";
import { messageParameter } from "../rows/message-row.js";
import { passParameter } from "../rows/pass-row.js";
import { stored } from "../rows/stored-text.js";
import type { Entry, Ground } from "./batch.js";
import { handedLeases } from "./handoff.js";

export interface CommitTerms extends Ground {
  readonly handoff: Handoff | null;
  /** Shown to people as the holder of what is handed over. */
  readonly holder: string;
  /** Jobs whose locks this transaction holds. Null: none were taken, everything relied on is checked. */
  readonly locked: ReadonlySet<JobId> | null;
  /** The epoch the decision relied on, when nothing keeps it from changing; else null. */
  readonly epoch: number | null;
  /** The server compares its clock with `now`, which was estimated. */
  readonly isEstimate: boolean;
  /** Asks for the next due time: after a claim that stopped at its limit (true), or that took everything (false). */
  readonly claimedAll: boolean | null;
}

export interface CommitRequest {
  /** The parameter of step_commit. */
  readonly json: string;
  readonly sends: readonly OutgoingMessage[];
  readonly handed: ReadonlyMap<MessageKey, Lease>;
}

/** A commit as step_commit takes it: empty parts are left out, so that the server skips them. */
export function commitRequest(batch: readonly Entry[], commit: Commit, terms: CommitTerms): CommitRequest {
  const parked = new Map(commit.parked.map(({ position, reason }) => [position, reason]));
  const spared = new Set([...parked.keys(), ...commit.deferred]);
  const own = new Set(batch.flatMap(rowKey));
  const unsent = new Set<MessageKey>(own);
  for (const cancel of commit.cancels) if (cancel.by === "key") unsent.add(cancel.key);
  const sends = commit.sends.filter((message) => !unsent.has(message.key));
  const handed = handedLeases(sends, terms.handoff, { ...terms, commit });
  const request = {
    now: terms.now,
    clock: terms.isEstimate,
    epoch: terms.epoch,
    next_due: terms.claimedAll,
    ...expectations(batch, commit, terms),
    jobs: listOrNull(commit.jobs.map(({ record, expected }) => jobParameter(record, (expected ?? 0) + 1))),
    passes: listOrNull(passParameters(batch, commit)),
    ...consumption(batch, spared),
    parked: listOrNull(parkedRows(batch, parked)),
    ...cancellations(commit, own),
    ...hookChanges(commit),
    sends: listOrNull(sends.map((send) => messageParameter(send, handed.get(send.key), terms.holder))),
    counters: listOrNull(
      commit.counters.map((change) => ({
        name: stored(change.name),
        slice: stored(change.slice),
        field: stored(change.field),
        add: change.add,
      })),
    ),
    counters_dropped: listOrNull((commit.countersDropped ?? []).map(spanParameter)),
    escalations_opened: listOrNull((commit.escalationsOpened ?? []).map(openingParameter)),
    escalations_closed: listOrNull((commit.escalationsClosed ?? []).map(closeParameter)),
  };
  return { json: JSON.stringify(request), sends, handed };
}

/** The stored row that an entry consumes. */
function rowKey(entry: Entry): readonly MessageKey[] {
  switch (entry.from) {
    case "event":
      return [];
    case "stored":
      return [entry.message.key];
    case "answer":
      return [entry.lease.key];
  }
}

function expectations(batch: readonly Entry[], commit: Commit, { jobs, locked }: CommitTerms) {
  const expected = new Map<JobId, number | null>();
  if (locked === null) {
    for (const { message } of batch) {
      if (message.job !== null) expected.set(message.job, jobs.get(message.job)?.revision ?? null);
    }
  }
  for (const write of commit.jobs) expected.set(write.record.id, write.expected);
  const ids = [...expected.keys()];
  return {
    locks: ids.filter((id) => locked === null || !locked.has(id)).map((id) => stored(id)),
    expect: ids.map((id) => {
      const revision = expected.get(id) ?? null;
      const generation = revision === null ? null : (jobs.get(id)?.generation ?? null);
      return { id: stored(id), generation: stored(generation), revision };
    }),
  };
}

function passParameters(batch: readonly Entry[], commit: Commit) {
  const answers = new Map<MessageKey, MessageKey>();
  for (const { from, message } of batch) {
    if (from === "stored" && message.request !== null) answers.set(message.request, message.key);
  }
  return commit.passes.map((pass) =>
    passParameter(pass, pass.inputOf === null ? null : (answers.get(pass.inputOf) ?? null)),
  );
}

/** `spared`: positions whose rows stay, whatever the commit cancels. */
function consumption(batch: readonly Entry[], spared: ReadonlySet<number>) {
  const answered = batch.flatMap((entry) => (entry.from === "answer" ? [entry] : []));
  const ended = batch.flatMap((entry, position) => (entry.from === "answer" && !spared.has(position) ? [entry] : []));
  return {
    consumed: batch.flatMap((entry, position) =>
      entry.from === "stored" && !spared.has(position) ? [stored(entry.message.key)] : [],
    ),
    answer_keys: answered.map(({ lease }) => stored(lease.key)),
    answer_tokens: answered.map(({ lease }) => lease.token),
    answers: listOrNull(
      ended
        .filter(({ answer, deadLetter }) => answer.status === "error" || deadLetter)
        .map(({ lease, answer, deadLetter }) => ({
          key: stored(lease.key),
          error: answer.status === "error" ? documentText(answer.data) : null,
          dead: deadLetter,
        })),
    ),
    spared: batch.flatMap((entry, position) => (spared.has(position) ? rowKey(entry).map((key) => stored(key)) : [])),
  };
}

function parkedRows(batch: readonly Entry[], parked: ReadonlyMap<number, string>) {
  return batch.flatMap((entry, position) => {
    const reason = parked.get(position);
    return reason === undefined ? [] : rowKey(entry).map((key) => ({ key: stored(key), reason: stored(reason) }));
  });
}

function cancellations(commit: Commit, own: ReadonlySet<MessageKey>) {
  const keys: string[] = [];
  const jobs: string[] = [];
  const pathJobs: string[] = [];
  const paths: string[] = [];
  for (const cancel of commit.cancels) {
    switch (cancel.by) {
      case "key":
        if (!own.has(cancel.key)) keys.push(stored(cancel.key));
        break;
      case "job":
        jobs.push(stored(cancel.job));
        break;
      case "path":
        pathJobs.push(stored(cancel.job));
        paths.push(stored(cancel.path));
        break;
    }
  }
  return {
    cancel_keys: keys,
    cancel_jobs: jobs,
    cancel_path_jobs: pathJobs,
    cancel_paths: paths,
  };
}

function hookChanges(commit: Commit) {
  const whole = commit.hooksClosed.filter(({ path }) => path === null);
  const byPath = commit.hooksClosed.flatMap(({ job, path }) => (path === null ? [] : [{ job, path }]));
  const closed = new Set(commit.hooksClosed.map(({ job, path }) => JSON.stringify([job, path])));
  const isClosed = ({ job, path }: HookRecord): boolean =>
    closed.has(JSON.stringify([job, path])) || closed.has(JSON.stringify([job, null]));
  const opened = new Map(
    commit.hooksOpened
      .filter((hook) => !isClosed(hook))
      .map((hook) => [JSON.stringify([hook.job, hook.path, hook.topic, hook.key]), hook]),
  );
  return {
    closed_jobs: whole.map(({ job }) => stored(job)),
    closed_path_jobs: byPath.map(({ job }) => stored(job)),
    closed_paths: byPath.map(({ path }) => stored(path)),
    opened: listOrNull([...opened.values()].map(hookParameter)),
    signals: listOrNull(commit.signals.map(signalParameter)),
  };
}

function hookParameter(hook: HookRecord) {
  return {
    job_id: stored(hook.job),
    path: stored(hook.path),
    lookup: lookupOf(hook.topic, hook.key),
    generation: stored(hook.generation),
    topic: stored(hook.topic),
    signal_key: stored(hook.key),
    opened_at: hook.openedAt,
    timeout_at: hook.timeoutAt,
  };
}

function signalParameter(signal: SignalDispatch) {
  return {
    topic: stored(signal.topic),
    signal_keys: signal.keys.map((key) => stored(key)),
    lookups: signal.keys.map((key) => lookupOf(signal.topic, key)),
    body: documentText(signal.body),
    kept: documentText(signal.kept),
    closes: signal.closes,
    keep_until: signal.keepUntil,
    dispatch: stored(signal.id),
    newest: signal.newest === true,
  };
}

/** Keys of signals are data of any length, more than an index takes. */
function lookupOf(topic: string, key: string): string {
  return createHash("sha256")
    .update(JSON.stringify([topic, key]))
    .digest("base64url");
}

function listOrNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}
