import {
  acceptsHooks,
  generationId,
  type HookPayload,
  HotMeshError,
  hookTopic,
  jobId,
  type RunPayload,
  runTopic,
} from "@hotmesh/core";
import { startJob } from "@hotmesh/engine";
import type { HotMesh } from "../hotmesh.js";
import { type ExtensionType, type JobState, startRequest } from "../start-request.js";
import { liveMesh } from "./activate-functions.js";
import { sendSignal, WorkflowHandle } from "./handle.js";
import { plainArguments, storedFields } from "./replay/index.js";
import { retryPolicy, workflowRetries } from "./retry-config.js";
import { searchJobs } from "./search.js";
import type { HookOptions, WorkflowOptions } from "./workflow-options.js";
import { hookTarget, type ResolvedTarget, startTarget } from "./workflow-target.js";

/** How a client comes to the engine of a namespace. */
export type EngineSource = (namespace: string | undefined, guid?: string) => Promise<HotMesh>;

/** What a client does with workflows. */
export class ClientWorkflow {
  readonly #engine: EngineSource;

  /** `new Client(...)` makes it. */
  constructor(engine: EngineSource) {
    this.#engine = engine;
  }

  /**
   * Starts a workflow. It exists, with its search fields and its first message, when the promise resolves; a worker
   * need not be there yet.
   *
   * @throws `DuplicateJobError` (kind `job-exists`, 409): a workflow of the namespace has the id and has not expired.
   * @throws `HotMeshError` of kind `invalid-argument` (400).
   */
  async start(options: WorkflowOptions): Promise<WorkflowHandle> {
    const target = startTarget(options);
    const workflowId = options.workflowId ?? "";
    const payload = runPayload(options, target);
    const hotMesh = await this.#engine(options.namespace, options.guid);
    const mesh = liveMesh(hotMesh);
    const generation = generationId(mesh.newId());
    const id = workflowId === "" ? mesh.newId() : workflowId;
    const request = startRequest(runTopic, { ...payload, workflowId: id }, extrasOf(options));
    const { clock, newId } = mesh;
    const engine = liveEngine(hotMesh);
    const fields = { ...request.fields, ...storedFields(options.search?.data) };
    const job = { ...request, fields, generation, waiter: hotMesh.guid };
    await startJob({ engine, newId, now: () => clock.now() }, job);
    return new WorkflowHandle({ hotMesh, workflowTopic: topicOf(target), workflowId: id, generation });
  }

  /**
   * Answers the wait for `signalId`, whichever workflow of the namespace it is in. When nobody waits yet, the signal is
   * kept for 10 minutes, or for `expire` (`'30d'`), and a newer one of the same id takes its place.
   */
  async signal(signalId: string, data?: unknown, namespace?: string, expire?: string): Promise<string> {
    return sendSignal(await this.#engine(namespace), { signalId, data, expire });
  }

  /**
   * Runs another function inside of a workflow, beside its main function: it shares search fields and entity.
   *
   * @returns The id of the message.
   * @throws `HotMeshError` of kind `hook-closed` (409): the workflow is over or missing, or takes no hooks.
   */
  async hook(options: HookOptions): Promise<string> {
    const { workflowId, args, search, config, namespace } = options;
    const target = hookTarget(options);
    if (workflowId === undefined || workflowId === "") throw invalid("workflowId is missing");
    const payload: HookPayload & { readonly $expire: string } = {
      job: workflowId,
      ...target,
      arguments: plainArguments(args ?? [], "args of a hook"),
      policy: retryPolicy(config, workflowRetries),
      ...(search?.data !== undefined && { fields: storedFields(search.data) }),
      // Not to be found by a later workflow of the same id.
      $expire: "0s",
    };
    const hotMesh = await this.#engine(namespace);
    const record = await liveMesh(hotMesh).store.readJob(jobId(workflowId));
    if (record === null || !acceptsHooks(record)) {
      const why = record === null ? "there is none" : "it is over, or was started with signalIn: false";
      throw new HotMeshError("hook-closed", `Workflow ${workflowId} takes no hook: ${why}`);
    }
    return hotMesh.signal(hookTopic, payload, "pending", 202);
  }

  /** A handle on a workflow; whether it exists is not looked at. */
  async getHandle(
    taskQueue: string,
    workflowName: string,
    workflowId: string,
    namespace?: string,
  ): Promise<WorkflowHandle> {
    const workflowTopic = topicOf({ taskQueue, workflowName });
    return new WorkflowHandle({ hotMesh: await this.#engine(namespace), workflowTopic, workflowId });
  }

  /**
   * Runs a statement on the views of a namespace, which are in reach by their bare names, `jobs`, `jobs_attributes`.
   *
   * @param _taskQueue Without effect.
   * @param _workflowName Without effect.
   * @param namespace `durable` unless given.
   * @param _index Without effect.
   * @param sql The statement; `$1` stands for the first of `params`.
   * @returns The rows.
   */
  async search(
    _taskQueue: string,
    _workflowName: string,
    namespace: string | null,
    _index: string,
    sql: string,
    ...params: unknown[]
  ): Promise<Record<string, unknown>[]> {
    return searchJobs({ hotMesh: await this.#engine(namespace ?? undefined), sql, params });
  }
}

function runPayload(options: WorkflowOptions, target: ResolvedTarget): Omit<RunPayload, "workflowId"> {
  const { args, config, expire, persistent, signalIn, originJobId, parentWorkflowId } = options;
  if (args !== undefined && !Array.isArray(args)) throw invalid("args must be a list of positional arguments");
  if (expire !== undefined && !Number.isFinite(expire)) throw invalid(`expire is ${String(expire)}; expected seconds`);
  return {
    ...target,
    arguments: plainArguments(args ?? [], "args of a workflow"),
    policy: retryPolicy(config, workflowRetries),
    ...(expire !== undefined && { expire: Math.max(0, expire) }),
    ...(persistent !== undefined && { persistent }),
    ...(signalIn !== undefined && { signalIn }),
    ...(originJobId !== undefined && { originJobId }),
    ...(parentWorkflowId !== undefined && { parentWorkflowId }),
  };
}

function extrasOf(options: WorkflowOptions): { readonly context: JobState; readonly extended: ExtensionType } {
  const { marker, pending, entity, workflowTrace, workflowSpan } = options;
  return {
    context: {
      metadata: {
        ...(workflowTrace !== undefined && { trc: workflowTrace }),
        ...(workflowSpan !== undefined && { spn: workflowSpan }),
      },
    },
    extended: {
      ...(marker !== undefined && { marker }),
      ...(pending !== undefined && { pending }),
      ...(entity !== undefined && { entity }),
    },
  };
}

function liveEngine(hotMesh: HotMesh) {
  if (hotMesh.engine !== null) return hotMesh.engine;
  throw new HotMeshError("no-engine", "workflow.start needs an engine, but the instance has none");
}

function topicOf({ taskQueue, workflowName }: ResolvedTarget): string {
  return `${taskQueue}-${workflowName}`;
}

function invalid(message: string): HotMeshError {
  return new HotMeshError("invalid-argument", message);
}
