import { after, type JobId, type MessageKey, type PlanId, planId } from "../brand.js";
import { HotMeshError } from "../errors.js";
import { type Decision, nothingWanted } from "../job/decision.js";
import { failureOf } from "../job/failure.js";
import type { Plan } from "../plan/plan.js";
import type { InboundMessage, RetryPolicy } from "../ports/message.js";
import {
  type Commit,
  joinReads,
  type MissingPlans,
  type MissingReads,
  type PassReads,
  type Program,
  type ReadSet,
  type Snapshot,
  type Verdict,
} from "../ports/program.js";
import type { CounterRange } from "../ports/records.js";
import { broadcastPage, broadcastRanges, plansOf, storedBroadcast } from "./broadcast.js";
import { decide } from "./decide.js";
import {
  type BroadcastBody,
  broadcastOf,
  eventOf,
  type JobRequestBody,
  jobRequestKind,
  jobRequestOf,
  type SignalRequestBody,
  signalRequestOf,
} from "./event-codec.js";
import { Fold } from "./fold.js";
import { afterRequestedStart, requestedStart } from "./job-request.js";
import { defaultLimits, type Limits, type Moment, type Observer, type PayloadCheck } from "./moment.js";
import { dedupe, readsOf } from "./read-set.js";
import { dispatchOf } from "./signal-dispatch.js";

/** The plans a process has at hand. */
export interface PlanSource {
  /** Undefined: it is not at hand, and the step has to be made again with it. */
  get(id: PlanId): Plan | undefined;
}

/** What the interpreter of graphs needs. */
export interface GraphProgramOptions {
  readonly plans: PlanSource;
  /** Stamped on every worker message that has no policy of its own. */
  readonly policy: RetryPolicy | null;
  readonly limits?: Partial<Limits>;
  /** Needed by apps whose graphs validate their payloads; `payloadCheck` of the compiler entry is one. */
  readonly violations?: PayloadCheck;
  /** Told of legs and problems once a step has committed: it gets each {@link Observation} on its channel. */
  readonly observer?: Observer;
}

/** The program that runs workflow graphs: `decide`, folded over a batch of messages. */
export function graphProgram(options: GraphProgramOptions): Program {
  const limits = { ...defaultLimits, ...options.limits };
  return {
    reads: (messages) => reads(options.plans, messages, limits),
    decide: (messages, snapshot) => new BatchRun(options, limits, snapshot).run(messages),
  };
}

function reads(plans: PlanSource, messages: readonly InboundMessage[], limits: Limits): ReadSet | MissingPlans {
  const missing = new Set<PlanId>();
  const passes = [];
  const ranges = [];
  const counters = broadcastRanges(messages, limits);
  let activation = counters.size > 0;
  for (const message of messages) {
    if (message.kind === "start" || message.kind === jobRequestKind || signalRequestOf(message) !== null) {
      activation = true;
    }
    const event = eventOf(message);
    if (event === null || message.plan === null) continue;
    const plan = plans.get(message.plan);
    if (plan === undefined) {
      missing.add(message.plan);
      continue;
    }
    // Children start on the active version, signals of activities are matched by its rules too.
    if (needsActivation(plan)) activation = true;
    const wanted = readsOf(plan, event);
    passes.push(...wanted.passes);
    ranges.push(...wanted.ranges);
  }
  if (missing.size > 0) return { missing: [...missing] };
  return { passes, ranges, activation, ...(counters.size > 0 && { counters }) };
}

const activating = new WeakMap<Plan, boolean>();

/** Types of activities that may start children or send signals. */
const isActivating: ReadonlySet<string> = new Set(["await", "signal", "code"]);

function needsActivation(plan: Plan): boolean {
  const known =
    activating.get(plan) ?? plan.graphs.some((graph) => graph.activities.some(({ type }) => isActivating.has(type)));
  activating.set(plan, known);
  return known;
}

/** One call of a program's `decide`. */
class BatchRun {
  readonly #options: GraphProgramOptions;
  readonly #limits: Limits;
  readonly #snapshot: Snapshot;
  readonly #missing = new Set<PlanId>();
  readonly #fold: Fold;
  readonly #active: Plan | null;
  #wanted: PassReads = nothingWanted;
  #ranges: ReadonlyMap<string, CounterRange> = new Map();
  readonly #wantedItems = new Set<string>();
  readonly #pendingItem = (key: string): string | null | undefined => this.#fold.pendingItem(key);

  constructor(options: GraphProgramOptions, limits: Limits, snapshot: Snapshot) {
    this.#options = options;
    this.#limits = limits;
    this.#snapshot = snapshot;
    this.#fold = new Fold(snapshot, options.policy);
    this.#active = snapshot.activation === null ? null : this.#planOf(snapshot.activation.plan);
  }

  run(messages: readonly InboundMessage[]): Commit | MissingPlans | MissingReads {
    this.#ranges = broadcastRanges(messages, this.#limits);
    for (const [position, message] of messages.entries()) this.#take(message, position);
    if (this.#missing.size > 0) return { missing: [...this.#missing] };
    const { passes, ranges } = this.#wanted;
    const items = [...this.#wantedItems];
    if (passes.length + ranges.length + items.length > 0) {
      const wanted = { passes: dedupe(passes), ranges: dedupe(ranges) };
      return items.length > 0 ? { wanted, escalations: items } : { wanted };
    }
    return this.#fold.commit();
  }

  #take(message: InboundMessage, position: number): void {
    const job = message.job;
    if (job !== null && this.#fold.isParked(job)) {
      this.#fold.defer(position, message);
      return;
    }
    try {
      const request = signalRequestOf(message);
      const broadcast = broadcastOf(message);
      const wanted = jobRequestOf(message);
      if (request !== null) this.#conclude(position, message, this.#match(message, request));
      else if (wanted !== null) this.#conclude(position, message, this.#begin(message, wanted));
      else if (broadcast !== null) this.#fold.verdict(this.#broadcast(message, broadcast));
      else this.#fold.verdict(this.#decide(message));
    } catch (thrown) {
      this.#fold.park(position, message, failureOf(thrown));
    }
  }

  /** Of a message that is about no job, and that nobody else needs: a refusal is kept where people find it. */
  #conclude(position: number, message: InboundMessage, verdict: Verdict): void {
    if (verdict.outcome === "rejected") this.#fold.refuse(position, message, verdict);
    else this.#fold.verdict(verdict);
  }

  #decide(message: InboundMessage): Verdict {
    const event = eventOf(message);
    if (event === null) throw new Error(`a message of kind ${message.kind} without the address it needs`);
    const state = this.#fold.state(event.job);
    const plan = event.kind === "start" ? this.#active : state === null ? null : this.#planOf(state.record.plan);
    if (plan === null) {
      if (this.#missing.size > 0) return { outcome: "applied", job: null };
      if (event.kind === "start") return notActive;
    }
    const moment: Moment = {
      now: this.#snapshot.now,
      active: this.#active,
      message: message.key,
      ...(this.#options.observer !== undefined && { observer: this.#options.observer }),
      limits: this.#limits,
      violations: this.#options.violations ?? null,
      pendingItem: this.#pendingItem,
    };
    const decision = decide(plan ?? noPlan, state, event, moment);
    this.#wanted = joinReads(this.#wanted, decision.wanted);
    for (const key of decision.wanted.escalations ?? []) this.#wantedItems.add(key);
    this.#fold.add(event.job, decision);
    const { verdict } = decision;
    if (event.kind === "start" && event.body.requested !== undefined) {
      const next = afterRequestedStart(event, verdict, state?.record.generation ?? null);
      if (next !== null) this.#fold.carryOut([{ kind: "send", message: next }]);
    }
    if (verdict.outcome !== "applied") return verdict;
    const applied = { ...verdict, job: decision.job?.record ?? null };
    return event.kind === "interrupt" ? { ...applied, ...whomItReaches(decision) } : applied;
  }

  #begin(message: InboundMessage, body: JobRequestBody): Verdict {
    if (body.refused !== undefined) {
      return { outcome: "rejected", kind: "invalid-argument", failure: { message: body.refused, code: 409 } };
    }
    if (this.#active === null) return this.#missing.size > 0 ? { outcome: "applied", job: null } : notActive;
    const moment = { now: this.#snapshot.now, violations: this.#options.violations ?? null };
    try {
      this.#fold.carryOut([{ kind: "send", message: requestedStart(this.#active, { message, body }, moment) }]);
      return { outcome: "applied", job: null };
    } catch (thrown) {
      return refusalOf(thrown);
    }
  }

  #match(message: InboundMessage, request: SignalRequestBody): Verdict {
    const others = (request.plans ?? []).map((id) => this.#planOf(planId(id)));
    const plans = [this.#active, ...others].filter((plan) => plan !== null);
    if (plans.length === 0) return this.#missing.size > 0 ? { outcome: "applied", job: null } : notActive;
    const { now } = this.#snapshot;
    try {
      const keepUntil = after(now, this.#limits.signalKeepMs);
      this.#fold.signal(dispatchOf(plans, { ...request, id: message.key, keepUntil, now }));
      return { outcome: "applied", job: null };
    } catch (thrown) {
      return refusalOf(thrown);
    }
  }

  #broadcast(message: InboundMessage, body: BroadcastBody): Verdict {
    const done: Verdict = { outcome: "applied", job: null };
    const range = this.#ranges.get(message.key);
    if (range === undefined) {
      this.#fold.carryOut([storedBroadcast(message, body)]);
      return done;
    }
    const named = plansOf(body, (id) => this.#planOf(id));
    if (this.#missing.size > 0) return done;
    const records = this.#snapshot.counters?.get(message.key);
    if (records === undefined) throw new Error(`the index of broadcast ${message.key} was not read`);
    const plans = this.#active === null ? named : [this.#active, ...named];
    const page = { plans, records, limit: range.limit };
    this.#fold.carryOut(broadcastPage(body, page, { now: this.#snapshot.now, limits: this.#limits }));
    return done;
  }

  #planOf(id: PlanId): Plan | null {
    const plan = this.#options.plans.get(id);
    if (plan === undefined) this.#missing.add(id);
    return plan ?? null;
  }
}

/** The message by which an interruption tells the awaiting parent of its job, and the children it goes on to. */
function whomItReaches({ job, effects }: Decision): { told?: MessageKey; children?: readonly JobId[] } {
  const parent = job?.record.parent ?? null;
  const sent = effects.flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));
  const told = sent.find(
    ({ kind, job: to, path }) => kind === "complete" && to === parent?.job && path === parent.path,
  );
  const children = sent.flatMap(({ kind, job: to }) => (kind === "interrupt" && to !== null ? [to] : []));
  return { ...(told !== undefined && { told: told.key }), ...(children.length > 0 && { children }) };
}

function refusalOf(thrown: unknown): Verdict {
  const kind = HotMeshError.is(thrown) ? thrown.kind : "mapping-failed";
  return { outcome: "rejected", kind, failure: failureOf(thrown) };
}

const notActive: Verdict = {
  outcome: "rejected",
  kind: "not-active",
  failure: { message: "no version of the app is active; activate one that is deployed", code: 409 },
};

/** For events whose job does not exist: they are decided without looking at a plan. */
const noPlan: Plan = { format: 1, id: planId(""), app: "", version: "", settings: null, graphs: [] };
