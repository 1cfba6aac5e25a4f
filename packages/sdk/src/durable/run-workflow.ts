import { address, type EntryBody, generationId, isJsonObject, type Json, jobId, type RetryPolicy } from "@hotmesh/core";
import type { StreamData, WorkerAnswer, WorkerExecution } from "@hotmesh/worker";
import { readEnvironment } from "../environment.js";
import type { HotMesh } from "../hotmesh.js";
import type { Mesh } from "../mesh.js";
import { recordSpan } from "../telemetry/record-span.js";
import type { Connection } from "./connection.js";
import { traceAnswer, traceEntry, traceError } from "./entry-spans.js";
import { enterFunction, type ReplayCheck, recordsOf, type WorkflowFunction } from "./replay/index.js";
import { usualPolicy, workflowRetries } from "./retry-config.js";

/** Whom a function is run for. */
export interface Serving {
  readonly hotMesh: HotMesh;
  readonly mesh: Mesh;
  readonly connection: Connection;
  /** For workflows that were started without a policy; null: the usual one. */
  readonly policy: RetryPolicy | null;
  readonly replayCheck: ReplayCheck;
}

/** Enters a workflow function as a message asks for it, and answers with what the function asks for. */
export async function runWorkflow(
  { data, metadata, _retryAttempt: failed = 0 }: StreamData,
  { signal }: WorkerExecution,
  served: Serving & { readonly fn: WorkflowFunction },
): Promise<WorkerAnswer> {
  const { fn, hotMesh, mesh, connection, policy, replayCheck } = served;
  const body = data as EntryBody;
  const { jid = "", gid = "", trc, spn } = metadata;
  const { store, logger } = mesh;
  const isFirst = body.recorded === 0 && body.arguments !== undefined;
  const at = address(body.at);
  const passes = isFirst ? [] : await store.readPasses(jobId(jid), generationId(gid), { under: at });
  const turn = passes.find((pass) => pass.address === at);
  const records = recordsOf(passes, body.at);
  const entry = { level: readEnvironment().telemetry, jobId: jid, generation: gid, body, failed, records };
  const canRetry = failed + 1 < (body.policy ?? policy ?? usualPolicy(workflowRetries)).maximumAttempts;
  traceEntry(entry);
  const entering = enterFunction({
    body,
    records,
    fn,
    arguments: body.arguments ?? argumentsIn(turn?.input ?? null, jid),
    replayCheck,
    jobId: jid,
    generation: gid,
    namespace: hotMesh.appId,
    workerPolicy: policy,
    canRetry,
    ...(trc !== undefined && !/^0*$/.test(trc) && { workflowTrace: trc }),
    ...(spn !== undefined && !/^0*$/.test(spn) && { workflowSpan: spn }),
    hotMesh,
    connection,
    warn: (message) => logger.warn("workflow-replayed", { job: jid, workflow: body.workflowName, message }),
    trace: (attributes) => recordSpan(`WORKFLOW/TRACE/${body.workflowName}`, { attributes }),
    signal,
  });
  try {
    const answer = await entering;
    traceAnswer(entry, answer);
    return { data: answer };
  } catch (error) {
    if (!canRetry && !signal.aborted) traceError(entry, error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** What the function was called with when its turn began: it is kept beside its records. */
function argumentsIn(input: Json, id: string): readonly Json[] {
  const given = isJsonObject(input) ? input["arguments"] : undefined;
  if (Array.isArray(given)) return given;
  throw new Error(`the arguments of the function in job ${id} are not stored`);
}
