import { Canceller, type Clock, type Logger, parseSeconds } from "@hotmesh/core";
import { payloadCheck } from "@hotmesh/core/compiler";
import { type DuressReport, Engine } from "@hotmesh/engine";
import { Attendance, type Attendant, Quorum } from "@hotmesh/quorum";
import { Worker, type WorkerEntry } from "@hotmesh/worker";
import { policyOf } from "./check-config.js";
import type { AnyBackend, HotMeshConfig, HotMeshEngine, HotMeshWorker } from "./config.js";
import { type Borrowed, connect, isOfWorker } from "./connect.js";
import type { Environment } from "./environment.js";
import { announcing } from "./escalations/announcing.js";
import { handoffTo } from "./handoff.js";
import { attendant, engineMember, type Instance, workerMember } from "./members.js";
import { SystemEvents } from "./system-events.js";
import { SystemHealthReader } from "./system-health.js";
import type { Tracing } from "./telemetry/tracing.js";

export interface PresenceOptions {
  readonly config: HotMeshConfig;
  readonly namespace: string;
  readonly guid: string;
  readonly clock: Clock;
  /** For waits that must not keep the process alive. */
  readonly patience: Clock;
  readonly logger: Logger;
  readonly environment: Environment;
  readonly tracing: Tracing;
}

/** Worker entries that share one consumer. */
interface Consumer {
  readonly config: HotMeshWorker;
  readonly path: string;
  readonly entries: readonly WorkerEntry[];
}

/** Everything that one `init` starts: an engine, workers, and their membership in the quorum. */
export class Presence {
  readonly quorum: Quorum;
  /** The backend of the engine, or of the first worker. */
  readonly backend: AnyBackend;
  engine: Engine<object> | null = null;
  readonly workers: Worker[] = [];
  readonly #options: PresenceOptions;
  readonly #borrowed: Borrowed[];
  readonly #working = new Canceller();
  readonly #stepping = new Canceller();
  readonly #attending = new Canceller();
  readonly #running: { workers: Promise<void>[]; engine: Promise<void> | null; attendances: Promise<void>[] } = {
    workers: [],
    engine: null,
    attendances: [],
  };
  #attendances: readonly Attendance[] = [];

  /** Resolves when LISTEN is in place and the first claims are on their way; when it rejects, nothing is left open. */
  static async open(options: PresenceOptions): Promise<Presence> {
    const { config, namespace } = options;
    const borrowed: Borrowed[] = [];
    const borrow = async (given: HotMeshEngine | HotMeshWorker, path: string): Promise<AnyBackend> => {
      const { appId, taskQueue } = config;
      const one = await connect(given, { path, namespace, appId, taskQueue });
      borrowed.push(one);
      return one.backend;
    };
    let presence: Presence | null = null;
    try {
      const engineBackend = config.engine === undefined ? null : await borrow(config.engine, "config.engine");
      const consumers: (Consumer & { readonly backend: AnyBackend })[] = [];
      for (const consumer of consumersOf(config.workers ?? [])) {
        consumers.push({ ...consumer, backend: await borrow(consumer.config, consumer.path) });
      }
      presence = new Presence(options, borrowed);
      await presence.#start(engineBackend, consumers);
      return presence;
    } catch (error) {
      if (presence !== null) await presence.#abandon();
      else for (const one of borrowed) await one.giveBack();
      throw error;
    }
  }

  private constructor(options: PresenceOptions, borrowed: Borrowed[]) {
    const { config, namespace, guid, clock, logger } = options;
    const [first] = borrowed;
    if (first === undefined) throw new Error("a presence without engine and workers has nothing to connect to");
    this.#options = options;
    this.#borrowed = borrowed;
    this.backend = first.backend;
    this.quorum = new Quorum({ namespace, appId: config.appId, guid, sub: this.backend.sub, clock, logger });
  }

  /** Opening it created or changed the schema of the app. */
  get migrated(): boolean {
    return this.#borrowed.some(({ migrated }) => migrated);
  }

  /** Ends claiming. Workers first: what they answer while they end is still decided here. */
  async drain(): Promise<void> {
    this.#working.cancel();
    await Promise.all(this.#running.workers);
    this.#stepping.cancel();
    await this.#running.engine;
  }

  /** Obeys what the mesh is told by now. */
  async obey(): Promise<void> {
    for (const attendance of this.#attendances) await attendance.check();
  }

  /** Closes what was opened. */
  async leave(): Promise<void> {
    await this.quorum.leave();
    this.#attending.cancel();
    await Promise.all(this.#running.attendances);
    for (const attendance of this.#attendances) await attendance.leave();
    for (const one of this.#borrowed) await one.giveBack();
  }

  /** Takes a start back that failed half-way. */
  async #abandon(): Promise<void> {
    await this.drain();
    for (const member of [...this.workers, ...(this.engine === null ? [] : [this.engine])]) await member.deafen();
    await this.leave();
  }

  async #start(
    engineBackend: AnyBackend | null,
    consumers: readonly (Consumer & { readonly backend: AnyBackend })[],
  ): Promise<void> {
    const { config } = this.#options;
    const isFast = config.engine?.handoff !== false;
    for (const consumer of consumers) {
      this.workers.push(this.#worker(consumer, isFast && consumer.backend === engineBackend));
    }
    if (config.engine !== undefined && engineBackend !== null) {
      const local = consumers.flatMap(({ backend }, index) => (backend === engineBackend ? [index] : []));
      const hands = isFast ? this.workers.filter((_, index) => local.includes(index)) : [];
      this.engine = this.#engine(config.engine, engineBackend, hands);
    }
    this.#attendances = this.#enlist(consumers);
    await this.quorum.join();
    // Before the first claim: the mesh may be paused.
    await this.obey();
    this.#running.attendances = this.#attendances.map((attendance) => attendance.run(this.#attending));
    await this.engine?.listen();
    for (const worker of this.workers) await worker.listen();
    this.#running.engine = this.engine?.run(this.#stepping) ?? null;
    this.#running.workers = this.workers.map((worker) => worker.run(this.#working));
  }

  #engine(config: HotMeshEngine, backend: AnyBackend, workers: readonly Worker[]): Engine<object> {
    const { clock, logger, environment, tracing, guid, config: whole } = this.#options;
    const retentionSeconds = parseSeconds(config.retention) ?? environment.retentionSeconds;
    return new Engine<object>({
      appId: whole.appId,
      store: announcing(backend, new SystemEvents(whole.events)),
      sub: backend.sub,
      clock,
      logger,
      policy: policyOf(config),
      concurrency: config.concurrency ?? environment.engineConcurrency,
      pollMs: environment.pollMs,
      readonly: isReadonly(config),
      violations: payloadCheck,
      observe: { channel: `observe/${guid}`, ...tracing.observer },
      limits: {
        retentionSeconds,
        cyclesMax: environment.cyclesMax,
        signalKeepMs: environment.signalKeepMs,
      },
      duress: environment.duress,
      onDuress: (report) => void this.#announce(report),
      ...(workers.length > 0 && { handoff: handoffTo(workers) }),
    });
  }

  /** For observers; nobody acts on it. */
  async #announce({ level, scoreMs, floorMs }: DuressReport): Promise<void> {
    const { guid: originator, logger } = this.#options;
    const message = { type: "duress", originator, duress_score_ms: scoreMs, throttle_ms: floorMs, level } as const;
    await this.quorum.publish(message).catch((error: unknown) => logger.warn("duress-not-announced", { error }));
  }

  #worker(consumer: Consumer & { readonly backend: AnyBackend }, isLocal: boolean): Worker {
    const { clock, logger, environment, tracing, guid, config } = this.#options;
    const { backend, entries } = consumer;
    return new Worker({
      topic: consumer.config.topic,
      entries,
      stream: backend.stream,
      sub: backend.sub,
      clock,
      logger,
      guid,
      concurrency: consumer.config.concurrency ?? environment.workerConcurrency,
      leaseMs: environment.leaseMs,
      capMs: environment.leaseCapMs,
      policy: policyOf(consumer.config),
      pollMs: environment.pollMs,
      poisonThreshold: environment.poisonThreshold,
      around: (execution, run) => tracing.execute(execution, run),
      readonly: isReadonly(consumer.config),
      ...(config.drainMs !== undefined && { drainMs: config.drainMs }),
      // The engine is made after its workers, so it is looked up when the first answer comes.
      ...(isLocal && {
        settle: (settlement) => {
          const engine = this.#localEngine();
          return engine.takesAnswers ? engine.answer(settlement) : null;
        },
      }),
    });
  }

  #localEngine(): Engine<object> {
    if (this.engine === null) throw new Error("a local worker answered before its engine was made");
    return this.engine;
  }

  /** A member of the quorum for the engine, and one for each entry of `workers`. */
  #enlist(consumers: readonly (Consumer & { readonly backend: AnyBackend })[]): readonly Attendance[] {
    const { config } = this.#options;
    const instance = this.#instance();
    if (this.engine !== null) {
      this.quorum.add(engineMember(this.engine, { instance, store: this.backend.store, config: config.engine ?? {} }));
    }
    this.workers.forEach((worker, index) => {
      const consumer = consumers[index];
      if (consumer === undefined) return;
      const options = { instance, store: consumer.backend.store, config: consumer.config };
      const { config, entries } = consumer;
      for (const { callback } of config.entries === undefined ? entries : [config]) {
        this.quorum.add(workerMember(worker, { ...options, callback }));
      }
    });
    return this.#attendanceOf(consumers, instance);
  }

  /** All members check in together, but a worker with a role of its own does so by itself, for others it may not. */
  #attendanceOf(
    consumers: readonly (Consumer & { readonly backend: AnyBackend })[],
    instance: Instance,
  ): readonly Attendance[] {
    const { clock, logger, environment } = this.#options;
    const common = consumers.find(({ backend }) => !isOfWorker(backend))?.backend ?? this.backend;
    const groups = new Map<AnyBackend, Attendant[]>();
    const enlist = (backend: AnyBackend, member: Engine<object> | Worker): void => {
      groups.set(backend, [...(groups.get(backend) ?? []), attendant(member, instance)]);
    };
    if (this.engine !== null) enlist(this.backend, this.engine);
    this.workers.forEach((worker, index) => {
      const own = consumers[index]?.backend ?? common;
      enlist(isOfWorker(own) ? own : this.engine === null ? common : this.backend, worker);
    });
    return [...groups].map(
      ([{ registry }, members]) =>
        new Attendance({ registry, members, clock, logger, pollMs: Math.min(5_000, environment.pollMs) }),
    );
  }

  #instance(): Instance {
    const { namespace, guid, clock, patience, config } = this.#options;
    return {
      namespace,
      guid,
      appId: config.appId,
      clock,
      health: new SystemHealthReader({ clock: patience }),
      reread: () => {
        for (const attendance of this.#attendances) attendance.wake();
      },
      version: () => this.engine?.activations.known?.version ?? null,
    };
  }
}

/** Entries of one topic share a consumer when one of them has a name; otherwise each is a consumer of its own. */
export function consumersOf(workers: readonly HotMeshWorker[]): readonly Consumer[] {
  const dispatched = new Set(workers.flatMap(({ topic, workflowName }) => (workflowName === undefined ? [] : [topic])));
  const consumers: Consumer[] = [];
  const joined: (Consumer & { readonly entries: WorkerEntry[] })[] = [];
  workers.forEach((config, index) => {
    const path = `config.workers[${index}]`;
    if (config.entries !== undefined) {
      // The very list: entries come and go while the consumer runs.
      consumers.push({ config, path, entries: config.entries });
      return;
    }
    const entry = { name: config.workflowName ?? null, callback: config.callback };
    const known = joined.find(
      (consumer) =>
        consumer.config.topic === config.topic &&
        consumer.config.workerCredentials?.user === config.workerCredentials?.user,
    );
    if (known !== undefined && dispatched.has(config.topic)) known.entries.push(entry);
    else {
      const own = { config, path, entries: [entry] };
      joined.push(own);
      consumers.push(own);
    }
  });
  return consumers;
}

function isReadonly(config: HotMeshEngine | HotMeshWorker): boolean {
  const { connection } = config;
  const connected = typeof connection === "object" && connection !== null && "readonly" in connection;
  return connected ? connection.readonly === true : config.readonly === true;
}
