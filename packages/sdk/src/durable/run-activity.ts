import { isJsonObject, type Json, type JsonObject } from "@hotmesh/core";
import type { StreamData, WorkerAnswer, WorkerExecution } from "@hotmesh/worker";
import { insideSpan } from "../telemetry/record-span.js";
import { type DurableActivityContext, inActivity } from "./activity-context.js";
import { activityNamed } from "./activity-registry.js";
import { DurableTimeoutError } from "./errors.js";
import { throughActivityInbound } from "./interceptors.js";
import { finalErrorOf, plainJson } from "./replay/index.js";

/** The body of a message that asks for an activity. */
interface Call {
  readonly activityName: string;
  readonly arguments: Json[];
  readonly headers: JsonObject;
  readonly workflowId: string;
  readonly workflowTopic: string;
  /** Null: as long as it takes. */
  readonly timeoutMs: number | null;
}

/**
 * Executes an activity. Errors that say so are its answer and are not tried again; every other one is thrown, and tried
 * again by the policy of the message.
 */
export function runActivity({ data }: StreamData, execution: WorkerExecution): Promise<WorkerAnswer> {
  const call = callOf(data);
  const failureIn = ({ data: answer }: WorkerAnswer): string | undefined =>
    answer !== undefined && "$error" in answer ? messageOf(answer["$error"]) : undefined;
  return insideSpan(`ACTIVITY/${call.activityName}`, { run: () => answerTo(call, execution), failureIn });
}

async function answerTo(call: Call, execution: WorkerExecution): Promise<WorkerAnswer> {
  try {
    const value = plainJson(await execute(call, execution), `what activity ${call.activityName} returns`);
    return { data: value === undefined ? {} : { value } };
  } catch (thrown) {
    const error = finalErrorOf(thrown);
    if (error === null) throw thrown;
    return { data: { $error: error } };
  }
}

function messageOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : "unknown";
}

function callOf(data: Record<string, unknown>): Call {
  const { activityName, arguments: given, headers, workflowId, workflowTopic, timeoutMs } = data as JsonObject;
  return {
    activityName: String(activityName),
    arguments: Array.isArray(given) ? [...given] : [],
    headers: isJsonObject(headers) ? { ...headers } : {},
    workflowId: String(workflowId),
    workflowTopic: String(workflowTopic),
    timeoutMs: typeof timeoutMs === "number" ? timeoutMs : null,
  };
}

async function execute(call: Call, execution: WorkerExecution): Promise<unknown> {
  const { activityName: name, timeoutMs } = call;
  const activity = activityNamed(name);
  if (activity === undefined) throw new Error(`Activity '${name}' not found in registry`);
  const late = new AbortController();
  const args: unknown[] = call.arguments;
  const context = contextOf(call, () => AbortSignal.any([late.signal, execution.signal]));
  const running = inActivity(context, () =>
    throughActivityInbound(name, args, async () => activity(...(args as never[]))),
  );
  return timeoutMs === null ? running : within({ name, timeoutMs, late }, running);
}

/** `signal` is made when it is asked for: most activities do not. */
function contextOf(call: Call, combined: () => AbortSignal): DurableActivityContext {
  const { activityName, arguments: given, headers, workflowId, workflowTopic } = call;
  let signal: AbortSignal | null = null;
  return {
    activityName,
    arguments: given,
    headers,
    workflowId,
    workflowTopic,
    get signal() {
      signal ??= combined();
      return signal;
    },
  };
}

interface TimeLimit {
  readonly name: string;
  readonly timeoutMs: number;
  readonly late: AbortController;
}

/** The function goes on when its time is over, and whatever it comes to is dropped. */
async function within({ name, timeoutMs, late }: TimeLimit, running: Promise<unknown>): Promise<unknown> {
  running.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DurableTimeoutError(`Activity '${name}' did not end within ${timeoutMs} ms`);
      reject(error);
      late.abort(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([running, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
