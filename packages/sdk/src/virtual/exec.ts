import {
  type Cancel,
  DuplicateJobError,
  generationId,
  HotMeshError,
  type JobRecord,
  parseSeconds,
} from "@hotmesh/core";
import { startJob } from "@hotmesh/engine";
import type { Connection } from "../config.js";
import { liveMesh } from "../durable/activate-functions.js";
import { GetStateError, JobTimeoutError } from "../errors.js";
import { HotMesh } from "../hotmesh.js";
import { startRequest } from "../start-request.js";
import { engineOf } from "./engines.js";
import { callTopic } from "./graphs.js";
import type { CallPayload } from "./messages.js";
import { usualNamespace } from "./namespace.js";
import { withPatience } from "./patience.js";
import { isAlive, recordFor, remove } from "./records.js";
import { valueOfJob } from "./serve.js";

/** How a call is kept. */
export interface VirtualExecOptions {
  /** Calls with the same id share one answer as long as it is kept. */
  id?: string;
  /** How long the answer is kept, a duration such as `'1 day'`. With an `id` only. */
  ttl?: string;
  /** True: what is kept is forgotten first. */
  flush?: boolean;
}

/** A call of a function that is connected somewhere. */
export interface VirtualExecParams {
  /** What it is connected as. */
  topic: string;
  /** What it is called with. */
  args: unknown[];
  /** The way to the mesh. */
  connection: Connection;
  /** `hmsh` unless given. */
  namespace?: string;
  /** Whether its answer is kept, and shared. */
  options?: VirtualExecOptions;
}

/** Which answer is to be forgotten. */
export interface VirtualFlushParams {
  /** What the function is connected as. */
  topic: string;
  /** The way to the mesh. */
  connection: Connection;
  /** `hmsh` unless given. */
  namespace?: string;
  /** The id of the call; `options.id` counts as well. */
  id?: string;
  /** The id, as `exec` takes it. */
  options?: { id: string };
}

/** Seconds that a record lives which nobody is going to ask for. */
const briefly = 1;
/** A record that lives longer, in seconds, is seen before it lapses; when it is missing, somebody has flushed it. */
const surelySeen = 10;

/**
 * Calls a function and resolves with what it returns, or with what a call of the same id returned.
 *
 * @throws `JobFailedError` when the function throws past its retries, with `error` and `job_id`.
 * @throws `JobTimeoutError` (504) when there is no answer within 30 seconds.
 * @throws `HotMeshError` of kind `invalid-argument` (400), also when the id is that of another function.
 */
export async function exec<T>({
  topic,
  args,
  connection,
  namespace = usualNamespace,
  options = {},
}: VirtualExecParams): Promise<T> {
  const expire = keptFor(options);
  const hotMesh = await engineOf(connection, namespace);
  const call: CallPayload = { id: options.id ?? HotMesh.guid(), topic, arguments: args, expire };
  return (await withPatience(liveMesh(hotMesh).clock, call.id, async (done) => {
    if (options.id !== undefined && options.flush === true) await forget(hotMesh, call);
    return callOrShare(hotMesh, call, done);
  })) as T;
}

/** Forgets the answer that is kept for an id. Whoever waits for a call of it calls again. */
export async function flush({
  connection,
  namespace = usualNamespace,
  id,
  options,
}: VirtualFlushParams): Promise<void> {
  const named = id ?? options?.id;
  if (typeof named !== "string" || named === "") {
    throw new HotMeshError("invalid-argument", "flush needs the id of a call, as id or options.id");
  }
  await forget(await engineOf(connection, namespace), { id: named });
}

function keptFor({ id, ttl }: VirtualExecOptions): number {
  if (id === undefined || ttl === undefined) return briefly;
  const seconds = parseSeconds(ttl);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw new HotMeshError(
    "invalid-argument",
    `options.ttl is ${JSON.stringify(ttl)}; expected a duration such as '1 day'`,
  );
}

async function forget(hotMesh: HotMesh, { id, topic }: { readonly id: string; readonly topic?: string }) {
  const record = await recordFor(hotMesh, { id, graph: callTopic, ...(topic !== undefined && { topic }) });
  if (record !== null) await remove(hotMesh, record);
}

async function callOrShare(hotMesh: HotMesh, call: CallPayload, done: Cancel): Promise<unknown> {
  while (!done.cancelled) {
    const begun = (await start(hotMesh, call)) ?? (await beginning(hotMesh, call));
    if (begun === null) continue;
    if ("value" in begun) return begun.value;
    try {
      return valueOfJob((await liveMesh(hotMesh).follow(begun.generation, begun.id, done)).data);
    } catch (error) {
      if (!(error instanceof GetStateError)) throw error;
      if (call.expire < surelySeen) throw new JobTimeoutError(call.id);
    }
  }
  throw new JobTimeoutError(call.id);
}

/** A call that is under way. */
type Begun = Pick<JobRecord, "id" | "generation">;

/** Starts a call; null: there is one of its id. */
async function start(hotMesh: HotMesh, call: CallPayload): Promise<Begun | null> {
  const { engine, guid: waiter } = hotMesh;
  if (engine === null) throw new HotMeshError("no-engine", "the instance that calls has no engine");
  const { clock, newId } = liveMesh(hotMesh);
  const generation = generationId(newId());
  const request = startRequest(callTopic, call, { extended: { entity: call.topic } });
  try {
    const { jobId: id } = await startJob({ engine, newId, now: () => clock.now() }, { ...request, generation, waiter });
    return { id, generation };
  } catch (error) {
    if (error instanceof DuplicateJobError) return null;
    throw error;
  }
}

/** What there is of an id: an answer, or a call under way; null: nothing that counts any more. */
async function beginning(hotMesh: HotMesh, call: CallPayload): Promise<Begun | { readonly value: unknown } | null> {
  const record = await recordFor(hotMesh, { id: call.id, graph: callTopic, topic: call.topic });
  if (record === null || isAlive(record)) return record;
  if (record.phase === "completed") return { value: valueOfJob(record.data ?? undefined) };
  // A call that failed is no answer to keep.
  await remove(hotMesh, record);
  return null;
}
