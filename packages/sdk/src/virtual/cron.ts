import { DuplicateJobError, HotMeshError, parseSeconds } from "@hotmesh/core";
import type { Connection, HotMeshConfig } from "../config.js";
import { connectOnce, type VirtualRetry } from "./connect.js";
import { engineOf } from "./engines.js";
import { cronTopic } from "./graphs.js";
import { cronInterval, firstTurn } from "./interval.js";
import type { CronPayload } from "./messages.js";
import { usualNamespace } from "./namespace.js";
import { isAlive, recordFor, remove } from "./records.js";
import type { VirtualCallback } from "./serve.js";

/** When the runs of a schedule come. */
export interface VirtualCronOptions {
  /** One schedule of an id is alive at a time. */
  id: string;
  /** A duration of at least one second, or a cron expression in UTC. */
  interval: string;
  /** Runs in all; 100,000. */
  maxCycles?: number;
  /** Of a duration: the wait before the first run, a duration. */
  delay?: string | number;
  /** What a run does to the schedule that failed past its retries: it ends it, or the next run is planned. */
  onError?: "end" | "continue";
}

/** A function that is to be run again and again. */
export interface VirtualCronParams {
  /** The name by which it is connected. */
  topic: string;
  /** What it is called with. */
  args: unknown[];
  /** The way to the mesh. */
  connection: Connection;
  /** Serves the topic in this process, too. */
  callback?: VirtualCallback;
  /** Which schedule it is, and when its runs come. */
  options: VirtualCronOptions;
  /** What becomes of a run that fails; of `callback`. */
  retry?: VirtualRetry;
  /** `hmsh` unless given. */
  namespace?: string;
  /** Identity of the instance that serves `callback`. */
  guid?: string;
  /** Least level of what that instance logs; `warn`. */
  logLevel?: HotMeshConfig["logLevel"];
}

/** Which schedule is to end. */
export interface VirtualInterruptParams {
  /** The name by which its function is connected. */
  topic: string;
  /** The way to the mesh. */
  connection: Connection;
  /** `hmsh` unless given. */
  namespace?: string;
  /** Which one. */
  options: VirtualInterruptOptions;
}

/** By which a schedule is known. */
export interface VirtualInterruptOptions {
  /** The id it was started with. */
  id: string;
}

const usualCycles = 100_000;

/**
 * Starts a schedule; true when it did, false when one with the id is alive: every instance may ask at its start. The
 * next run is planned when the callback has ended, so runs never overlap and ticks that passed are skipped.
 *
 * @throws `HotMeshError` of kind `invalid-argument` (400) for an interval that is neither a duration nor an expression,
 * and for an id that is that of a call.
 */
export async function cron(params: VirtualCronParams): Promise<boolean> {
  const { topic, connection, callback, namespace = usualNamespace, options, ...how } = params;
  const payload = payloadOf(params);
  if (callback !== undefined) {
    const { retry, guid, logLevel } = how;
    await connectOnce({
      ...{ topic, connection, callback, namespace },
      ...(retry !== undefined && { retry }),
      ...(guid !== undefined && { guid }),
      ...(logLevel !== undefined && { logLevel }),
    });
  }
  const hotMesh = await engineOf(connection, namespace);
  for (;;) {
    try {
      await hotMesh.pub(cronTopic, payload, null, { entity: topic });
      return true;
    } catch (error) {
      if (!(error instanceof DuplicateJobError)) throw error;
    }
    const record = await recordFor(hotMesh, { id: options.id, graph: cronTopic });
    if (record === null) continue;
    if (isAlive(record)) return false;
    // It has ended. Its record would lapse in a moment.
    await remove(hotMesh, record);
  }
}

/** Ends a schedule; true when one was running. Its id is free at once. */
export async function interrupt(params: VirtualInterruptParams): Promise<boolean> {
  const { connection, namespace = usualNamespace, options } = params;
  const hotMesh = await engineOf(connection, namespace);
  const record = await recordFor(hotMesh, { id: options.id, graph: cronTopic });
  if (record === null || !isAlive(record)) return false;
  try {
    await hotMesh.interrupt(cronTopic, options.id, { throw: false });
  } catch (error) {
    // It has ended by itself meanwhile.
    if (HotMeshError.is(error) && (error.kind === "job-completed" || error.kind === "job-not-found")) return false;
    throw error;
  }
  await remove(hotMesh, record);
  return true;
}

function payloadOf({ topic, args, options }: VirtualCronParams): CronPayload {
  const { id, interval: text, maxCycles = usualCycles, delay = 0, onError = "end" } = options;
  if (typeof id !== "string" || id === "") throw invalid("options.id", id, "a text");
  const interval = cronInterval(text);
  const seconds = parseSeconds(delay);
  if (seconds === undefined) throw invalid("options.delay", delay, "a duration such as '5s'");
  if (!Number.isInteger(maxCycles) || maxCycles < 1) throw invalid("options.maxCycles", maxCycles, "a number above 0");
  const first = firstTurn(interval, { now: Date.now(), delay: seconds });
  return { id, topic, arguments: args, interval, maxCycles, onError, first };
}

function invalid(name: string, found: unknown, expected: string): HotMeshError {
  return new HotMeshError(
    "invalid-argument",
    `Virtual.cron: ${name} is ${JSON.stringify(found)}; expected ${expected}`,
  );
}
