import type { JsonObject } from "@hotmesh/core";
import { durationMs } from "./duration-ms.js";
import { plainObject } from "./plain-json.js";
import { errorOf, invalid } from "./recorded-error.js";
import { durable } from "./scope.js";

/** A wait that people answer as well. The work item is opened when any of role, type, priority, metadata is given. */
export interface ConditionQueueConfig {
  /** Who may answer. */
  role?: string;
  /** What it is. */
  type?: string;
  /** What it is, more exactly. */
  subtype?: string;
  /** What it is about. */
  entity?: string;
  /** The lower the sooner; 5. */
  priority?: number;
  /** For people. */
  description?: string;
  /** Lineage, as given. */
  originId?: string;
  /** Lineage, as given. */
  parentId?: string;
  /** Who caused it. */
  initiatedBy?: string;
  /** Trace, as given. */
  traceId?: string;
  /** Span, as given. */
  spanId?: string;
  /** Found by what it contains. */
  metadata?: Record<string, unknown>;
  /** What the person needs. */
  envelope?: Record<string, unknown>;
  /** Shown only; `timeout` is what ends the wait. */
  expiresAt?: Date | string | number;
  /** How long the function waits; without end unless given. */
  timeout?: string | number;
  /** Taken from the workflow, whatever is given. */
  taskQueue?: string;
  /** Taken from the workflow, whatever is given. */
  workflowType?: string;
}

/**
 * Waits durably: a number is milliseconds. Resolves with seconds. What is no duration, or none to wait for, passes at
 * once.
 */
export function sleep(duration: string | number): Promise<number> {
  return durable("sleep", async ({ entry, isShielded }) => {
    const n = entry.take();
    const ms = durationMs(duration) ?? 0;
    // Not asked for, so it has no record, and may not meet a cancellation: it would in some entries and not in others.
    if (ms === 0) return 0;
    const { $error } = await entry.ask({ kind: "sleep", name: "", arguments: ms, n, isShielded }, (common) => ({
      ...common,
      kind: "sleep",
      ms,
    }));
    if ($error !== undefined) throw errorOf($error);
    return ms / 1_000;
  });
}

/**
 * Waits for a signal, and resolves with its data: false when the timeout came first, null when the work item of the
 * wait was cancelled.
 */
export function condition<Data = unknown>(
  signalId: string,
  timeout?: string | number | ConditionQueueConfig,
): Promise<Data | false | null> {
  return durable("condition", async ({ entry, isShielded }) => {
    const n = entry.take();
    const config = typeof timeout === "object" ? timeout : { timeout };
    const timeoutMs = timeoutOf(config.timeout);
    const { data, $error } = await entry.ask(
      { kind: "wait", name: signalId, arguments: [signalId], n, isShielded },
      (common) => ({ ...common, kind: "wait", signalId, timeoutMs, ...escalationOf(timeout, entry.body) }),
    );
    if ($error !== undefined) throw errorOf($error);
    return (isAnswer(data) ? data.data : data === false ? false : null) as Data | false | null;
  });
}

function timeoutOf(timeout: string | number | undefined): number | null {
  if (timeout === undefined) return null;
  const ms = durationMs(timeout);
  if (ms === undefined) throw invalid(`a timeout is ${JSON.stringify(timeout)}; expected a duration such as '30s'`);
  return ms;
}

function escalationOf(
  given: string | number | ConditionQueueConfig | undefined,
  { taskQueue, workflowName }: { readonly taskQueue: string; readonly workflowName: string },
): { readonly escalation?: JsonObject } {
  if (typeof given !== "object") return {};
  const { timeout: _, ...item } = given;
  return { escalation: plainObject({ ...item, taskQueue, workflowType: workflowName }, "a work item") };
}

function isAnswer(data: unknown): data is { readonly data: unknown } {
  return typeof data === "object" && data !== null && "data" in data;
}
