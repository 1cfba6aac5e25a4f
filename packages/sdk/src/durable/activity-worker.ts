import { HotMesh } from "../hotmesh.js";
import { activateFunctions } from "./activate-functions.js";
import { type ActivityQueue, activityConsumer, activityEntry, consumeActivities } from "./activity-consumers.js";
import { registerActivities } from "./activity-registry.js";
import { isReadonly } from "./connection.js";
import { outside } from "./outside.js";
import { type ActivityWorkerConfig, usualNamespace } from "./worker-config.js";

/**
 * Serves activities without serving workflows: makes functions known to this process and consumes
 * `<activityTaskQueue>-activity`. A second call for the same connection and queue resolves with the first instance.
 *
 * @param activityTaskQueue The queue; `taskQueue` of the configuration, else `durable-activities`.
 */
export async function registerActivityWorker(
  config: ActivityWorkerConfig,
  activities: object,
  activityTaskQueue?: string,
): Promise<HotMesh> {
  registerActivities(activities);
  const { connection, namespace = usualNamespace, taskQueue = "durable-activities", workerCredentials } = config;
  const queue = { connection, namespace, topic: `${activityTaskQueue ?? taskQueue}-activity`, workerCredentials };
  return activityConsumer(queue) ?? openActivityConsumer(queue, config);
}

/** Opens an instance that consumes the activities of a queue. */
export function openActivityConsumer(
  queue: ActivityQueue,
  config: Pick<ActivityWorkerConfig, "events" | "guid" | "options">,
): Promise<HotMesh> {
  const opening = outside(() => open(queue, config));
  consumeActivities(queue, opening);
  return opening;
}

async function open(
  queue: ActivityQueue,
  { events, guid, options = {} }: Pick<ActivityWorkerConfig, "events" | "guid" | "options">,
): Promise<HotMesh> {
  const { connection, namespace, workerCredentials } = queue;
  const hotMesh = await HotMesh.init({
    appId: namespace,
    ...(workerCredentials === undefined && { engine: { connection } }),
    workers: [activityEntry(queue, options.concurrency)],
    ...(options.logLevel !== undefined && { logLevel: options.logLevel }),
    ...(events !== undefined && { events }),
    ...(guid !== undefined && { guid }),
  });
  try {
    if (hotMesh.engine !== null && !isReadonly(connection)) await activateFunctions(hotMesh, true);
    return hotMesh;
  } catch (error) {
    await hotMesh.stop();
    throw error;
  }
}
