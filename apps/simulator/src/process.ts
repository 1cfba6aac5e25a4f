import { type Instant, instant, type Logger, type Pump, type Settled, type Settlement } from "@hotmesh/core";
import { payloadCheck } from "@hotmesh/core/compiler";
import type { MemoryTransaction } from "@hotmesh/core/testing";
import { type Faults, type MemoryBackend, memoryBackend, type TestClock } from "@hotmesh/core/testing";
import { Engine } from "@hotmesh/engine";
import { Worker, type WorkerCallback } from "@hotmesh/worker";
import { handoffTo } from "./handoff.js";
import { SkewedClock } from "./skewed-clock.js";
import { Violation } from "./violation.js";
import { isSimulated, simulatedFailure, type Watch, watchedBackend } from "./watched-backend.js";

/** What runs in a process. */
export interface ProcessPlan {
  readonly name: string;
  readonly engine: boolean;
  /** Worker topics. With an engine: its answers and its new work do not go through the stream. */
  readonly topics: readonly string[];
  readonly hopsMax: number;
}

export interface ProcessHost extends Omit<Watch, "isAlive"> {
  readonly clock: TestClock;
  readonly callback: WorkerCallback;
}

const leaseMs = 5_000;
/** Signals and finished jobs outlive every jump of the clock. */
const monthMs = 2_592_000_000;

/** One process of the mesh: its own connection, its own clock, an engine, workers, or both. */
export class Process {
  readonly plan: ProcessPlan;
  readonly clock: SkewedClock;
  readonly engine: Engine<MemoryTransaction> | null;
  readonly workers: readonly Worker[];
  isAlive = true;
  readonly #host: ProcessHost;
  readonly #backend: MemoryBackend;
  readonly #nextAt = new Map<Pump, Instant | null>();
  readonly #ticking = new Set<Pump>();

  constructor(plan: ProcessPlan, host: ProcessHost, skewMs: number) {
    this.plan = plan;
    this.#host = host;
    this.clock = new SkewedClock(host.clock, skewMs);
    const { database, clock } = host;
    this.#backend = memoryBackend({ clock, database, faults: this.#faults() });
    const watched = watchedBackend(this.#backend, { ...host, isAlive: () => this.isAlive });
    const shared = { clock: this.clock, logger: this.#logger(), random: () => host.prng.next(), sub: watched.sub };
    let engine: Engine<MemoryTransaction> | null = null;
    const settle = (settlement: Settlement): Promise<Settled> => this.#answer(engine, settlement);
    this.workers = plan.topics.map((topic) => {
      const entries = [{ name: null, callback: host.callback }];
      const { stream } = watched;
      const options = { ...shared, topic, entries, stream, guid: plan.name, leaseMs, poisonThreshold: 1_000_000 };
      return new Worker({ ...options, concurrency: 2, ...(plan.engine && { settle }) });
    });
    if (plan.engine) {
      const limits = { hopsMax: plan.hopsMax, signalKeepMs: monthMs, retentionSeconds: monthMs / 1_000 };
      const handoff = this.workers.length > 0 && { handoff: handoffTo(this.workers) };
      engine = new Engine({
        ...shared,
        appId: "simulated",
        store: watched.store,
        limits,
        batch: 5,
        violations: payloadCheck,
        ...handoff,
      });
    }
    this.engine = engine;
    for (const pump of this.pumps) void pump.listen();
  }

  get pumps(): readonly (Engine<MemoryTransaction> | Worker)[] {
    return this.engine === null ? this.workers : [this.engine, ...this.workers];
  }

  /** Begins a round of a pump, unless one is under way. The caller lets it settle. */
  tick(pump: Pump): void {
    if (!this.isAlive || this.#ticking.has(pump)) return;
    this.#ticking.add(pump);
    pump.tick().then(
      ({ nextAt }) => {
        this.#ticking.delete(pump);
        this.#nextAt.set(pump, nextAt);
      },
      (error: unknown) => this.#host.report(new Violation("a pump never fails", String(error))),
    );
  }

  /** When, by the true clock, one of its pumps wants to be ticked again. */
  get nextAt(): Instant | null {
    const wanted = [...this.#nextAt.values()].filter((at) => at !== null).map((at) => this.clock.trueTime(at));
    return wanted.length === 0 ? null : instant(Math.min(...wanted));
  }

  /** The connection was lost and found again. */
  gap(): void {
    this.#backend.sub.gap();
  }

  kill(): void {
    this.isAlive = false;
    this.#host.note(() => `${this.plan.name} dies`);
    void this.#backend.close();
  }

  async #answer(engine: Engine<MemoryTransaction> | null, settlement: Settlement): Promise<Settled> {
    if (engine === null) throw new Error(`${this.plan.name} has no engine`);
    const settled = engine.answer(settlement);
    if (this.#host.coins.toss("answer-twice")) void engine.answer(settlement).catch(() => {});
    return settled;
  }

  #faults(): Faults {
    const { coins, prng, sabotage, note } = this.#host;
    return {
      ...(sabotage.without !== undefined && { without: new Set(sabotage.without) }),
      beforeCommit: () => this.#strike("crash-before-commit"),
      afterCommit: () => this.#strike("commit-without-answer"),
      losesPublication: () => coins.toss("lost-hint"),
      delayMs: (message) => {
        if (!coins.toss("late-message")) return 0;
        note(() => `${message.kind} of ${message.job} comes late`);
        return 1 + prng.below(3_000);
      },
    };
  }

  #strike(kind: "crash-before-commit" | "commit-without-answer"): void {
    const { coins, note } = this.#host;
    const dies = this.isAlive && coins.toss("dead-process");
    if (dies) this.kill();
    if (!dies && !coins.toss(kind)) return;
    note(() => `${this.plan.name}: ${kind}`);
    throw simulatedFailure(kind);
  }

  /** Whatever a pump complains about is the simulator's doing, or a bug. */
  #logger(): Logger {
    const { report, note } = this.#host;
    const heard = (event: string, meta: readonly unknown[]): void => {
      note(() => `${this.plan.name} says ${event}`);
      const [facts] = meta;
      const error = typeof facts === "object" && facts !== null && "error" in facts ? facts.error : undefined;
      if (isSimulated(error) || event === "worker-lease-expired") return;
      const stack = error instanceof Error ? error.stack : JSON.stringify(meta);
      report(new Violation("no step fails by itself", `${event}: ${stack}`));
    };
    const ignored = (): void => {};
    return { debug: ignored, info: ignored, warn: ignored, error: (event, ...meta) => heard(event, meta) };
  }
}
