import {
  jobId as asJobId,
  guid as drawGuid,
  type GetStatsOptions,
  HotMeshError,
  type IdsResponse,
  type JobExport,
  type JobOutput,
  type Logger,
  queryState,
  type StatsResponse,
} from "@hotmesh/core";
import { type Engine, startJob } from "@hotmesh/engine";
import type { Quorum, QuorumCallback, QuorumMessage, QuorumProfile, ThrottleOptions } from "@hotmesh/quorum";
import { listWorkerRoles, provisionWorkerRole, revokeWorkerRole, rotateWorkerPassword } from "@hotmesh/store-postgres";
import type { StreamData, StreamStatus, Worker } from "@hotmesh/worker";
import type { Hearing } from "./api/hearing.js";
import type { MeshCalls } from "./api/mesh-calls.js";
import type { Reading } from "./api/reading.js";
import type { Running } from "./api/running.js";
import type { Signalling } from "./api/signalling.js";
import type { TransactionOptions } from "./api/transaction-options.js";
import type { Versions } from "./api/versions.js";
import { backends } from "./backends.js";
import { checkConfig } from "./check-config.js";
import { registerCodec } from "./codec.js";
import type { HotMeshConfig } from "./config.js";
import { compileDocument, deployDocument, type HotMeshManifest, manifestOf } from "./document.js";
import type { JobInterruptOptions } from "./engine-messages.js";
import { readEnvironment } from "./environment.js";
import { injectedAnswer } from "./injected-answer.js";
import { Instances } from "./instances.js";
import { cancelJob, interruptJob, type JobCallPorts, resumeJob } from "./job-calls.js";
import { type ExportOptions, readExport, readRaw, readState, readStatus } from "./job-reads.js";
import { LifeEvents } from "./life-events.js";
import { Mesh } from "./mesh.js";
import { meshes } from "./meshes.js";
import { type ExtensionType, type JobState, refuseClient, startRequest } from "./start-request.js";
import { askedOf, type JobStatsInput, readIds, readStats, type StatisticsPorts, signalAll } from "./statistics.js";
import { sendSignal, submitEvent } from "./submit-event.js";
import type { JobCallback } from "./subscriptions.js";

const instances = new Instances<HotMesh>();

/**
 * One point of presence of an app: an engine, zero or more workers, and their membership in the quorum. Points of
 * presence find each other through Postgres; none is special. Its methods are described in the interfaces, by chapter.
 */
export class HotMesh implements Running, Signalling, Hearing, Versions, Reading, MeshCalls {
  /** `hmsh` unless the configuration says otherwise. */
  readonly namespace: string;
  /** The app, as the configuration names it. */
  readonly appId: string;
  /** Identity of this point of presence. */
  readonly guid: string;
  /** That of the configuration, else lines of JSON on the standard output. */
  readonly logger: Logger;
  /** Null when `init` had no `engine`. */
  readonly engine: Engine<object> | null;
  /** Its place in the control plane. */
  readonly quorum: Quorum;
  /** In the order of the configuration; empty when it has none. */
  readonly workers: readonly Worker[];
  readonly #mesh: Mesh;
  readonly #life: LifeEvents;
  #stopping: Promise<void> | null = null;

  /**
   * Joins the mesh of an app: connects, creates or migrates the schema, and starts its engine and its workers. When it
   * rejects, nothing is left open; while a global stop is under way, it waits for its end.
   *
   * @param config Needs `appId`, and an `engine` or `workers`.
   * @throws `HotMeshError` of kind `invalid-config` (400), `connection-failed` (503), `schema-timeout` (504), `stopped`
   * (409) when `HotMesh.stop` is called meanwhile, or, with the login of a worker role, `forbidden` (403).
   *
   * @example
   * ```ts
   * const connection = { class: Pool, options: { connectionString: "postgresql://localhost/parcels" } };
   * const hotMesh = await HotMesh.init({ appId: "parcels", engine: { connection } });
   * ```
   */
  static async init(config: HotMeshConfig): Promise<HotMesh> {
    return instances.open(async () => {
      checkConfig(config);
      const guid = config.guid ?? HotMesh.guid();
      const mesh = await Mesh.open(config, guid);
      if (instances.has(guid))
        mesh.logger.warn("guid-taken", { guid, hint: "messages to a guid reach all who have it" });
      const hotMesh = new HotMesh(config, guid, mesh);
      hotMesh.#life.begin(mesh.presence.migrated);
      return hotMesh;
    });
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

  /** Has objects and lists encoded wherever Postgres keeps them, in all instances of this process; null ends it. */
  static readonly registerCodec = registerCodec;

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
    meshes.set(this, mesh);
    this.logger = mesh.logger;
    this.engine = mesh.presence.engine;
    this.quorum = mesh.presence.quorum;
    this.workers = mesh.presence.workers;
  }

  async deploy(pathOrYAML: string): Promise<HotMeshManifest> {
    this.#engine("deploy");
    return deployDocument(this.#mesh.store, pathOrYAML, this.appId);
  }

  async plan(pathOrYAML: string): Promise<HotMeshManifest> {
    this.#engine("plan");
    return manifestOf(await compileDocument(pathOrYAML, this.appId));
  }

  async activate(version: string, delay = 250): Promise<boolean> {
    this.#engine("activate");
    return this.#mesh.activate(String(version), delay, this.appId);
  }

  async pub(topic: string, data: object = {}, context?: JobState | null, extended?: ExtensionType): Promise<string> {
    const engine = this.#engine("pub");
    const request = startRequest(topic, data, { context, extended });
    const { clock, newId } = this.#mesh;
    const started = await startJob({ engine, newId, now: () => clock.now() }, request);
    return started.jobId;
  }

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

  async add(streamData: StreamData, options: TransactionOptions = {}): Promise<string> {
    const engine = this.#engine("add");
    const { guid, ...message } = injectedAnswer(streamData, this.#mesh.newId);
    await submitEvent(engine, message, options);
    return guid;
  }

  async signal(
    topic: string,
    data: object,
    status: StreamStatus = "success",
    code = 200,
    options: TransactionOptions = {},
  ): Promise<string> {
    return sendSignal(this.#jobCalls("signal"), { topic, data, status, code }, options);
  }

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

  async interrupt(_topic: string, jobId: string, options: JobInterruptOptions = {}): Promise<string | undefined> {
    return interruptJob(this.#jobCalls("interrupt"), asJobId(jobId), options);
  }

  async cancel(jobId: string): Promise<void> {
    await cancelJob(this.#jobCalls("cancel"), asJobId(jobId));
  }

  async scrub(jobId: string): Promise<void> {
    this.#engine("scrub");
    await this.#mesh.store.scrub(asJobId(jobId));
  }

  async resume(jobId: string): Promise<string> {
    await resumeJob(this.#jobCalls("resume"), asJobId(jobId));
    return jobId;
  }

  async getState(_topic: string, jobId: string): Promise<JobOutput> {
    this.#engine("getState");
    return readState(this.#mesh.store, asJobId(jobId));
  }

  async getStatus(jobId: string): Promise<number> {
    this.#engine("getStatus");
    return readStatus(this.#mesh.store, asJobId(jobId));
  }

  async getQueryState(jobId: string, fields: string[]): Promise<Record<string, string | null>> {
    this.#engine("getQueryState");
    return queryState(await this.#mesh.store.readJob(asJobId(jobId)), fields);
  }

  async getRaw(jobId: string): Promise<Record<string, string>> {
    this.#engine("getRaw");
    return readRaw(this.#mesh.store, asJobId(jobId));
  }

  async export(jobId: string, options: ExportOptions = {}): Promise<JobExport> {
    return readExport({ engine: this.#engine("export"), store: this.#mesh.store }, asJobId(jobId), options);
  }

  async getStats(topic: string, query: JobStatsInput): Promise<StatsResponse> {
    return readStats(this.#statistics("getStats"), topic, query);
  }

  async getIds(topic: string, query: JobStatsInput, queryFacets: string[] = []): Promise<IdsResponse> {
    return readIds(this.#statistics("getIds"), topic, { input: query, facets: queryFacets });
  }

  async resolveQuery(topic: string, query: JobStatsInput): Promise<GetStatsOptions> {
    return (await askedOf(this.#statistics("resolveQuery"), topic, query)).options;
  }

  async compress(_terms: string[]): Promise<boolean> {
    this.#engine("compress");
    return true;
  }

  async sub(topic: string, callback: JobCallback): Promise<void> {
    this.#engine("sub");
    await this.#mesh.subscriptions.sub(topic, callback);
  }

  async psub(pattern: string, callback: JobCallback): Promise<void> {
    this.#engine("psub");
    await this.#mesh.subscriptions.psub(pattern, callback);
  }

  async unsub(topic: string): Promise<void> {
    this.#engine("unsub");
    this.#mesh.subscriptions.unsub(topic);
  }

  async punsub(pattern: string): Promise<void> {
    this.#engine("punsub");
    this.#mesh.subscriptions.punsub(pattern);
  }

  async rollCall(delay = 250): Promise<QuorumProfile[]> {
    this.#live("rollCall");
    return [...(await this.quorum.rollCall(delay))];
  }

  async throttle(options: ThrottleOptions): Promise<boolean> {
    this.#live("throttle");
    await this.#mesh.throttle(options);
    return true;
  }

  async pubQuorum(message: QuorumMessage): Promise<boolean> {
    this.#live("pubQuorum");
    if (message?.type === "throttle") return this.throttle(message);
    await this.quorum.publish(message);
    return true;
  }

  async subQuorum(callback: QuorumCallback): Promise<void> {
    this.#live("subQuorum");
    this.quorum.subscribe(callback);
    await this.#mesh.subscriptions.listen();
  }

  async unsubQuorum(callback: QuorumCallback): Promise<void> {
    this.#live("unsubQuorum");
    this.quorum.unsubscribe(callback);
  }

  stop(): Promise<void> {
    meshes.delete(this);
    this.#stopping ??= this.#mesh.close().finally(() => {
      instances.remove(this);
      this.#life.end();
    });
    return this.#stopping;
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
    throw new HotMeshError("no-engine", `${method} needs an engine, but init had no config.engine`);
  }

  #live(method: string): void {
    if (this.#stopping === null) return;
    throw new HotMeshError("stopped", `${method} was called on an instance that has been stopped; init a new one`);
  }
}
