import { after, generationId, type Instant, instant, type JobId, messageKey } from "../brand.js";
import { broadcastPage, broadcastRanges } from "../interpret/broadcast.js";
import { decide } from "../interpret/decide.js";
import { type BroadcastBody, broadcastOf, eventOf } from "../interpret/event-codec.js";
import { interruptMessage } from "../interpret/interrupt-job.js";
import { defaultLimits, type Limits, type PayloadCheck } from "../interpret/moment.js";
import { dispatchOf } from "../interpret/signal-dispatch.js";
import { prepareStart } from "../interpret/start-event.js";
import type { Decision, DecisionVerdict } from "../job/decision.js";
import type { Effect } from "../job/effect.js";
import { type Failure, failureOf } from "../job/failure.js";
import { keyAfter } from "../job/keys.js";
import type { JobState } from "../job/state.js";
import { isJsonObject, type Json, type JsonObject } from "../json.js";
import type { Plan } from "../plan/plan.js";
import type { AnswerBody, InboundMessage, OutgoingMessage } from "../ports/message.js";
import type { EscalationClose, HookRecord, JobRecord, Publication, SignalDispatch } from "../ports/records.js";
import { PureCounters } from "./pure-counters.js";
import { interruptBodyOf, type Scenario, type ScenarioHost, type ScenarioItem, workerAnswer } from "./scenario.js";

/** Where a scenario begins, and by what rules it is played. */
export interface PureHostOptions {
  readonly now: Instant;
  readonly limits?: Partial<Limits>;
  readonly violations?: PayloadCheck;
  /** In place of `decide`, for a test that looks at every decision. */
  readonly decide?: typeof decide;
}

/** Plays a scenario with nothing but `decide`: no storage, no concurrency. What it finds is what backends must find. */
export class PureHost implements ScenarioHost {
  readonly calls = new Map<string, Json[]>();
  readonly announced = new Map<string, Json[]>();
  readonly #scenario: Scenario;
  readonly #plan: Plan;
  readonly #limits: Limits;
  readonly #violations: PayloadCheck | null;
  readonly #jobs = new Map<JobId, JobState>();
  readonly #hooks = new Set<HookRecord>();
  readonly #counters = new PureCounters();
  /** Work items by their waits. */
  readonly #items = new Map<string, ScenarioItem>();
  readonly #kept = new Map<string, { readonly body: Json; readonly until: Instant }>();
  #messages: { readonly message: OutgoingMessage; readonly at: Instant; readonly answers: AnswerBody | null }[] = [];
  readonly #decideOne: typeof decide;
  #signals = 0;
  #now: Instant;

  constructor(scenario: Scenario, plan: Plan, options: PureHostOptions) {
    this.#scenario = scenario;
    this.#plan = plan;
    this.#now = options.now;
    this.#violations = options.violations ?? null;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#decideOne = options.decide ?? decide;
  }

  /** Every job as it stands. */
  get jobs(): readonly JobRecord[] {
    return [...this.#jobs.values()].map((state) => state.record);
  }

  /** Messages, timers and hooks that are still there. */
  get pending(): number {
    return this.#messages.length + this.#hooks.size;
  }

  async start(topic: string, payload: JsonObject, id: JobId): Promise<Failure | null> {
    const generation = generationId(`G-${id}-${this.#jobs.size}`);
    const key = messageKey(`start-${generation}`);
    try {
      const request = {
        topic,
        payload,
        generatedId: id,
        generation,
        key,
        now: this.#now,
        violations: this.#violations,
      };
      const verdict = this.#decide(inbound(prepareStart(this.#plan, request), "event"));
      return refusalOf(verdict, id);
    } catch (thrown) {
      return failureOf(thrown);
    }
  }

  async signal(topic: string, data: JsonObject, answer: Pick<AnswerBody, "status" | "code">): Promise<Failure | null> {
    const keepUntil = after(this.#now, this.#limits.signalKeepMs);
    this.#signals += 1;
    const id = messageKey(`signal-${this.#signals}`);
    try {
      this.#dispatch(dispatchOf([this.#plan], { id, topic, data, ...answer, keepUntil, now: this.#now }));
      return null;
    } catch (thrown) {
      return failureOf(thrown);
    }
  }

  async interrupt(id: JobId, options: JsonObject): Promise<void> {
    const key = messageKey(`interrupt-${id}-${this.#now}`);
    this.#decide(inbound(interruptMessage(key, id, interruptBodyOf(options)), "event"));
  }

  async advance(ms: number): Promise<void> {
    const end = after(this.#now, ms);
    for (let next = this.#takeDue(end); next !== undefined; next = this.#takeDue(end)) {
      this.#now = instant(Math.max(this.#now, next.at));
      if (next.message.topic === null) this.#take(inbound(next.message, "stored"));
      else if (next.answers === null) this.#work(next.message);
      else this.#decide(answerMessage(next.message, next.answers));
    }
    this.#now = end;
  }

  async job(id: JobId): Promise<JobRecord | null> {
    const record = this.#jobs.get(id)?.record ?? null;
    return record !== null && record.expireAt !== null && record.expireAt <= this.#now ? null : record;
  }

  async items(key: string): Promise<readonly ScenarioItem[]> {
    return [...this.#items.values()].filter((item) => item.key === key);
  }

  #takeDue(end: Instant) {
    const sorted = this.#messages.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
    const first = sorted[0];
    this.#messages = this.#messages.filter((entry) => entry !== first);
    return first;
  }

  #take(message: InboundMessage): void {
    const broadcast = broadcastOf(message);
    if (broadcast === null) this.#decide(message);
    else this.#broadcast(message, broadcast);
  }

  #broadcast(message: InboundMessage, body: BroadcastBody): void {
    const range = broadcastRanges([message], this.#limits).get(message.key);
    if (range === undefined) throw new Error(`broadcast ${message.key} reads nothing`);
    const page = { plans: [this.#plan], records: this.#counters.page(range), limit: range.limit };
    for (const effect of broadcastPage(body, page, { now: this.#now, limits: this.#limits })) this.#carryOut(effect);
  }

  #work(message: OutgoingMessage): void {
    const topic = message.topic ?? "";
    const calls = this.calls.get(topic) ?? [];
    calls.push(message.body);
    this.calls.set(topic, calls);
    const { ms, ...answers } = workerAnswer(this.#scenario, message, calls.length);
    this.#messages.push({ message, at: after(this.#now, ms), answers });
  }

  #decide(message: InboundMessage): DecisionVerdict {
    const event = eventOf(message);
    if (event === null) throw new Error(`no event in a message of kind ${message.kind}`);
    const state = this.#jobs.get(event.job) ?? null;
    const live = state?.record.expireAt !== null && (state?.record.expireAt ?? 0) <= this.#now ? null : state;
    const moment = {
      now: this.#now,
      active: this.#plan,
      limits: this.#limits,
      violations: this.#violations,
      pendingItem: (key: string) =>
        [...this.#items.values()].find((item) => item.key === key && item.status === "pending")?.wait ?? null,
    };
    const decision = this.#decideOne(this.#plan, event.kind === "start" ? live : state, event, moment);
    this.#apply(event.job, decision);
    return decision.verdict;
  }

  #apply(id: JobId, decision: Decision): void {
    const { job } = decision;
    if (job !== null && decision.verdict.outcome === "applied") {
      this.#jobs.set(id, { ...job, record: { ...job.record, revision: job.record.revision + 1 } });
    }
    for (const effect of decision.effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case "send":
        this.#messages.push({ message: effect.message, at: effect.message.visibleAt ?? this.#now, answers: null });
        return;
      case "cancel":
        this.#messages = this.#messages.filter(({ message }) => {
          const { cancel } = effect;
          if (cancel.by === "key") return message.key !== cancel.key;
          return message.job !== cancel.job || (cancel.by === "path" && message.path !== cancel.path);
        });
        return;
      case "open-hook":
        this.#openHook(effect.hook);
        return;
      case "close-hook":
        for (const hook of this.#hooks) {
          const { job, path } = effect.hook;
          if (hook.job === job && (path === null || hook.path === path)) this.#hooks.delete(hook);
        }
        return;
      case "signal":
        this.#dispatch(effect.dispatch);
        return;
      case "publish":
        this.#publish(effect.publication);
        return;
      case "open-escalation":
        this.#items.set(effect.escalation.wait, { ...effect.escalation, status: "pending", resolverPayload: null });
        return;
      case "close-escalation":
        this.#closeItem(effect.close);
        return;
      case "count":
        this.#counters.count(effect.change);
        return;
      case "forget":
        this.#counters.forget(effect.span);
        return;
    }
  }

  #closeItem({ wait, status, payload }: EscalationClose): void {
    const item = this.#items.get(wait);
    if (item?.status === "pending") this.#items.set(wait, { ...item, status, resolverPayload: payload });
  }

  #openHook(hook: HookRecord): void {
    const name = JSON.stringify([hook.topic, hook.key]);
    const early = this.#kept.get(name);
    this.#kept.delete(name);
    if (early === undefined || early.until <= this.#now) this.#hooks.add(hook);
    else this.#deliver(hook, early.body, name);
  }

  #dispatch(dispatch: SignalDispatch): void {
    const hit = [...this.#hooks].filter((hook) => hook.topic === dispatch.topic && dispatch.keys.includes(hook.key));
    for (const hook of hit) this.#deliver(hook, dispatch.body, dispatch.id);
    if (dispatch.closes) {
      const passes = new Set(hit.map((hook) => `${hook.job}/${hook.path}`));
      for (const hook of this.#hooks) if (passes.has(`${hook.job}/${hook.path}`)) this.#hooks.delete(hook);
    }
    if (hit.length > 0) return;
    for (const key of dispatch.keys) {
      this.#kept.set(JSON.stringify([dispatch.topic, key]), { body: dispatch.kept, until: dispatch.keepUntil });
    }
  }

  #deliver(hook: HookRecord, body: Json, seed: string): void {
    const message: OutgoingMessage = {
      key: keyAfter(messageKey(seed), "deliver", `${hook.job}/${hook.path}`),
      topic: null,
      kind: "signal",
      job: hook.job,
      generation: hook.generation,
      path: hook.path,
      body,
      visibleAt: null,
      attempt: 0,
      policy: null,
      codeRetries: [],
      workflow: null,
      trace: null,
    };
    this.#messages.push({ message, at: this.#now, answers: null });
  }

  #publish(publication: Publication): void {
    const local = publication.local;
    if (publication.channel !== "job" || !isJsonObject(local)) return;
    const id = String(local["job"]);
    const output = local["output"];
    const results = this.announced.get(id) ?? [];
    results.push(isJsonObject(output) ? (output["data"] ?? null) : null);
    this.announced.set(id, results);
  }
}

function inbound(message: OutgoingMessage, source: InboundMessage["source"]): InboundMessage {
  return { ...message, source, plan: null, request: null };
}

function answerMessage(request: OutgoingMessage, body: AnswerBody): InboundMessage {
  const key = keyAfter(request.key, "answer");
  return { ...inbound(request, "answer"), key, topic: null, kind: "complete", body, request: request.key };
}

function refusalOf(verdict: DecisionVerdict, id: JobId): Failure | null {
  if (verdict.outcome === "applied") return null;
  if (verdict.outcome === "duplicate") return { message: `Duplicate job: ${id}`, code: 409 };
  return verdict.outcome === "rejected" ? verdict.failure : { message: verdict.reason, code: 409 };
}
