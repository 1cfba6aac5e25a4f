import {
  Agenda,
  Alarm,
  after,
  allOrNone,
  backoffMs,
  type Cancel,
  graphProgram,
  HotMeshError,
  type Instant,
  type Json,
  type Lease,
  type Limits,
  type Logger,
  laneChannel,
  type Observer,
  type OutgoingMessage,
  observationOf,
  Pace,
  type PayloadCheck,
  type Plan,
  type PlanId,
  type Program,
  type Pump,
  runPump,
  type Settled,
  type Settlement,
  type StepReport,
  type Subscription,
  silentLogger,
  type Verdict,
} from "@hotmesh/core";
import { Activations } from "./activations.js";
import { Duress } from "./duress.js";
import type { EngineActivity, EngineObserver, EngineOptions } from "./engine-options.js";
import { Inbox, type Queued } from "./inbox.js";
import { PlanCache } from "./plan-cache.js";
import { Stepper } from "./stepper.js";
import { Sweeper } from "./sweeper.js";
import { type Handled, type WatchedProgram, watched } from "./watched-program.js";

/** Most events and answers of one step: bounds a transaction, far above what a round trip gathers. */
const itemsPerStep = 1_000;
/** What is due but could not be claimed is in the hands of another engine. */
const lockedDelayMs = 25;
/** Least time between two looks of an engine that is slowed down, and therefore hears of nothing. */
const deafPollMs = 500;

/** Steps jobs forward: what is due, what callers bring, what workers of this process answer. */
export class Engine<Tx = never> implements Pump {
  /** The plans it has seen. */
  readonly plans = new PlanCache();
  /** Which version new jobs start on, as it knows. */
  readonly activations: Activations;
  /** Most steps at once. */
  readonly concurrency: number;
  /** Checks payloads of graphs that want it; null: none can. */
  readonly violations: PayloadCheck | null;
  /** It never claims. */
  readonly readonly: boolean;
  readonly #options: EngineOptions<Tx>;
  readonly #stepper: Stepper<Tx>;
  readonly #logger: Logger;
  readonly #random: () => number;
  readonly #inbox = new Inbox();
  readonly #agenda = new Agenda();
  readonly #alarm = new Alarm();
  readonly #pace = new Pace();
  readonly #duress: Duress;
  readonly #sweeper: Sweeper;
  readonly #program: Program;
  /** Decides what callers bring while the engine is paused: it goes no further than the activity it is about. */
  readonly #holding: Program;
  readonly #counts = new Map<number, number>();
  #hints: Promise<readonly Subscription[]> | null = null;
  #lane: Subscription | null = null;
  #tuning: Promise<void> = Promise.resolve();
  #answersNotBefore: Instant | null = null;
  #failures = 0;
  #claimed = 0;
  #stopped = false;

  constructor(options: EngineOptions<Tx>) {
    this.#options = options;
    this.concurrency = options.concurrency ?? 1;
    this.violations = options.violations ?? null;
    this.readonly = options.readonly ?? false;
    this.#logger = options.logger ?? silentLogger;
    this.#random = options.random ?? Math.random;
    this.activations = new Activations({
      store: options.store,
      appId: options.appId,
      now: () => options.clock.now(),
    });
    this.#sweeper = new Sweeper({
      store: options.store,
      now: options.clock.now(),
      random: this.#random,
      logger: this.#logger,
    });
    this.#stepper = new Stepper({
      store: options.store,
      plans: this.plans,
      learn: (activation) => this.activations.learn(activation),
    });
    this.#duress = new Duress(options.duress);
    this.#program = this.#programWith({});
    this.#holding = this.#programWith({ hopsMax: 0 });
  }

  /** What it does at the moment, and has done since it was made. */
  get activity(): EngineActivity {
    const { report: duress, averages } = this.#duress;
    const counts = Object.fromEntries(this.#counts);
    const { inFlight } = this.#stepper;
    return { inFlight, errorCount: this.#failures, claimed: this.#claimed, counts, duress, averages };
  }

  /**
   * Milliseconds between two claims; 0: none, -1: it claims nothing. What callers bring is decided all the same, but
   * during a pause whatever follows from it is stored and waits. A lower rate ends a wait at once.
   */
  throttle(ms: number): void {
    if (ms === this.#pace.told) return;
    this.#pace.throttle(ms);
    if (this.#hints !== null) void this.#tune().catch((error) => this.#logger.warn("engine-listen-failed", { error }));
    this.wake();
  }

  /** The rate in force. */
  get rate(): number {
    return this.#pace.rate;
  }

  /** Whether local workers may bring their answers. Under a throttle they are stored, and claimed at its rate. */
  get takesAnswers(): boolean {
    return this.#pace.told === 0;
  }

  /**
   * Decides an event in the next step; all events of one moment share a step. Rejects when the step failed: nothing
   * has happened then, or, when the connection broke at the wrong moment, the same event again is a duplicate.
   */
  submit(event: OutgoingMessage): Promise<Verdict> {
    if (this.#stopped) return Promise.reject(stoppedError());
    const verdict = this.#inbox.event(event);
    this.#alarm.ring();
    return verdict;
  }

  /** Decides an event within the caller's open transaction; nothing else takes part in that step. */
  async submitWithin(event: OutgoingMessage, within: Tx): Promise<Verdict> {
    if (this.#stopped) throw stoppedError();
    const program = watched(this.#current());
    const report = await this.#stepper.step({ limit: 0, events: [event], within }, program);
    this.#logStale(program);
    return verdictAt(report, 0);
  }

  /** Decides the answer of a worker of this process in the next step. While the storage fails it is tried again. */
  answer(settlement: Settlement): Promise<Settled> {
    if (this.#stopped) return Promise.reject(stoppedError());
    const settled = this.#inbox.answer(settlement);
    this.#alarm.ring();
    return settled;
  }

  /** A plan, from the cache or the storage. */
  plan(id: PlanId): Promise<Plan> {
    return this.#stepper.plan(id);
  }

  /** Look for work now. */
  wake(): void {
    this.#agenda.hint();
    this.#alarm.ring();
  }

  /** Listens for hints; resolves once none is missed. `run` does it too. */
  async listen(): Promise<void> {
    const { sub, observe } = this.#options;
    this.#hints ??= allOrNone([
      sub.onGap(() => this.wake()),
      ...(observe === undefined
        ? []
        : [sub.subscribe(observe.channel, (body, isTrusted) => isTrusted && this.#observed(body))]),
    ]);
    await this.#hints;
    await this.#tune();
  }

  /** Hears nothing any more. `run` does it at its end. */
  async deafen(): Promise<void> {
    const hints = this.#hints;
    this.#hints = null;
    await this.#tune();
    for (const hint of (await hints?.catch(() => [])) ?? []) await hint.close();
  }

  async tick(): Promise<{ readonly worked: boolean; readonly nextAt: Instant | null }> {
    const { clock, batch = 100 } = this.#options;
    const now = clock.now();
    const limit = !this.readonly && this.#agenda.isDue(now) ? this.#pace.allows(now, batch) : 0;
    const items = this.#takesItems(now) ? this.#inbox.take(itemsPerStep) : [];
    if (limit > 0 || items.length > 0) await this.#round(items, limit);
    if (!this.readonly) await this.#sweeper.tick(now);
    this.#tellDuress(now);
    const nextAt = this.#nextAt(clock.now());
    return { worked: nextAt !== null && nextAt <= clock.now(), nextAt };
  }

  /** Works until cancelled; then decides what is queued, and refuses what comes later. */
  async run(cancel: Cancel): Promise<void> {
    const { clock } = this.#options;
    await this.listen();
    const lanes = Array.from({ length: this.concurrency }, () => runPump(this, this.#alarm, { clock, cancel }));
    await Promise.all(lanes);
    this.#stopped = true;
    await this.#drain();
    await this.deafen();
  }

  /**
   * One engine hears of work, and if there is one in this process no other process is told. So a throttled engine does
   * not listen: others, who may be free, do. It looks by itself as often as its rate allows.
   */
  #tune(): Promise<void> {
    const turn = this.#tuning.then(async () => {
      const listens = this.#hints !== null && this.#pace.told === 0;
      if (listens === (this.#lane !== null)) return;
      const lane = this.#lane;
      this.#lane = listens ? await this.#options.sub.subscribe(laneChannel(null), () => this.wake()) : null;
      await lane?.close();
    });
    this.#tuning = turn.catch(() => {});
    return turn;
  }

  #programWith(limits: Partial<Limits>): Program {
    const { policy = null, violations, observe } = this.#options;
    return graphProgram({
      plans: this.plans,
      policy,
      limits: { ...this.#options.limits, ...limits },
      ...(violations !== undefined && { violations }),
      ...(observe !== undefined && { observer: observerOf(observe) }),
    });
  }

  #current(): Program {
    return this.#pace.isPaused ? this.#holding : this.#program;
  }

  #observed(body: Json): void {
    const observation = observationOf(body);
    if (observation?.kind === "leg") this.#options.observe?.leg?.(observation);
    else if (observation?.kind === "problem") this.#logger.warn("expression-failed", { ...observation });
  }

  /** After a failure answers wait for a while; events do not: their callers want to know. */
  #takesItems(now: Instant): boolean {
    return this.#inbox.hasEvents || this.#answersNotBefore === null || now >= this.#answersNotBefore;
  }

  #nextAt(now: Instant): Instant | null {
    const itemsAt = this.#inbox.isEmpty ? null : this.#takesItems(now) ? now : this.#answersNotBefore;
    const dueAt = [itemsAt];
    if (!this.readonly) dueAt.push(this.#pace.freeFrom(this.#agenda.nextAt), this.#sweeper.nextAt);
    return dueAt.reduce((least, at) => (at !== null && (least === null || at < least) ? at : least), null);
  }

  /** One step with these items; whoever brought them hears of it. */
  async #round(items: readonly Queued[], limit: number): Promise<void> {
    const { handoff, clock, observe } = this.#options;
    const events = items.filter((item) => item.kind === "event");
    const answers = items.filter((item) => item.kind === "answer");
    const offered = handoff?.offer() ?? null;
    const program = watched(this.#current());
    const begun = clock.now();
    let handed: readonly Lease[] = [];
    let claimed = 0;
    if (limit > 0) this.#agenda.begin();
    if (limit > 0) this.#pace.begin();
    try {
      const request = {
        limit,
        events: events.map((item) => item.event),
        answers: answers.map((item) => item.settlement),
        ...(offered !== null && { handoff: offered }),
      };
      const report = await this.#stepper.step(request, program);
      handed = report.handed;
      claimed = report.claimed;
      this.#failures = 0;
      this.#answersNotBefore = null;
      events.forEach((item, position) => {
        item.resolve(verdictAt(report, position));
      });
      answers.forEach((item, position) => {
        item.resolve(report.answers[position] ?? "lease-lost");
      });
      this.#schedule(report, limit, clock.now());
      this.#note(program.handled(), clock.now() - begun);
      this.#logStale(program);
      if (observe?.message !== undefined) for (const flow of program.flows()) observe.message(flow);
    } catch (error) {
      await this.#failed(items, limit, error);
    } finally {
      if (limit > 0) this.#pace.end(clock.now(), claimed);
      if (offered !== null) handoff?.deliver(handed, offered);
    }
  }

  /** They are no faults: at least once is what messages are delivered. */
  #logStale(program: WatchedProgram): void {
    for (const { message, error } of program.stale()) {
      this.#logger.debug("message-dropped", { job: message.job, message: message.key, error });
    }
  }

  /** All messages of a step share its time. */
  #note(handled: readonly Handled[], ms: number): void {
    for (const { type, isMessage, code } of handled) {
      if (isMessage) this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
      this.#duress.note(type, ms / handled.length);
    }
    this.#pace.floor(this.#duress.report.floorMs);
  }

  #tellDuress(now: Instant): void {
    const report = this.#duress.announcement(now);
    if (report !== null) this.#options.onDuress?.(report);
  }

  /** When to claim next. Instants of the report are the storage's; only their distance counts here. */
  #schedule(report: StepReport, limit: number, now: Instant): void {
    const { told } = this.#pace;
    const pollMs = Math.min(
      this.#options.pollMs ?? 5_000,
      told > 0 ? Math.max(told, deafPollMs) : Number.POSITIVE_INFINITY,
    );
    const dueInMs = report.nextDueAt === null ? pollMs : Math.max(0, report.nextDueAt - report.now);
    this.#claimed += report.claimed;
    if (report.parked > 0) this.#logger.error("engine-messages-parked", { count: report.parked });
    if (report.postponed !== undefined) this.#logger.error("engine-messages-postponed", { ...report.postponed });
    if (limit === 0) this.#agenda.sooner(after(now, dueInMs));
    else if (report.claimed > 0) this.#agenda.end(now);
    else this.#agenda.end(after(now, Math.min(pollMs, Math.max(dueInMs, lockedDelayMs))));
  }

  async #failed(items: readonly Queued[], limit: number, error: unknown): Promise<void> {
    const { clock } = this.#options;
    const retryable = HotMeshError.is(error) && error.retryable;
    this.#failures += 1;
    const holdUntil = after(clock.now(), backoffMs(this.#failures, this.#random));
    this.#logger.error("engine-step-failed", { failures: this.#failures, error });
    if (limit > 0) this.#agenda.hold(holdUntil);
    if (retryable) {
      for (const item of items) if (item.kind === "event") item.reject(error);
      this.#inbox.putBack(items.filter((item) => item.kind === "answer"));
      this.#answersNotBefore = holdUntil;
    } else if (items.length === 1 && limit === 0) {
      items[0]?.reject(error);
    } else {
      // One of them cannot be stored. Each in a step of its own, so that it does not take its neighbours with it.
      for (const item of items) await this.#round([item], 0);
    }
  }

  async #drain(): Promise<void> {
    while (!this.#inbox.isEmpty) {
      const items = this.#inbox.take(itemsPerStep);
      await this.#round(items, 0);
      // A storage that fails while we stop: their leases end, and the messages are handed out again.
      if (this.#failures > 0) for (const item of this.#inbox.take(itemsPerStep)) item.reject(stoppedError());
    }
  }
}

function verdictAt(report: StepReport, position: number): Verdict {
  const verdict = report.verdicts[position];
  if (verdict === undefined)
    throw new HotMeshError(
      "protocol",
      `the backend broke the contract of Store.step: it gave no verdict for event ${position}`,
    );
  return verdict;
}

function observerOf({ channel, span, leg }: EngineObserver): Observer {
  return { channel, legs: leg !== undefined && span === undefined, ...(span !== undefined && { span }) };
}

function stoppedError(): HotMeshError {
  return new HotMeshError("stopped", "this engine has been stopped; init a new instance");
}
