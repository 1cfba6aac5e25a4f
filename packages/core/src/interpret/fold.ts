import type { JobId, MessageKey, PathText } from "../brand.js";
import type { Decision } from "../job/decision.js";
import type { Effect } from "../job/effect.js";
import type { Failure } from "../job/failure.js";
import { type JobState, jobState } from "../job/state.js";
import type { InboundMessage, OutgoingMessage, RetryPolicy } from "../ports/message.js";
import type { Cancel, Commit, HookClose, Snapshot, Verdict } from "../ports/program.js";
import type {
  CounterChange,
  CounterSpan,
  HookRecord,
  JobRecord,
  PassRecord,
  Publication,
  SignalDispatch,
} from "../ports/records.js";
import { FoldedItems } from "./folded-items.js";

interface Working {
  readonly expected: number | null;
  readonly record: JobRecord | null;
  readonly read: PassRecord[];
  /** Decoded when it is first asked for. */
  state: JobState | null | undefined;
  readonly touched: Map<PathText, MessageKey | null>;
  changed: boolean;
}

/** Collects the decisions of a batch into one commit: every job, pass and key is named at most once. */
export class Fold {
  readonly #policy: RetryPolicy | null;
  readonly #jobs = new Map<JobId, Working>();
  readonly #snapshot: Snapshot;
  readonly #sends = new Map<MessageKey, OutgoingMessage>();
  readonly #cancels: Cancel[] = [];
  #hooksOpened: HookRecord[] = [];
  readonly #hooksClosed: HookClose[] = [];
  readonly #signals: SignalDispatch[] = [];
  readonly #counters = new Map<string, CounterChange>();
  readonly #forgotten: CounterSpan[] = [];
  readonly #items: FoldedItems;
  readonly #publications: Publication[] = [];
  readonly #parked: { position: number; reason: string }[] = [];
  readonly #parkedJobs = new Set<JobId>();
  readonly #deferred: number[] = [];
  readonly #verdicts: Verdict[] = [];

  constructor(snapshot: Snapshot, policy: RetryPolicy | null) {
    this.#snapshot = snapshot;
    this.#policy = policy;
    this.#items = new FoldedItems(snapshot);
    for (const pass of snapshot.passes) {
      this.#working(pass.job).read.push(pass);
    }
  }

  /** The job as the decisions so far have left it. */
  state(id: JobId): JobState | null {
    const working = this.#working(id);
    if (working.state === undefined) {
      working.state = working.record === null ? null : this.#read(working.record, working.read);
    }
    return working.state;
  }

  #read(record: JobRecord, passes: readonly PassRecord[]): JobState {
    const { asked } = this.#snapshot;
    const own = ({ job }: { readonly job: JobId }): boolean => job === record.id;
    return jobState(record, passes, { passes: asked.passes.filter(own), ranges: asked.ranges.filter(own) });
  }

  /** See `Moment.pendingItem`. */
  pendingItem(key: string): string | null | undefined {
    return this.#items.pending(key);
  }

  isParked(job: JobId): boolean {
    return this.#parkedJobs.has(job);
  }

  verdict(verdict: Verdict): void {
    this.#verdicts.push(verdict);
  }

  /** A decision that threw: our own bug. A message or an answer's request stays for people to see; callers are told. */
  park(position: number, message: InboundMessage, failure: Failure): void {
    this.#verdicts.push({ outcome: "rejected", kind: "decision-failed", failure });
    if (message.source === "event") return;
    this.#parked.push({ position, reason: failure.stack ?? failure.message });
    if (message.job !== null) this.#parkedJobs.add(message.job);
  }

  /** What can never apply: a stored message stays for people to see, callers are told. */
  refuse(position: number, message: InboundMessage, refusal: Extract<Verdict, { readonly outcome: "rejected" }>): void {
    this.#verdicts.push(refusal);
    if (message.source !== "event") this.#parked.push({ position, reason: refusal.failure.message });
  }

  defer(position: number, message: InboundMessage): void {
    const failure = { message: `an earlier message of job ${message.job} is parked`, code: 409 };
    this.#verdicts.push({ outcome: "rejected", kind: "decision-failed", failure });
    if (message.source !== "event") this.#deferred.push(position);
  }

  add(id: JobId, decision: Decision): void {
    const working = this.#working(id);
    if (decision.job !== null && decision.verdict.outcome === "applied") {
      working.state = decision.job;
      working.changed = true;
      for (const [path, inputOf] of decision.touched) {
        working.touched.set(path, inputOf ?? working.touched.get(path) ?? null);
      }
    }
    for (const effect of decision.effects) this.#effect(effect);
  }

  signal(dispatch: SignalDispatch): void {
    this.#signals.push(dispatch);
  }

  /** Effects of a message that is about no job. */
  carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) this.#effect(effect);
  }

  commit(): Commit {
    const changed = [...this.#jobs.values()].filter((working) => working.changed);
    return {
      jobs: changed.flatMap(({ state, expected }) =>
        state ? [{ record: { ...state.record, revision: (expected ?? 0) + 1 }, expected }] : [],
      ),
      passes: changed.flatMap(({ state, touched }) =>
        [...touched].flatMap(([path, inputOf]) => {
          const pass = state?.passes.get(path);
          return pass === undefined ? [] : [{ ...pass, inputOf }];
        }),
      ),
      sends: [...this.#sends.values()],
      cancels: this.#cancels,
      hooksOpened: this.#hooksOpened,
      hooksClosed: this.#hooksClosed,
      signals: this.#signals,
      counters: [...this.#counters.values()],
      ...(this.#forgotten.length > 0 && { countersDropped: this.#forgotten }),
      ...this.#items.commit(),
      publications: this.#publications,
      parked: this.#parked,
      deferred: this.#deferred,
      verdicts: this.#verdicts,
    };
  }

  #working(id: JobId): Working {
    const known = this.#jobs.get(id);
    if (known !== undefined) return known;
    const record = this.#snapshot.jobs.get(id) ?? null;
    const made: Working = {
      expected: record?.revision ?? null,
      record,
      read: [],
      state: undefined,
      touched: new Map(),
      changed: false,
    };
    this.#jobs.set(id, made);
    return made;
  }

  #effect(effect: Effect): void {
    switch (effect.kind) {
      case "send":
        if (!this.#sends.has(effect.message.key)) this.#sends.set(effect.message.key, this.#stamped(effect.message));
        return;
      case "cancel":
        this.#cancel(effect.cancel);
        return;
      case "open-hook":
        this.#hooksOpened.push(effect.hook);
        return;
      case "close-hook":
        this.#hooksOpened = this.#hooksOpened.filter((hook) => !closes(effect.hook, hook));
        this.#hooksClosed.push(effect.hook);
        return;
      case "signal":
        this.#signals.push(effect.dispatch);
        return;
      case "publish":
        this.#publications.push(effect.publication);
        return;
      case "count":
        this.#count(effect.change);
        return;
      case "forget":
        this.#forgotten.push(effect.span);
        return;
      case "open-escalation":
        this.#items.open(effect.escalation);
        return;
      case "close-escalation":
        this.#items.close(effect.close);
    }
  }

  #stamped(message: OutgoingMessage): OutgoingMessage {
    return message.topic !== null && message.policy === null ? { ...message, policy: this.#policy } : message;
  }

  /** A cancel takes back what the batch was going to send; what is sent after it stays. */
  #cancel(cancel: Cancel): void {
    this.#cancels.push(cancel);
    for (const [key, message] of this.#sends) if (isCancelled(cancel, message)) this.#sends.delete(key);
  }

  #count(change: CounterChange): void {
    const key = JSON.stringify([change.name, change.slice, change.field]);
    const known = this.#counters.get(key);
    this.#counters.set(key, { ...change, add: change.add + (known?.add ?? 0) });
  }
}

function closes(close: HookClose, hook: HookRecord): boolean {
  return close.job === hook.job && (close.path === null || close.path === hook.path);
}

function isCancelled(cancel: Cancel, message: OutgoingMessage): boolean {
  switch (cancel.by) {
    case "key":
      return cancel.key === message.key;
    case "path":
      return cancel.job === message.job && cancel.path === message.path;
    case "job":
      return cancel.job === message.job;
  }
}
