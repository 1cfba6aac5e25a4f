import { identityOf } from "../connect.js";
import { readEnvironment } from "../environment.js";
import { HotMesh } from "../hotmesh.js";
import { meshes } from "../meshes.js";
import { activateFunctions, liveMesh } from "./activate-functions.js";
import { type ActivityQueue, activityConsumer, activityEntry, consumeActivities } from "./activity-consumers.js";
import { registerActivities } from "./activity-registry.js";
import { openActivityConsumer } from "./activity-worker.js";
import { isReadonly } from "./connection.js";
import { outside } from "./outside.js";
import type { WorkflowFunction } from "./replay/index.js";
import { retryPolicy, usualPolicy, workflowRetries } from "./retry-config.js";
import { runWorkflow, type Serving } from "./run-workflow.js";
import { namedFunctions, usualNamespace, type WorkerConfig } from "./worker-config.js";
import { WorkflowQueue } from "./workflow-queue.js";

const queues = new Map<string, WorkflowQueue>();
const live = new Set<Worker>();

/** Serves workflow functions on a queue, and activities beside it. It works from the moment it is made. */
export class Worker {
  /** The queue it listens on. */
  readonly taskQueue: string;
  /** The engine and the consumers of this worker. */
  readonly hotMesh: HotMesh;
  readonly #config: WorkerConfig;
  readonly #leave: () => void;
  #stopping: Promise<void> | null = null;

  /**
   * Opens a worker. Its functions are known by their own names, its activities to the whole process. The first worker
   * or client of a namespace creates the schema and activates what functions need, unless its connection is readonly.
   *
   * @throws `HotMeshError` of kind `invalid-config` (400), and whatever `HotMesh.init` throws.
   */
  static async create(config: WorkerConfig): Promise<Worker> {
    const functions = namedFunctions(config.workflow);
    if (config.activities !== undefined) registerActivities(config.activities);
    const queue = queueOf(config);
    const activities = activitiesOf(config);
    const consumes = activityConsumer(activities) === null;
    // In a later turn: the functions are served by then.
    const opening = outside(async () => {
      await Promise.resolve();
      return open(config, queue, consumes ? activities : null);
    });
    if (consumes) consumeActivities(activities, opening);
    const leave = serve(config, { queue, functions, opening });
    try {
      const hotMesh = await opening;
      const worker = new Worker(hotMesh, config, leave);
      live.add(worker);
      if (hotMesh.engine !== null && !isReadonly(config.connection)) {
        await activateFunctions(hotMesh, true).catch(async (error: unknown) => {
          await worker.stop();
          throw error;
        });
      }
      return worker;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Stops the workers of this process. Others may be made at once. */
  static async shutdown(): Promise<void> {
    const stopping = [...live];
    live.clear();
    await Promise.all(stopping.map((worker) => worker.stop()));
  }

  private constructor(hotMesh: HotMesh, config: WorkerConfig, leave: () => void) {
    this.taskQueue = config.taskQueue;
    this.hotMesh = hotMesh;
    this.#config = config;
    this.#leave = leave;
  }

  /** Does nothing: a worker works from the moment it is made. */
  async run(): Promise<void> {}

  /** Lets functions end that run now, and stops. Another worker of the queue goes on with its activities. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    live.delete(this);
    await this.hotMesh.stop();
    this.#leave();
    const activities = activitiesOf(this.#config);
    const next = [...live].find((worker) => queueKey(worker.#config) === queueKey(this.#config));
    if (next === undefined || activityConsumer(activities) !== null) return;
    const { guid: _, ...config } = next.#config;
    await openActivityConsumer(activities, config);
  }
}

function open(config: WorkerConfig, { entries }: WorkflowQueue, activities: ActivityQueue | null): Promise<HotMesh> {
  const { connection, namespace = usualNamespace, taskQueue, options = {}, workerCredentials, events, guid } = config;
  const { concurrency, logLevel } = options;
  return HotMesh.init({
    appId: namespace,
    ...(workerCredentials === undefined && { engine: { connection } }),
    workers: [
      {
        topic: taskQueue,
        connection,
        callback: async () => {},
        entries,
        ...(workerCredentials !== undefined && { workerCredentials }),
        ...(concurrency !== undefined && { concurrency }),
      },
      ...(activities === null ? [] : [activityEntry(activities, concurrency)]),
    ],
    ...(logLevel !== undefined && { logLevel }),
    ...(events !== undefined && { events }),
    ...(guid !== undefined && { guid }),
  });
}

/** Adds the functions to those of the queue; what is returned takes them away. */
function serve(
  config: WorkerConfig,
  {
    queue,
    functions,
    opening,
  }: {
    readonly queue: WorkflowQueue;
    readonly functions: ReadonlyMap<string, WorkflowFunction>;
    readonly opening: Promise<HotMesh>;
  },
): () => void {
  const { connection, options = {} } = config;
  const policy = retryPolicy(options, workflowRetries);
  let opened: HotMesh | null = null;
  const serving = opening.then((hotMesh): Serving => {
    opened = hotMesh;
    const { replayCheck = "names" } = options;
    return { hotMesh, mesh: liveMesh(hotMesh), connection, policy, replayCheck };
  });
  serving.catch(() => {});
  const leave = queue.serve({
    functions,
    concurrency: options.concurrency ?? readEnvironment().workerConcurrency,
    policy: policy ?? usualPolicy(workflowRetries),
    isLive: () => opened === null || meshes.has(opened),
    run: async (fn, message, execution) => runWorkflow(message, execution, { ...(await serving), fn }),
  });
  if (!isReadonly(connection)) queues.set(queueKey(config), queue);
  return () => {
    leave();
    if (queue.entries.length === 0 && queues.get(queueKey(config)) === queue) queues.delete(queueKey(config));
  };
}

/** Workers of one queue share their functions. One that never works keeps its own to itself. */
function queueOf(config: WorkerConfig): WorkflowQueue {
  return queues.get(queueKey(config)) ?? new WorkflowQueue();
}

function queueKey({ connection, namespace = usualNamespace, taskQueue, workerCredentials }: WorkerConfig): string {
  return identityOf([connection, namespace, taskQueue, workerCredentials]);
}

function activitiesOf(config: WorkerConfig): ActivityQueue {
  const { connection, namespace = usualNamespace, taskQueue, workerCredentials } = config;
  return { connection, namespace, topic: `${taskQueue}-activity`, workerCredentials };
}
