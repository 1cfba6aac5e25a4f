import {
  Agenda,
  Alarm,
  after,
  allOrNone,
  backoffMs,
  type Cancel,
  HotMeshError,
  type Instant,
  type Lease,
  type LeaseToken,
  type Logger,
  laneChannel,
  type Outcome,
  outcomeOf,
  Pace,
  type Pump,
  poisonOf,
  runPump,
  type Settled,
  type Settlement,
  type Subscription,
  silentLogger,
  streamDataOf,
} from "@hotmesh/core";
import { Abandonment } from "./abandonment.js";
import { LeaseExpiredError } from "./lease-expired-error.js";
import { LeaseKeeper } from "./lease-keeper.js";
import { pickEntry } from "./pick-callback.js";
import { SettleQueue } from "./settle-queue.js";
import { Slots } from "./slots.js";
import type { WorkerOptions } from "./worker-options.js";

/** What a worker shows of itself. */
export interface WorkerActivity {
  /** Callbacks that run now. */
  readonly inFlight: number;
  /** Answers by code since the start. */
  readonly counts: Readonly<Record<string, number>>;
  /** Failed claims in a row. */
  readonly errorCount: number;
}

const unknownNameDelayMs = 500;
/** What is due but was not handed out is in the hands of another worker. */
const lockedDelayMs = 25;

/** Takes messages of one topic, runs the callback, keeps the lease meanwhile, and answers. */
export class Worker implements Pump {
  /** Topic of the worker activities it serves. */
  readonly topic: string;
  /** Most callbacks at once. */
  readonly concurrency: number;
  readonly #options: WorkerOptions;
  readonly #logger: Logger;
  readonly #random: () => number;
  readonly #keeper: LeaseKeeper;
  readonly #queue: SettleQueue;
  readonly #agenda = new Agenda();
  readonly #alarm = new Alarm();
  readonly #pace = new Pace();
  readonly #slots: Slots;
  readonly #counts = new Map<number, number>();
  readonly #executing = new Map<LeaseToken, Abandonment>();
  #hints: Promise<readonly Subscription[]> | null = null;
  #failures = 0;
  #stopping = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.topic = options.topic;
    this.concurrency = options.concurrency ?? 10;
    this.#slots = new Slots(this.concurrency);
    this.#logger = options.logger ?? silentLogger;
    this.#random = options.random ?? Math.random;
    this.#keeper = new LeaseKeeper({
      stream: options.stream,
      leaseMs: this.leaseMs,
      capMs: options.capMs ?? 1_800_000,
    });
    this.#queue = new SettleQueue(options.stream, this.#random);
  }

  /** For how long a message is leased at a time. */
  get leaseMs(): number {
    return this.#options.leaseMs ?? 30_000;
  }

  /** What it does at the moment, and has done since it was made. */
  get activity(): WorkerActivity {
    return { inFlight: this.#slots.running.size, counts: Object.fromEntries(this.#counts), errorCount: this.#failures };
  }

  /** How many callbacks more it could run now. */
  freeSlots(): number {
    return this.#slots.free;
  }

  /**
   * Keeps free slots for work that a step of this process may hand over; how many. Slots whose answer is part of that
   * very step count as free. A worker that suspects stored work offers nothing, so that handed-over work cannot starve
   * it; a throttled one no more than it may claim. A number above 0 is followed by one call of `accept` with it.
   */
  reserve(): number {
    const now = this.#options.clock.now();
    const suspects = this.#agenda.isDue(now) || this.#slots.claiming > 0;
    if (this.#stopping || this.#options.readonly === true || suspects) return 0;
    const slots = this.#pace.allows(now, this.#slots.freeAfterAnswers);
    if (slots > 0) this.#pace.begin();
    this.#slots.reserved += slots;
    return slots;
  }

  /** Ends a reservation: runs what was handed over, and takes the other slots back. */
  accept(leases: readonly Lease[], reserved: number): void {
    this.#slots.reserved -= reserved;
    this.#pace.end(this.#options.clock.now(), leases.length);
    for (const lease of leases) this.#start(lease);
    this.#alarm.ring();
  }

  /**
   * Milliseconds between two messages it takes; 0: none, -1: it takes none. What runs goes on, and is answered. A lower
   * rate ends a wait at once.
   */
  throttle(ms: number): void {
    if (ms === this.#pace.told) return;
    this.#pace.throttle(ms);
    this.wake();
  }

  /** The rate in force. */
  get rate(): number {
    return this.#pace.rate;
  }

  /** Look for work now. */
  wake(): void {
    this.#agenda.hint();
    this.#alarm.ring();
  }

  /** Listens for hints; resolves once none is missed. `run` does it too. */
  async listen(): Promise<void> {
    const { sub, topic } = this.#options;
    this.#hints ??= allOrNone([sub.subscribe(laneChannel(topic), () => this.wake()), sub.onGap(() => this.wake())]);
    await this.#hints;
  }

  /** Hears nothing any more. `run` does it at its end. */
  async deafen(): Promise<void> {
    const hints = this.#hints;
    this.#hints = null;
    for (const hint of (await hints?.catch(() => [])) ?? []) await hint.close();
  }

  async tick(): Promise<{ readonly worked: boolean; readonly nextAt: Instant | null }> {
    const { clock } = this.#options;
    await this.#keep(clock.now());
    await this.#queue.flush(clock.now());
    await this.#claim(clock.now());
    const now = clock.now();
    const dueAt = earliest([this.#keeper.dueAt, this.#queue.nextAt(now), this.#claimAt()]);
    return { worked: dueAt !== null && dueAt <= now, nextAt: dueAt };
  }

  /** Works until cancelled, then lets callbacks end for `drainMs` and gives back what is still leased. */
  async run(cancel: Cancel): Promise<void> {
    const { clock } = this.#options;
    await this.listen();
    await runPump(this, this.#alarm, { clock, cancel });
    this.#stopping = true;
    await this.#drain();
    await this.deafen();
  }

  #mayClaim(): boolean {
    return !this.#stopping && this.#options.readonly !== true && this.freeSlots() > 0;
  }

  /** When to claim next, as far as that is known: null: not before something else happens. */
  #claimAt(): Instant | null {
    return this.#mayClaim() ? this.#pace.freeFrom(this.#agenda.nextAt) : null;
  }

  async #claim(now: Instant): Promise<void> {
    if (!this.#mayClaim() || !this.#agenda.isDue(now)) return;
    const { stream, topic, clock, guid, pollMs = 5_000 } = this.#options;
    const limit = this.#pace.allows(now, this.freeSlots());
    if (limit === 0) return;
    this.#agenda.begin();
    this.#pace.begin();
    this.#slots.claiming = limit;
    let claimed = 0;
    try {
      const report = await stream.claim({ topic, limit, leaseMs: this.leaseMs, holder: guid });
      this.#failures = 0;
      this.#slots.claiming = 0;
      claimed = report.leases.length;
      if (report.postponed !== undefined)
        this.#logger.error("worker-messages-postponed", { topic, ...report.postponed });
      for (const lease of report.leases) this.#start(lease);
      if (claimed >= limit) this.#agenda.hint();
      this.#agenda.end(after(clock.now(), Math.min(pollMs, Math.max(report.nextDueInMs ?? pollMs, lockedDelayMs))));
    } catch (error) {
      this.#slots.claiming = 0;
      this.#failures += 1;
      this.#agenda.hold(after(clock.now(), backoffMs(this.#failures, this.#random)));
      this.#logger.error("worker-claim-failed", { topic, error });
    } finally {
      this.#pace.end(clock.now(), claimed);
    }
  }

  async #keep(now: Instant): Promise<void> {
    const { topic, capMs = 1_800_000 } = this.#options;
    try {
      const { lost, capped } = await this.#keeper.keep(now);
      for (const lease of lost) {
        const error = LeaseExpiredError.lost(this.leaseMs);
        this.#executing.get(lease.token)?.tell(error);
        this.#logger.warn("worker-lease-lost", { topic, job: lease.job, message: lease.key, error });
      }
      for (const lease of capped) {
        // The callback cannot be stopped. Its slot is free again, so that callbacks that hang do not end the worker.
        this.#slots.running.delete(lease.token);
        const error = LeaseExpiredError.capped(capMs, this.leaseMs);
        this.#executing.get(lease.token)?.tell(error);
        this.#logger.error("worker-lease-expired", { topic, job: lease.job, message: lease.key, error });
      }
    } catch (error) {
      this.#logger.error("worker-extend-failed", { topic, error });
    }
  }

  #start(lease: Lease): void {
    this.#keeper.hold(lease, this.#options.clock.now());
    this.#slots.running.add(lease.token);
    void this.#execute(lease);
  }

  /** Never rejects. */
  async #execute(lease: Lease): Promise<void> {
    const outcome = this.#stopping ? release(0) : await this.#outcome(lease);
    this.#slots.running.delete(lease.token);
    if (this.#keeper.holds(lease.token)) await this.#settle(lease, outcome);
    else this.#logger.warn("worker-answer-discarded", { topic: this.topic, job: lease.job, message: lease.key });
    this.#alarm.ring();
  }

  async #outcome(lease: Lease): Promise<Outcome> {
    const { entries, poisonThreshold = 5, around = plainly } = this.#options;
    const entry = pickEntry(entries, lease.workflow);
    if (entry === null) return release(unknownNameDelayMs);
    const { callback, policy = this.#options.policy ?? null } = entry;
    const poison = poisonOf(lease, policy, poisonThreshold);
    if (poison !== null) return poison;
    const abandonment = new Abandonment();
    this.#executing.set(lease.token, abandonment);
    try {
      const message = streamDataOf(lease);
      const value = await around({ message, trace: lease.trace }, async () => callback(message, abandonment));
      return outcomeOf(lease, { kind: "returned", value }, policy);
    } catch (error) {
      return outcomeOf(lease, { kind: "thrown", error }, policy);
    } finally {
      this.#executing.delete(lease.token);
    }
  }

  async #settle(lease: Lease, outcome: Outcome): Promise<void> {
    try {
      const settled = await this.#store({ lease, outcome });
      if (settled === "settled") this.#settled(outcome);
      else {
        const error = LeaseExpiredError.lost(this.leaseMs);
        this.#logger.debug("worker-answer-stale", { topic: this.topic, job: lease.job, message: lease.key, error });
      }
    } catch (error) {
      await this.#unstorable(lease, outcome, error);
    }
    this.#keeper.drop(lease.token);
  }

  /** An answer that the storage refuses for good becomes an error answer; repeating the work would not help. */
  async #unstorable(lease: Lease, outcome: Outcome, error: unknown): Promise<void> {
    this.#logger.error("worker-answer-refused", { topic: this.topic, job: lease.job, message: lease.key, error });
    const stopped = HotMeshError.is(error) && error.kind === "stopped";
    if (outcome.kind !== "answer" || outcome.answer.status === "error" || stopped) return;
    const reason = error instanceof Error ? error.message : String(error);
    const data = { message: `the answer could not be stored: ${reason}`, code: 500 };
    await this.#settle(lease, { kind: "answer", answer: { status: "error", code: 500, data } });
  }

  async #store(settlement: Settlement): Promise<Settled> {
    const { settle } = this.#options;
    const { outcome } = settlement;
    const local = settle !== undefined && outcome.kind === "answer" && outcome.deadLetter !== true;
    const taken = local ? settle(settlement) : null;
    if (taken !== null) {
      try {
        return await this.#slots.use("answering", () => taken);
      } catch (error) {
        if (!isCodecError(error)) throw error;
        // The engine here cannot tell what the job holds. One in another process may.
        this.#logger.warn("worker-answer-passed-on", { topic: this.topic, message: settlement.lease.key, error });
      }
    }
    return this.#slots.use("storing", () => {
      const stored = this.#queue.add(settlement);
      this.#alarm.ring();
      return stored;
    });
  }

  #settled(outcome: Outcome): void {
    if (outcome.kind === "retry" || outcome.kind === "release") {
      this.#agenda.sooner(after(this.#options.clock.now(), outcome.delayMs));
    }
    if (outcome.kind === "hold" || outcome.kind === "release") return;
    const code = outcome.kind === "answer" ? outcome.answer.code : outcome.failure.code;
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }

  async #drain(): Promise<void> {
    const { clock, drainMs = 5_000, stream, topic } = this.#options;
    const deadline = after(clock.now(), drainMs);
    // A step under way may still hand over work to slots that it was offered; nobody else would give that back.
    while (this.#slots.reserved > 0 || (this.#keeper.leases.length > 0 && clock.now() < deadline)) {
      const { worked, nextAt } = await this.tick();
      const endAt = clock.now() < deadline ? deadline : null;
      if (!worked) await this.#alarm.wait(clock, earliest([nextAt, endAt]), notCancelled);
    }
    const leases = this.#keeper.leases;
    for (const lease of leases) {
      this.#executing.get(lease.token)?.tell(LeaseExpiredError.stopped(drainMs, this.leaseMs));
      this.#keeper.drop(lease.token);
    }
    try {
      if (leases.length > 0) await stream.settle(leases.map((lease) => ({ lease, outcome: release(0) })));
    } catch (error) {
      this.#logger.error("worker-release-failed", { topic, error });
    }
  }
}

const notCancelled: Cancel = { cancelled: false, onCancel: () => () => {} };

function isCodecError(error: unknown): boolean {
  return HotMeshError.is(error) && (error.kind === "codec-missing" || error.kind === "codec-failed");
}

/** Nobody stands around the callback. */
function plainly(_: unknown, run: () => Promise<unknown>): Promise<unknown> {
  return run();
}

function release(delayMs: number): Outcome {
  return { kind: "release", delayMs };
}

function earliest(instants: readonly (Instant | null)[]): Instant | null {
  return instants.reduce((least, at) => (at !== null && (least === null || at < least) ? at : least), null);
}
