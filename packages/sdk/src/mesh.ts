import {
  after,
  type Cancel,
  Canceller,
  type Clock,
  guid as drawGuid,
  type GenerationId,
  generationId,
  type JobId,
  type JobOutput,
  type JobRecord,
  type Logger,
  resultChannel,
  type Store,
  type Subscription,
  type Timers,
  timerClock,
} from "@hotmesh/core";
import { type Engine, type StartJob, startJob } from "@hotmesh/engine";
import { activate, type ThrottleOptions, throttle } from "@hotmesh/quorum";
import type { HotMeshConfig } from "./config.js";
import { isOfWorker } from "./connect.js";
import { readEnvironment } from "./environment.js";
import { JobTimeoutError } from "./errors.js";
import { jsonLogger } from "./logger.js";
import { Presence } from "./presence.js";
import { Results } from "./results.js";
import { Subscriptions } from "./subscriptions.js";
import { tracedLogger } from "./telemetry/traced-logger.js";
import { openTelemetry } from "./telemetry/tracer.js";

/** What a HotMesh instance is made of. */
export class Mesh {
  readonly presence: Presence;
  readonly store: Store<object>;
  readonly subscriptions: Subscriptions;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly #results: Results;
  /** For waits that must not keep the process alive. */
  readonly #patience: Clock;
  readonly #resultTimeoutMs: number;
  #resultHints: Subscription | null = null;

  static async open(config: HotMeshConfig, guid: string): Promise<Mesh> {
    const environment = readEnvironment();
    const { appId, name, namespace = "hmsh", logLevel: level = environment.logLevel } = config;
    const clock = config.clock ?? timerClock(globalThis);
    const write = (line: string): void => void process.stdout.write(line);
    const now = (): number => clock.now();
    const logger = config.logger ?? jsonLogger({ level, appId, guid, write, now, ...(name !== undefined && { name }) });
    const patience = config.clock ?? timerClock(quietTimers);
    const tracing = openTelemetry(appId, environment.telemetry);
    const inner = tracedLogger(logger, tracing);
    const common = { config, namespace, guid, clock, patience, environment, tracing };
    const presence = await Presence.open({ ...common, logger: inner });
    const newId = (): string => drawGuid(globalThis.crypto, environment.guidSize);
    const { resultTimeoutMs } = environment;
    const mesh = new Mesh(presence, { clock, patience, logger, inner, newId, resultTimeoutMs });
    try {
      await mesh.#listen(guid);
      return mesh;
    } catch (error) {
      await presence.drain();
      await presence.leave();
      throw error;
    }
  }

  private constructor(
    presence: Presence,
    parts: Pick<Mesh, "clock" | "logger" | "newId"> & {
      /** The logger of what runs inside: its errors are traced. */
      readonly inner: Logger;
      readonly patience: Clock;
      readonly resultTimeoutMs: number;
    },
  ) {
    const { clock, patience, logger, inner, newId, resultTimeoutMs } = parts;
    const { quorum, backend } = presence;
    const { store, sub } = backend;
    this.presence = presence;
    this.store = store;
    this.clock = clock;
    this.logger = logger;
    this.newId = newId;
    this.#resultTimeoutMs = resultTimeoutMs;
    this.#patience = patience;
    this.#results = new Results({ store, clock: patience, logger: inner });
    const everything = {
      // A worker role may not read the jobs that are announced.
      wants: () => quorum.hasListeners && !isOfWorker(backend),
      hear: (topic: string, job: JobOutput) => quorum.tell({ type: "job", topic, job }),
    };
    this.subscriptions = new Subscriptions({ store, sub, logger: inner, everything });
  }

  /** Starts a job whose caller waits. The waiter is there before the job is, so that no result can be missed. */
  async startAndWait(
    engine: Engine<object>,
    request: StartJob<object>,
    options: { readonly timeoutMs: number | undefined; readonly final: boolean },
  ): Promise<JobOutput> {
    const { clock, newId } = this;
    const generation = generationId(newId());
    const result = this.#results.wait(generation, options.final);
    // The job may fail before its start has been reported; the error is awaited below all the same.
    result.catch(() => {});
    const onPrepared = (id: JobId): void => this.#results.name(generation, id);
    const ports = { engine, newId, now: () => clock.now(), onPrepared };
    try {
      const { jobId } = await startJob(ports, { ...request, generation });
      return await this.#within(options.timeoutMs ?? this.#resultTimeoutMs, result, jobId);
    } finally {
      this.#results.forget(generation);
    }
  }

  /** The result of a job that was started; rejects with `GetStateError` when it is gone. */
  watch(generation: GenerationId, id: JobId, hasResult: (record: JobRecord) => boolean): Promise<JobOutput> {
    return this.#results.watch(generation, id, hasResult);
  }

  /** The same for one caller, who does not wait any more when `cancel` fires: then it stays open. */
  follow(generation: GenerationId, id: JobId, cancel: Cancel): Promise<JobOutput> {
    return this.#results.follow(generation, id, cancel);
  }

  /** Stores a command and tells the mesh of it. The members of this instance obey it when this resolves. */
  async throttle(options: ThrottleOptions): Promise<void> {
    const { quorum, backend } = this.presence;
    await throttle({ quorum, registry: backend.registry }, options);
    await this.presence.obey();
  }

  /** Switches the mesh to a deployed version. */
  activate(version: string, delayMs: number, appId: string): Promise<boolean> {
    const { store, clock, logger, newId } = this;
    const { quorum, backend } = this.presence;
    const holder = newId();
    return activate({ quorum, store, registry: backend.registry, clock, logger, holder, appId, version, delayMs });
  }

  /** Tells the mesh that there is much to do. Everything is found without it. */
  async announceWork(originator: string): Promise<void> {
    try {
      await this.presence.quorum.publish({ type: "work", originator });
    } catch (error) {
      this.logger.warn("work-not-announced", { error });
    }
  }

  /** Lets callbacks end and decides what they answer; then everything is closed that was opened here. */
  async close(): Promise<void> {
    try {
      await this.presence.drain();
    } finally {
      this.#results.close();
      await this.subscriptions.close();
      await this.#resultHints?.close();
      await this.presence.leave();
    }
  }

  async #within(timeoutMs: number, result: Promise<JobOutput>, jobId: JobId): Promise<JobOutput> {
    if (timeoutMs <= 0) throw new JobTimeoutError(jobId);
    const done = new Canceller();
    const timeout = this.#patience.sleep(after(this.#patience.now(), timeoutMs), done).then(() => {
      throw new JobTimeoutError(jobId);
    });
    try {
      return await Promise.race([result, timeout]);
    } finally {
      done.cancel();
      // The cancelled sleep ends in an error that nobody waits for any more.
      timeout.catch(() => {});
    }
  }

  async #listen(guid: string): Promise<void> {
    if (this.presence.engine === null) return;
    const { sub } = this.presence.backend;
    this.#resultHints = await sub.subscribe(resultChannel(guid), (body, isTrusted) =>
      this.#results.hear(body, isTrusted),
    );
  }
}

/** Timers that a process does not wait for when it has nothing else to do. */
const quietTimers: Timers<NodeJS.Timeout> = {
  Date,
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: (handle) => clearTimeout(handle),
};
