import { after, type Instant, instant } from "@hotmesh/core";
import { MemoryDatabase, memoryBackend, type Prng, prng, TestClock } from "@hotmesh/core/testing";
import type { StreamData, WorkerCallback } from "@hotmesh/worker";
import type { SimulatedApp } from "./apps.js";
import { Client } from "./client.js";
import { Coins, drawRates } from "./coins.js";
import { Invariants, isClosed } from "./invariants.js";
import { LeaseLedger } from "./lease-ledger.js";
import { Process, type ProcessPlan } from "./process.js";
import type { Sabotage } from "./sabotage.js";
import type { Story } from "./stories.js";
import { answerOf } from "./worker-callback.js";

export interface WorldOptions {
  readonly seed: number;
  readonly app: SimulatedApp;
  readonly stories: readonly Story[];
  readonly layout: readonly ProcessPlan[];
  /** Most faults that may strike. */
  readonly faults: number;
  readonly sabotage: Sabotage;
  /** Takes the lines of the trace. */
  readonly trace: ((line: string) => void) | null;
}

const startAt: Instant = instant(1_800_000_000_000);

/** Everything there is: a database, a clock, processes, clients, and the coins that decide what goes wrong. */
export class World {
  readonly clock = new TestClock(startAt);
  readonly database = new MemoryDatabase();
  readonly coins: Coins;
  readonly clients: readonly Client[];
  readonly invariants = new Invariants();
  readonly ledger = new LeaseLedger(() => this.clock.now());
  readonly sabotage: Sabotage;
  readonly prng: Prng;
  readonly #options: WorldOptions;
  readonly #admin = memoryBackend({ clock: this.clock, database: this.database });
  readonly #held = new Map<string, StreamData>();
  #processes: readonly Process[] = [];
  #drawn = 0;
  #violation: unknown = null;

  constructor(options: WorldOptions) {
    const random = prng(options.seed);
    this.#options = options;
    this.sabotage = options.sabotage;
    this.prng = random.fork("world");
    this.coins = new Coins(random.fork("coins"), drawRates(random.fork("rates")), options.faults);
    this.clients = options.stories.map((story) => new Client(story, this));
  }

  /** Deploys the app and starts every process. */
  async open(): Promise<void> {
    for (const plan of this.#options.app.plans) await this.#admin.store.deploy(plan);
    await this.#admin.store.activate("1");
    this.#processes = this.#options.layout.map((plan) => this.#boot(plan));
    await this.settle();
  }

  get processes(): readonly Process[] {
    return this.#processes;
  }

  get startedAt(): Instant {
    return startAt;
  }

  /** Processes that can take calls. */
  get engines(): readonly Process[] {
    return this.#processes.filter((process) => process.isAlive && process.engine !== null);
  }

  /** All clients have had their way, every job has ended, and no message is under way. */
  get isAtRest(): boolean {
    if (!this.clients.every((client) => client.isDone)) return false;
    const { jobs, messages } = this.database.contents();
    return jobs.every(isClosed) && messages.every(({ state }) => state === "dead");
  }

  /** Lets everything happen that has begun, then looks whether the laws still hold. */
  async settle(): Promise<void> {
    // Whatever the memory backend does takes microtasks only, and all of those are over before this resolves.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#violation !== null) throw this.#violation;
    this.invariants.check(this.database.contents(), this.clock.now());
  }

  readonly report = (violation: unknown): void => {
    this.#violation ??= violation;
  };

  readonly note = (line: () => string): void => {
    const { trace } = this.#options;
    if (trace !== null) trace(`${String(this.clock.now() - startAt).padStart(9)} ms  ${line()}`);
  };

  newId(): string {
    this.#drawn += 1;
    return `${this.#options.seed}-${this.#drawn}`;
  }

  heldMessage(job: string): StreamData | undefined {
    return this.#held.get(job);
  }

  advanceTo(at: Instant): void {
    this.note(() => `the clock moves on ${at - this.clock.now()} ms`);
    this.clock.set(at);
  }

  async switchVersion(): Promise<void> {
    const { activation } = this.database.contents();
    const version = activation?.version === "1" ? "2" : "1";
    this.note(() => `version ${version} becomes active`);
    await this.#admin.store.activate(version);
  }

  /** Starts dead processes again. */
  revive(process: Process): void {
    this.note(() => `${process.plan.name} starts again`);
    this.#processes = this.#processes.map((other) => (other === process ? this.#boot(process.plan) : other));
  }

  readonly callback: WorkerCallback = async (message) => {
    const ms = this.#workMs();
    if (ms > 0) await this.clock.sleep(after(this.clock.now(), ms));
    const { topic = "", jid = "" } = message.metadata;
    const { data, _retryAttempt: attempt = 0 } = message;
    this.note(() => `worker of ${topic}: ${jid} attempt ${attempt}`);
    const answer = answerOf(message);
    if (data["hold"] === true) this.#held.set(jid, message);
    return data["hold"] === true ? undefined : answer;
  };

  #workMs(): number {
    if (this.coins.isQuiet || this.prng.chance(0.4)) return 0;
    return this.prng.chance(0.8) ? this.prng.below(500) : this.prng.below(12_000);
  }

  #boot(plan: ProcessPlan): Process {
    const skewMs = this.coins.toss("wrong-clock") ? this.prng.below(7_200_000) - 3_600_000 : 0;
    return new Process(plan, this, skewMs);
  }
}
