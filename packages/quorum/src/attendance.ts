import {
  Agenda,
  Alarm,
  after,
  backoffMs,
  type Cancel,
  type Clock,
  type Instant,
  type Logger,
  type MemberRecord,
  type Pump,
  type Registry,
  runPump,
  silentLogger,
} from "@hotmesh/core";
import { throttleFor } from "./throttle-rule.js";

/** A member as the registry sees it. */
export interface Attendant {
  /** How it is shown in the registry now. */
  record(): MemberRecord;
  /** Obey this rate from now on: milliseconds between two messages, 0: none, -1: a pause. */
  throttle(ms: number): void;
}

/** What attendance needs. */
export interface AttendanceOptions {
  /** Where members check in. */
  readonly registry: Pick<Registry, "checkIn" | "checkOut" | "forget">;
  /** All members of one instance. */
  readonly members: readonly Attendant[];
  /** Says when to check in again. */
  readonly clock: Clock;
  /** Longest time between two looks at what is to be obeyed; 5,000. */
  readonly pollMs?: number;
  /** Spreads checks of many instances; `Math.random`. */
  readonly random?: () => number;
  /** Silent unless given. */
  readonly logger?: Logger;
}

const forgetEveryMs = 3_600_000;

/**
 * Says from time to time that the members of an instance are there, and reads what they have to obey. Whoever joins
 * late, or misses a message, obeys all the same. Failures are logged and tried again, they end nothing.
 */
export class Attendance implements Pump {
  readonly #options: AttendanceOptions;
  readonly #logger: Logger;
  readonly #random: () => number;
  readonly #agenda = new Agenda();
  readonly #alarm = new Alarm();
  #checking: Promise<void> = Promise.resolve();
  #knowsRules = false;
  #failures = 0;
  #forgetAt: Instant;

  constructor(options: AttendanceOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#random = options.random ?? Math.random;
    this.#forgetAt = this.#inAnHour();
  }

  /** Something was commanded: look now. */
  wake(): void {
    this.#agenda.hint();
    this.#alarm.ring();
  }

  /**
   * Checks in and obeys what is stored by now. Never rejects. As long as the commands were never read, the members
   * claim nothing, because one of them may be a pause.
   */
  check(): Promise<void> {
    // One after the other: of two answers the later one is the newer one.
    this.#checking = this.#checking.then(() => this.#check());
    return this.#checking;
  }

  async tick(): Promise<{ readonly worked: boolean; readonly nextAt: Instant | null }> {
    const { clock } = this.#options;
    if (this.#agenda.isDue(clock.now())) await this.check();
    if (clock.now() >= this.#forgetAt) await this.#forget();
    const { nextAt } = this.#agenda;
    return { worked: nextAt <= clock.now(), nextAt };
  }

  async run(cancel: Cancel): Promise<void> {
    await runPump(this, this.#alarm, { clock: this.#options.clock, cancel });
  }

  /** The members are gone. To be called when `run` has ended. */
  async leave(): Promise<void> {
    const { registry } = this.#options;
    try {
      await this.#checking;
      await registry.checkOut(this.#records());
    } catch (error) {
      this.#logger.warn("quorum-check-out-failed", { error });
    }
  }

  async #check(): Promise<void> {
    const { registry, members, clock, pollMs = 5_000 } = this.#options;
    this.#agenda.begin();
    try {
      const rules = await registry.checkIn(this.#records());
      for (const member of members) member.throttle(throttleFor(member.record(), rules));
      this.#knowsRules = true;
      this.#failures = 0;
      this.#agenda.end(after(clock.now(), pollMs));
    } catch (error) {
      this.#failures += 1;
      if (!this.#knowsRules) for (const member of members) member.throttle(-1);
      this.#agenda.hold(after(clock.now(), Math.min(pollMs, backoffMs(this.#failures, this.#random))));
      this.#logger.error("quorum-check-in-failed", { failures: this.#failures, error });
    }
  }

  async #forget(): Promise<void> {
    this.#forgetAt = this.#inAnHour();
    try {
      await this.#options.registry.forget();
    } catch (error) {
      this.#logger.warn("quorum-forget-failed", { error });
    }
  }

  /** Entries of one topic are one row. */
  #records(): readonly MemberRecord[] {
    const records = this.#options.members.map((member) => member.record());
    return [...new Map(records.map((record) => [JSON.stringify([record.role, record.topic]), record])).values()];
  }

  #inAnHour(): Instant {
    return after(this.#options.clock.now(), Math.round(forgetEveryMs * (0.5 + this.#random() / 2)));
  }
}
