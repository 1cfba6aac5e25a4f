import { Canceller, type Clock, type Logger, parseSeconds } from "@hotmesh/core";
import { payloadCheck } from "@hotmesh/core/compiler";
import { Engine } from "@hotmesh/engine";
import { Quorum } from "@hotmesh/quorum";
import { Worker, type WorkerEntry } from "@hotmesh/worker";
import { policyOf } from "./check-config.js";
import type { AnyBackend, HotMeshConfig, HotMeshEngine, HotMeshWorker } from "./config.js";
import { type Borrowed, connect } from "./connect.js";
import type { Environment } from "./environment.js";
import { handoffTo } from "./handoff.js";
import { engineMember, workerMember } from "./members.js";

export interface PresenceOptions {
  readonly config: HotMeshConfig;
  readonly namespace: string;
  readonly guid: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly environment: Environment;
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
  readonly #running: { workers: Promise<void>[]; engine: Promise<void> | null } = { workers: [], engine: null };

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
      if (presence !== null) await presence.leave();
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

  /** Ends claiming. Workers first: what they answer while they end is still decided here. */
  async drain(): Promise<void> {
    this.#working.cancel();
    await Promise.all(this.#running.workers);
    this.#stepping.cancel();
    await this.#running.engine;
  }

  /** Closes what was opened. */
  async leave(): Promise<void> {
    await this.quorum.leave();
    for (const one of this.#borrowed) await one.giveBack();
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
    this.#enlist(consumers);
    await this.quorum.join();
    await this.engine?.listen();
    for (const worker of this.workers) await worker.listen();
    this.#running.engine = this.engine?.run(this.#stepping) ?? null;
    this.#running.workers = this.workers.map((worker) => worker.run(this.#working));
  }

  #engine(config: HotMeshEngine, backend: AnyBackend, workers: readonly Worker[]): Engine<object> {
    const { clock, logger, environment, guid, config: whole } = this.#options;
    const retentionSeconds = parseSeconds(config.retention) ?? environment.retentionSeconds;
    return new Engine<object>({
      appId: whole.appId,
      store: backend.store,
      sub: backend.sub,
      clock,
      logger,
      policy: policyOf(config),
      concurrency: config.concurrency ?? environment.engineConcurrency,
      pollMs: environment.pollMs,
      readonly: isReadonly(config),
      violations: payloadCheck,
      observe: { channel: `observe/${guid}` },
      limits: {
        retentionSeconds,
        cyclesMax: environment.cyclesMax,
        signalKeepMs: environment.signalKeepMs,
      },
      ...(workers.length > 0 && { handoff: handoffTo(workers) }),
    });
  }

  #worker(consumer: Consumer & { readonly backend: AnyBackend }, isLocal: boolean): Worker {
    const { clock, logger, environment, guid, config } = this.#options;
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
      readonly: isReadonly(consumer.config),
      ...(config.drainMs !== undefined && { drainMs: config.drainMs }),
      // The engine is made after its workers, so it is looked up when the first answer comes.
      ...(isLocal && { settle: (settlement) => this.#localEngine().answer(settlement) }),
    });
  }

  #localEngine(): Engine<object> {
    if (this.engine === null) throw new Error("a local worker answered before its engine was made");
    return this.engine;
  }

  /** A member for the engine, and one for each entry of `workers`. */
  #enlist(consumers: readonly (Consumer & { readonly backend: AnyBackend })[]): void {
    const { namespace, guid, clock, config } = this.#options;
    const common = { namespace, guid, appId: config.appId, clock };
    if (this.engine !== null) this.quorum.add(engineMember(this.engine, { ...common, store: this.backend.store }));
    consumers.forEach(({ backend, entries }, index) => {
      const worker = this.workers[index];
      for (const _entry of worker === undefined ? [] : entries) {
        if (worker !== undefined) this.quorum.add(workerMember(worker, { ...common, store: backend.store }));
      }
    });
  }
}

/** Entries of one topic share a consumer when one of them has a name; otherwise each is a consumer of its own. */
export function consumersOf(workers: readonly HotMeshWorker[]): readonly Consumer[] {
  const dispatched = new Set(workers.flatMap(({ topic, workflowName }) => (workflowName === undefined ? [] : [topic])));
  const consumers: (Consumer & { readonly entries: WorkerEntry[] })[] = [];
  workers.forEach((config, index) => {
    const entry = { name: config.workflowName ?? null, callback: config.callback };
    const known = consumers.find((consumer) => consumer.config.topic === config.topic);
    if (known !== undefined && dispatched.has(config.topic)) known.entries.push(entry);
    else consumers.push({ config, path: `config.workers[${index}]`, entries: [entry] });
  });
  return consumers;
}

function isReadonly(config: HotMeshEngine | HotMeshWorker): boolean {
  const { connection } = config;
  const connected = typeof connection === "object" && connection !== null && "readonly" in connection;
  return connected ? connection.readonly === true : config.readonly === true;
}
