import type { ChildRequest, OperationRecord, RunPayload } from "@hotmesh/core";
import { DurableRetryError } from "../errors.js";
import { retryPolicy, workflowRetries } from "../retry-config.js";
import type { WorkflowOptions } from "../workflow-options.js";
import { derivedId } from "./derived-id.js";
import type { Entry } from "./entry.js";
import { plainArguments } from "./plain-json.js";
import { errorOf, invalid, isCancelledRecord, takenId } from "./recorded-error.js";
import { durable, type Scope } from "./scope.js";
import { storedFields } from "./stored-fields.js";

/** Starts another workflow, and resolves with its result. */
export function executeChild<Result = unknown>(options: WorkflowOptions): Promise<Result> {
  return durable("executeChild", async (scope) => {
    const kind = options.await === false ? "start" : "child";
    return (await childOutcome(scope, kind, options)) as Result;
  });
}

/** Starts another workflow, and resolves with its id as soon as it exists. */
export function startChild(options: WorkflowOptions): Promise<string> {
  return durable("startChild", async (scope) => String(await childOutcome(scope, "start", options)));
}

async function childOutcome(
  { entry, isShielded }: Scope,
  kind: ChildRequest["kind"],
  options: WorkflowOptions,
): Promise<unknown> {
  const given = plainArguments(options.args, "an argument of a child");
  const n = entry.take();
  const payload = payloadOf(entry, { ...options, args: given }, n);
  // The id was taken when it was asked for; the function has been tried again, and asks for another one.
  const isStale = ({ $error }: OperationRecord): boolean => {
    const taken = $error === undefined ? null : takenId($error);
    return taken !== null && options.workflowId !== undefined && taken !== options.workflowId;
  };
  const { data, $error } = await entry.ask(
    { kind, name: payload.workflowName, arguments: given, n, isShielded, isStale },
    (common) => ({
      ...common,
      kind,
      payload,
      entity: options.entity ?? null,
      fields: storedFields(options.search?.data),
    }),
  );
  if ($error === undefined) return kind === "start" ? (data ?? payload.workflowId) : data;
  if (options.config?.throwOnError === false && !isCancelledRecord($error)) return { ...$error };
  throw errorOf($error, DurableRetryError);
}

function payloadOf(entry: Entry, options: WorkflowOptions, n: number): RunPayload {
  const { body } = entry;
  const { entity, config, persistent, signalIn, originJobId, parentWorkflowId, expire = body.expire } = options;
  sameNamespace(entry, options.namespace);
  const workflowName = options.workflowName ?? entity;
  if (workflowName === undefined) throw invalid("a child needs a workflowName, or an entity that stands for it");
  const isLabel = options.workflowName !== undefined || entity === undefined;
  return {
    workflowId: options.workflowId ?? generatedId(entry, { workflowName, entity, n }),
    workflowName,
    taskQueue: options.taskQueue ?? (isLabel ? body.taskQueue : entity),
    arguments: plainArguments(options.args, "an argument of a child"),
    policy: retryPolicy(config, workflowRetries),
    ...(expire !== undefined && { expire }),
    ...(persistent !== undefined && { persistent }),
    ...(signalIn !== undefined && { signalIn }),
    ...(originJobId !== undefined && { originJobId }),
    ...(parentWorkflowId !== undefined && { parentWorkflowId }),
  };
}

interface Naming {
  readonly workflowName: string;
  readonly entity: string | undefined;
  readonly n: number;
}

function generatedId(entry: Entry, { workflowName, entity, n }: Naming): string {
  return `${entity ?? `-${workflowName}`}-${derivedId(entry, n)}-${entry.body.dimension}-${n}`;
}

/** Everything that a function asks for happens in the namespace of its job. */
export function sameNamespace({ options }: Entry, namespace: string | undefined): void {
  if (namespace === undefined || namespace === options.namespace) return;
  throw invalid(`namespace is ${namespace}; a function of namespace ${options.namespace} can only reach that one`);
}
