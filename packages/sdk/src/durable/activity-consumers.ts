import type { WorkerCredentials } from "@hotmesh/store-postgres";
import type { HotMeshWorker } from "../config.js";
import { identityOf } from "../connect.js";
import type { HotMesh } from "../hotmesh.js";
import { meshes } from "../meshes.js";
import type { Connection } from "./connection.js";
import { runActivity } from "./run-activity.js";

/** Where activities are consumed: once per process. */
export interface ActivityQueue {
  readonly connection: Connection;
  readonly namespace: string;
  /** `<queue>-activity`. */
  readonly topic: string;
  readonly workerCredentials: WorkerCredentials | undefined;
}

interface Consumer {
  readonly opening: Promise<HotMesh>;
  /** Null: it is being opened. */
  hotMesh: HotMesh | null;
}

const consumers = new Map<string, Consumer>();

/** The instance of this process that consumes the activities of a queue, or is about to; null: there is none. */
export function activityConsumer(queue: ActivityQueue): Promise<HotMesh> | null {
  const known = consumers.get(keyOf(queue));
  return known === undefined || (known.hotMesh !== null && !meshes.has(known.hotMesh)) ? null : known.opening;
}

/** Makes an instance that is being opened the one that consumes the activities of a queue. */
export function consumeActivities(queue: ActivityQueue, opening: Promise<HotMesh>): void {
  const key = keyOf(queue);
  const consumer: Consumer = { opening, hotMesh: null };
  consumers.set(key, consumer);
  opening.then(
    (hotMesh) => {
      consumer.hotMesh = hotMesh;
    },
    () => {
      if (consumers.get(key) === consumer) consumers.delete(key);
    },
  );
}

/** The part of a configuration that consumes activities. */
export function activityEntry(
  { connection, topic, workerCredentials }: ActivityQueue,
  concurrency: number | undefined,
): HotMeshWorker {
  return {
    topic,
    connection,
    callback: runActivity,
    ...(workerCredentials !== undefined && { workerCredentials }),
    ...(concurrency !== undefined && { concurrency }),
  };
}

/** Stops all that consume activities, with whatever else they do. */
export async function stopActivityConsumers(): Promise<void> {
  const stopping = [...consumers.values()];
  consumers.clear();
  await Promise.allSettled(stopping.map(async ({ opening }) => (await opening).stop()));
}

function keyOf({ connection, namespace, topic, workerCredentials }: ActivityQueue): string {
  return identityOf([connection, namespace, topic, workerCredentials]);
}
