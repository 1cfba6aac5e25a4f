import { isJsonObject, type Json, type JsonObject, jsonOf } from "@hotmesh/core";
import type { StreamData, WorkerAnswer } from "@hotmesh/worker";
import type { HotMesh } from "../hotmesh.js";
import { withContext } from "./context.js";
import { nextTurn } from "./interval.js";
import type { CallPayload, CronPayload, Turn } from "./messages.js";

/** A function that is called over the mesh. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments are whatever callers send.
export type VirtualCallback = (...args: any[]) => unknown;

/** What a callback is served with. */
export interface Serving {
  readonly namespace: string;
  readonly topic: string;
  readonly callback: VirtualCallback;
  /** Executions of a message in all, the first included. */
  readonly attempts: number;
  /** The instance that serves it. */
  readonly hotMesh: () => Promise<HotMesh>;
}

/** A schedule goes on in its inner loop for so many runs. */
const turnsPerRound = 1_000;

/** The worker callback that executes calls and runs of schedules. */
export function serve(serving: Serving): (message: StreamData) => Promise<WorkerAnswer> {
  return async (message) => {
    const { call, cron, turn } = message.data as { call?: CallPayload; cron?: CronPayload; turn?: Turn };
    if (cron !== undefined && turn !== undefined) return run(serving, message, { cron, turn });
    if (call === undefined)
      throw new Error(`a message of topic ${serving.topic} is neither a call nor a scheduled run`);
    const value = await execute(serving, message, { id: call.id, kind: "call", given: call.arguments });
    return { data: valueData(value) };
  };
}

async function run(
  serving: Serving,
  message: StreamData,
  { cron, turn }: { readonly cron: CronPayload; readonly turn: Turn },
): Promise<WorkerAnswer> {
  const { topic, attempts } = serving;
  const { quorum, logger, guid: originator } = await serving.hotMesh();
  const attempt = attemptOf(message);
  if (attempt === 1) {
    // Others look for timers that are due. Nobody needs it: it may be lost.
    await quorum.publish({ type: "cron", originator, topic, id: cron.id }).catch((error: unknown) => {
      logger.warn("scheduled-run-not-announced", { topic, id: cron.id, error });
    });
  }
  try {
    await execute(serving, message, { id: cron.id, kind: "cron", given: cron.arguments });
  } catch (error) {
    if (cron.onError !== "continue" || attempt < attempts) throw error;
    logger.error("scheduled-run-failed", { topic, id: cron.id, error });
  }
  const next = nextTurn(cron.interval, turn, Date.now());
  if (next.count >= cron.maxCycles) return { data: { goTo: "end" } };
  return { data: { goTo: next.count % turnsPerRound === 0 ? "anew" : "again", turn: { ...next } } };
}

function execute(
  { namespace, topic, callback }: Serving,
  message: StreamData,
  { id, kind, given }: { readonly id: string; readonly kind: "call" | "cron"; readonly given: readonly unknown[] },
): Promise<unknown> {
  const { guid, dad = "", trc = "", spn = "" } = message.metadata;
  const context = {
    ...{ topic, workflowId: id, workflowName: `${namespace}.${kind}`, dimension: dad },
    ...{ attempt: attemptOf(message), guid, traceId: trc, spanId: spn },
  };
  return withContext(context, async () => callback(...given));
}

function attemptOf({ _retryAttempt = 0 }: StreamData): number {
  return _retryAttempt + 1;
}

function valueData(value: unknown): Record<string, unknown> {
  const json: Json | undefined = jsonOf(value);
  return json === undefined ? {} : { value: json };
}

/** What a call came to, from the data of its job. */
export function valueOfJob(data: JsonObject | undefined): unknown {
  return isJsonObject(data) ? data["value"] : undefined;
}
