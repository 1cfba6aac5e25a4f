import {
  jobId as asJobId,
  guid as drawGuid,
  type GetStatsOptions,
  HotMeshError,
  type IdsResponse,
  type JobExport,
  type JobOutput,
  type Logger,
  messageKey,
  type OutgoingMessage,
  queryState,
  type StatsResponse,
  type Verdict,
} from "@hotmesh/core";
import { type Engine, startJob } from "@hotmesh/engine";
import type { Quorum, QuorumCallback, QuorumMessage, QuorumProfile, ThrottleOptions } from "@hotmesh/quorum";
import { listWorkerRoles, provisionWorkerRole, revokeWorkerRole, rotateWorkerPassword } from "@hotmesh/store-postgres";
import type { StreamData, StreamStatus, Worker } from "@hotmesh/worker";
import { backends } from "./backends.js";
import { checkConfig } from "./check-config.js";
import type { HotMeshConfig } from "./config.js";
import { compileDocument, type HotMeshManifest, manifestOf } from "./document.js";
import { type JobInterruptOptions, signalMessage } from "./engine-messages.js";
import { readEnvironment } from "./environment.js";
import { injectedAnswer } from "./injected-answer.js";
import { Instances } from "./instances.js";
import { cancelJob, interruptJob, type JobCallPorts, resumeJob } from "./job-calls.js";
import { type ExportOptions, readExport, readRaw, readState, readStatus } from "./job-reads.js";
import { LifeEvents } from "./life-events.js";
import { Mesh } from "./mesh.js";
import { type ExtensionType, type JobState, jsonObject, refuseClient, startRequest } from "./start-request.js";
import { askedOf, type JobStatsInput, readIds, readStats, type StatisticsPorts, signalAll } from "./statistics.js";
import type { JobCallback } from "./subscriptions.js";

/** Take part in the caller's open transaction. */
export interface TransactionOptions {
  client?: object;
}

const instances = new Instances<HotMesh>();

/**
 * One point of presence of an app: an engine, zero or more workers, and their membership in the quorum. Points of
 * presence find each other through Postgres; none is special.
 */
export class HotMesh {
  /** `hmsh` unless the configuration says otherwise. */
  readonly namespace: string;
  readonly appId: string;
  /** Identity of this point of presence. */
  readonly guid: string;
  readonly logger: Logger;
  /** Null when `init` had no `engine`. */
  readonly engine: Engine<object> | null;
  readonly quorum: Quorum;
  readonly workers: readonly Worker[];
  readonly #mesh: Mesh;
  readonly #life: LifeEvents;
  #stopping: Promise<void> | null = null;

  /** Joins the mesh of an app. When it rejects, nothing is left open. */
  static async init(config: HotMeshConfig): Promise<HotMesh> {
    await instances.settled();
    const guid = config.guid ?? HotMesh.guid();
    checkConfig(config);
    const mesh = await Mesh.open(config, guid);
    if (instances.has(guid)) mesh.logger.warn("guid-taken", { guid, hint: "messages to a guid reach all who have it" });
    const hotMesh = new HotMesh(config, guid, mesh);
    instances.add(hotMesh);
    hotMesh.#life.begin(mesh.presence.migrated);
    return hotMesh;
  }

  /**
   * Makes a login that can work on these streams of an app, and do nothing else: `workerCredentials` of a worker take
   * it. Doing it again gives the role a new password. `namespace` is the schema of the app.
   */
  static readonly provisionWorkerRole = provisionWorkerRole;
  /** Gives a worker role a new password. */
  static readonly rotateWorkerPassword = rotateWorkerPassword;
  /** Ends a worker role: nobody can log in with it, and who is logged in can do nothing. */
  static readonly revokeWorkerRole = revokeWorkerRole;
  /** The worker roles of an app, those that are revoked too. */
  static readonly listWorkerRoles = listWorkerRoles;

  /** A new unique id: `H` and 22 characters of `A-Za-z0-9_-`. */
  static guid(): string {
    return drawGuid(globalThis.crypto, readEnvironment().guidSize);
  }

  /** Stops every instance of this process. Afterwards `init` may be called again. */
  static stop(): Promise<void> {
    return instances.stopAll();
  }

  /** True while a global stop is under way. */
  static get disconnecting(): boolean {
    return instances.isStopping;
  }

  private constructor(config: HotMeshConfig, guid: string, mesh: Mesh) {
    this.namespace = config.namespace ?? "hmsh";
    this.appId = config.appId;
    this.guid = guid;
    this.#mesh = mesh;
    this.#life = new LifeEvents(config, guid, mesh.clock);
    backends.set(this, mesh.presence.backend);
    this.logger = mesh.logger;
    this.engine = mesh.presence.engine;
    this.quorum = mesh.presence.quorum;
    this.workers = mesh.presence.workers;
  }

  /** Stores a graph document: a path, a URL, or the YAML itself. It does nothing until it is activated. */
  async deploy(pathOrYAML: string): Promise<HotMeshManifest> {
    this.#engine("deploy");
    const compiled = await compileDocument(pathOrYAML, this.appId);
    const { version } = compiled.plan;
    if ((await this.#mesh.store.deploy(compiled.plan)) === "version-active") {
      const hint = "raise app.version to deploy a change";
      throw new HotMeshError("version-active", 409, `Version ${version} of app ${this.appId} is active; ${hint}`);
    }
    return manifestOf(compiled);
  }

  /** What `deploy` would say, without storing anything. */
  async plan(pathOrYAML: string): Promise<HotMeshManifest> {
    this.#engine("plan");
    return manifestOf(await compileDocument(pathOrYAML, this.appId));
  }

  /** Switches the whole mesh to a deployed version; `delay` is the pause in milliseconds after each broadcast. */
  async activate(version: string, delay = 250): Promise<boolean> {
    this.#engine("activate");
    return this.#mesh.activate(String(version), delay, this.appId);
  }

  /** Starts a job of the graph that subscribes to `topic`; its id. What follows is stored when the promise resolves. */
  async pub(topic: string, data: object = {}, context?: JobState | null, extended?: ExtensionType): Promise<string> {
    const engine = this.#engine("pub");
    const request = startRequest(topic, data, { context, extended });
    const { clock, newId } = this.#mesh;
    const started = await startJob({ engine, newId, now: () => clock.now() }, request);
    return started.jobId;
  }

  /**
   * Starts a job and waits for its result: the first interim document counts too, unless `options.final` is true.
   * Rejects with `JobFailedError`, or after `timeout` milliseconds (10,000) with `JobTimeoutError`.
   */
  async pubsub(
    topic: string,
    data: object = {},
    context?: JobState | null,
    timeout?: number,
    options: { final?: boolean } = {},
  ): Promise<JobOutput> {
    const engine = this.#engine("pubsub");
    refuseClient(options);
    const request = { ...startRequest(topic, data, { context }), waiter: this.guid };
    return this.#mesh.startAndWait(engine, request, { timeoutMs: timeout, final: options.final === true });
  }

  /** Answers an open activity from outside; the id of the answer. One `metadata.guid` counts once. */
  async add(streamData: StreamData, options: TransactionOptions = {}): Promise<string> {
    this.#engine("add");
    const { guid, ...message } = injectedAnswer(streamData, this.#mesh.newId);
    const verdict = await this.#submit(message, options);
    if (verdict.outcome === "rejected")
      throw new HotMeshError(verdict.kind, verdict.failure.code, verdict.failure.message);
    if (verdict.outcome === "stale") this.logger.debug("answer-stale", { job: message.job, guid });
    return guid;
  }

  /** Sends a signal to whoever waits for it, or will; the id of the signal. */
  async signal(
    topic: string,
    data: object,
    status: StreamStatus = "success",
    code = 200,
    options: TransactionOptions = {},
  ): Promise<string> {
    const engine = this.#engine("signal");
    const key = messageKey(this.#mesh.newId());
    const plans = await engine.activations.everActive();
    const payload = jsonObject(data, `the data of signal ${topic}`);
    const message = signalMessage({ key, topic, data: payload, status, code, plans });
    const verdict = await this.#submit(message, options);
    if (verdict.outcome === "rejected")
      throw new HotMeshError(verdict.kind, verdict.failure.code, verdict.failure.message);
    return key;
  }

  /**
   * Signals every job of a statistics index, each with its own id as `id` of the payload; `queryFacets` name lists of
   * the index, `<path>:<value>`, and without them every job gets the signal, once. Any engine of the mesh delivers it;
   * the promise gives the keys of the lists that have jobs.
   */
  async signalAll(
    hookTopic: string,
    data: object,
    query: JobStatsInput,
    queryFacets: string[] = [],
  ): Promise<string[]> {
    const ports = this.#statistics("signalAll");
    const { newId } = this.#mesh;
    const lists = await signalAll(ports, { topic: hookTopic, data, query, facets: queryFacets, newId });
    if (lists.length > 0) await this.#mesh.announceWork(this.guid);
    return lists;
  }

  /**
   * Ends a job at once, with an error unless `throw` is false. The job is found by its id. Resolves with the id of the
   * message that tells a parent which awaits the job; undefined: nobody does.
   */
  async interrupt(_topic: string, jobId: string, options: JobInterruptOptions = {}): Promise<string | undefined> {
    return interruptJob(this.#jobCalls("interrupt"), asJobId(jobId), options);
  }

  /** Asks the code of a job to stop by itself: code-first workflows look. A job that is over or unknown is no error. */
  async cancel(jobId: string): Promise<void> {
    await cancelJob(this.#jobCalls("cancel"), asJobId(jobId));
  }

  /**
   * Removes a job in whatever state, with its messages, hooks and timers: it is not found any more and its id is free.
   * Nobody is told, neither a parent nor a caller that waits. An unknown id is no error.
   */
  async scrub(jobId: string): Promise<void> {
    this.#engine("scrub");
    await this.#mesh.store.scrub(asJobId(jobId));
  }

  /** Starts a pending job; its id. */
  async resume(jobId: string): Promise<string> {
    await resumeJob(this.#jobCalls("resume"), asJobId(jobId));
    return jobId;
  }

  /** The job's output so far. `topic` need not match: the job is found by its id. Throws `GetStateError`. */
  async getState(_topic: string, jobId: string): Promise<JobOutput> {
    this.#engine("getState");
    return readState(this.#mesh.store, asJobId(jobId));
  }

  /** The job's status number: above 0 it runs, 0 it is closed, -1 pending, about -1e9 interrupted. */
  async getStatus(jobId: string): Promise<number> {
    this.#engine("getStatus");
    return readStatus(this.#mesh.store, asJobId(jobId));
  }

  /**
   * Named fields of a job, as they are stored: search fields by their names, `":"` the status, `'"-lot"'` a marker;
   * what is in double quotes is read as it stands. All are null when the job is not found.
   */
  async getQueryState(jobId: string, fields: string[]): Promise<Record<string, string | null>> {
    this.#engine("getQueryState");
    return queryState(await this.#mesh.store.readJob(asJobId(jobId)), fields);
  }

  /**
   * Every stored value of a job as texts, those of the engine too: `:` the status, `_x` search fields, `-m` markers,
   * `data/…` and `metadata/…` of the job, `<activity>/…,<address>` of its passes. `{}` when the job is not found.
   * The lowest level; `getState` is to be preferred.
   */
  async getRaw(jobId: string): Promise<Record<string, string>> {
    this.#engine("getRaw");
    return readRaw(this.#mesh.store, asJobId(jobId));
  }

  /** A job with all its passes. `enrich_inputs` adds every attempt with its input, times and error. */
  async export(jobId: string, options: ExportOptions = {}): Promise<JobExport> {
    return readExport({ engine: this.#engine("export"), store: this.#mesh.store }, asJobId(jobId), options);
  }

  /** What was counted of the jobs of a graph that have one `stats.key`: sums, means, medians and counts by value. */
  async getStats(topic: string, query: JobStatsInput): Promise<StatsResponse> {
    return readStats(this.#statistics("getStats"), topic, query);
  }

  /** The ids of such jobs, by list of the graph's index: those that `queryFacets` name, `<path>:<value>`, or all. */
  async getIds(topic: string, query: JobStatsInput, queryFacets: string[] = []): Promise<IdsResponse> {
    return readIds(this.#statistics("getIds"), topic, { input: query, facets: queryFacets });
  }

  /** How a question about statistics is understood: the key its data gives, and what time is meant. */
  async resolveQuery(topic: string, query: JobStatsInput): Promise<GetStatsOptions> {
    return (await askedOf(this.#statistics("resolveQuery"), topic, query)).options;
  }

  /**
   * Does nothing.
   * @deprecated Names are stored in full, so there is nothing to compress.
   */
  async compress(_terms: string[]): Promise<boolean> {
    this.#engine("compress");
    return true;
  }

  /** Hears every emission and completion of graphs that publish `topic`, or of one job: `topic.<jobId>`. */
  async sub(topic: string, callback: JobCallback): Promise<void> {
    this.#engine("sub");
    await this.#mesh.subscriptions.sub(topic, callback);
  }

  /** As `sub`, for all topics that match a pattern: `*` stands for any run of characters. */
  async psub(pattern: string, callback: JobCallback): Promise<void> {
    this.#engine("psub");
    await this.#mesh.subscriptions.psub(pattern, callback);
  }

  /** Removes all callbacks of `sub` for this very topic. */
  async unsub(topic: string): Promise<void> {
    this.#engine("unsub");
    this.#mesh.subscriptions.unsub(topic);
  }

  /** Removes all callbacks of `psub` for this very pattern. */
  async punsub(pattern: string): Promise<void> {
    this.#engine("punsub");
    this.#mesh.subscriptions.punsub(pattern);
  }

  /** The profiles of all members of the mesh that answer within `delay` milliseconds. */
  async rollCall(delay = 250): Promise<QuorumProfile[]> {
    this.#live("rollCall");
    return [...(await this.quorum.rollCall(delay))];
  }

  /**
   * Slows down or pauses engines and workers, the whole mesh unless the options name a target: `throttle` is the number
   * of milliseconds between two messages, 0 removes it, -1 pauses. No message is lost, and members that join later obey
   * as well. True when the command is stored and sent.
   */
  async throttle(options: ThrottleOptions): Promise<boolean> {
    this.#live("throttle");
    await this.#mesh.throttle(options);
    return true;
  }

  /** Sends a message to every member of the mesh; true once sent. One of type `throttle` is a call of `throttle`. */
  async pubQuorum(message: QuorumMessage): Promise<boolean> {
    this.#live("pubQuorum");
    if (message?.type === "throttle") return this.throttle(message);
    await this.quorum.publish(message);
    return true;
  }

  /** Hears every message of the mesh, its own included. */
  async subQuorum(callback: QuorumCallback): Promise<void> {
    this.#live("subQuorum");
    this.quorum.subscribe(callback);
    await this.#mesh.subscriptions.listen();
  }

  /** Removes a callback that was given to `subQuorum`. */
  async unsubQuorum(callback: QuorumCallback): Promise<void> {
    this.#live("unsubQuorum");
    this.quorum.unsubscribe(callback);
  }

  /** Leaves the mesh: running callbacks may end, everything else is given back. Calling it twice is harmless. */
  stop(): Promise<void> {
    this.#stopping ??= this.#mesh.close().finally(() => {
      instances.remove(this);
      this.#life.end();
    });
    return this.#stopping;
  }

  #submit(message: OutgoingMessage, options: TransactionOptions): Promise<Verdict> {
    const engine = this.#engine("submit");
    return options.client === undefined ? engine.submit(message) : engine.submitWithin(message, options.client);
  }

  #jobCalls(method: string): JobCallPorts {
    return { engine: this.#engine(method), newId: this.#mesh.newId };
  }

  #statistics(method: string): StatisticsPorts {
    const { store, clock } = this.#mesh;
    return { engine: this.#engine(method), store, clock };
  }

  #engine(method: string): Engine<object> {
    this.#live(method);
    if (this.engine !== null) return this.engine;
    throw new HotMeshError("no-engine", 400, `${method} needs an engine, but init had no config.engine`);
  }

  #live(method: string): void {
    if (this.#stopping === null) return;
    throw new HotMeshError("stopped", 409, `${method} was called on an instance that has been stopped`);
  }
}
