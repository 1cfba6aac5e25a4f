import { HotMeshError } from "@hotmesh/core";
import type { Connection, HotMeshConfig } from "../config.js";
import { identityOf } from "../connect.js";
import { isReadonly } from "../durable/connection.js";
import { outside } from "../durable/outside.js";
import { HotMesh } from "../hotmesh.js";
import { meshes } from "../meshes.js";
import { activateGraphs } from "./activate-graphs.js";
import { usualNamespace } from "./namespace.js";
import { serve, type VirtualCallback } from "./serve.js";

/** How often a callback is executed that fails. */
export interface VirtualRetry {
  /** Executions in all, the first included; 3. */
  maximumAttempts?: number;
  /** The wait before retry n is `initialInterval · backoffCoefficient ^ n`; 2. */
  backoffCoefficient?: number;
  /** A duration; `'1s'`. */
  initialInterval?: string | number;
  /** The longest wait, a duration; `'30s'`. */
  maximumInterval?: string | number;
}

/** A function that is to be callable from anywhere. */
export interface VirtualConnectParams {
  /** The name by which it is called. */
  topic: string;
  /** What is executed with the arguments of a call. */
  callback: VirtualCallback;
  /** Either this or `connections`. */
  connection?: Connection;
  /** The long form: `{ store, stream, sub }`. */
  connections?: Connection;
  /** `hmsh` unless given. */
  namespace?: string;
  /** Identity of the instance; a new one unless given. */
  guid?: string;
  /** Least level of what is logged; `warn`. */
  logLevel?: HotMeshConfig["logLevel"];
  /** What becomes of a call that fails. */
  retry?: VirtualRetry;
}

const connected = new Set<Promise<HotMesh>>();

/** Makes a function callable by a topic, from every process of the namespace. Resolves once it is served. */
export async function connect(params: VirtualConnectParams): Promise<HotMesh> {
  const { topic, callback } = params;
  if (typeof topic !== "string" || topic === "") throw invalid("topic", "a text");
  if (typeof callback !== "function") throw invalid("callback", "a function");
  const connection = params.connection ?? params.connections;
  if (connection === undefined) throw invalid("connection", "{ class: Client, options }");
  const opening = outside(() => open(params, connection));
  connected.add(opening);
  opening.catch(() => connected.delete(opening));
  return opening;
}

/** Instances of this process that serve schedules. */
const schedules = new Map<string, Promise<HotMesh>>();

/** Connects the function of a schedule, unless this process has done so. */
export async function connectOnce(params: VirtualConnectParams): Promise<void> {
  const { connection, connections, namespace = usualNamespace, topic, callback } = params;
  const key = identityOf([connection ?? connections, namespace, topic, callback]);
  const known = schedules.get(key);
  if (known !== undefined) {
    if (meshes.has(await known)) return;
    // It was stopped by `HotMesh.stop`. Whoever comes first connects it again.
    if (schedules.get(key) === known) schedules.delete(key);
    return connectOnce(params);
  }
  const opening = connect(params);
  opening.catch(() => schedules.delete(key));
  schedules.set(key, opening);
  await opening;
}

/** Stops what was connected in this process. */
export async function disconnectAll(): Promise<void> {
  const stopping = [...connected];
  connected.clear();
  schedules.clear();
  await Promise.allSettled(stopping.map(async (opening) => (await opening).stop()));
}

async function open(params: VirtualConnectParams, connection: Connection): Promise<HotMesh> {
  const { topic, callback, namespace = usualNamespace, retry = {}, guid, logLevel } = params;
  const { maximumAttempts = 3, backoffCoefficient = 2, initialInterval = "1s", maximumInterval = "30s" } = retry;
  // A worker may have its first message before the instance is open.
  const opening: Promise<HotMesh> = HotMesh.init({
    appId: namespace,
    engine: { connection },
    ...(guid !== undefined && { guid }),
    ...(logLevel !== undefined && { logLevel }),
    workers: [
      {
        topic,
        connection,
        callback: serve({ namespace, topic, callback, attempts: maximumAttempts, hotMesh: () => opening }),
        retryPolicy: { maximumAttempts, backoffCoefficient, initialInterval, maximumInterval },
      },
    ],
  });
  const hotMesh = await opening;
  try {
    await activateGraphs(hotMesh, !isReadonly(connection));
    return hotMesh;
  } catch (error) {
    await hotMesh.stop();
    throw error;
  }
}

function invalid(name: string, expected: string): HotMeshError {
  return new HotMeshError("invalid-argument", `Virtual.connect: ${name} is missing; expected ${expected}`);
}
