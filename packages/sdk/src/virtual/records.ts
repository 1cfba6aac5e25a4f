import { HotMeshError, type JobRecord, jobId } from "@hotmesh/core";
import { liveMesh } from "../durable/activate-functions.js";
import type { HotMesh } from "../hotmesh.js";

/** What a job of a namespace is for. */
export interface Purpose {
  /** The id that its caller gave. */
  readonly id: string;
  /** The graph: of calls, or of schedules. */
  readonly graph: string;
  /** The function. Absent: any. */
  readonly topic?: string;
}

/**
 * The job of an id; null: there is none. Ids are those of the namespace, so it may be that of another function: then
 * whoever took it for his own would have the answer of something else, and this throws `invalid-argument` (400).
 */
export async function recordFor(hotMesh: HotMesh, { id, graph, topic }: Purpose): Promise<JobRecord | null> {
  const record = await liveMesh(hotMesh).store.readJob(jobId(id));
  if (record === null || (record.topic === graph && (topic === undefined || record.entity === topic))) return record;
  const advice = "ids are unique within a namespace, whatever the topic";
  throw new HotMeshError("invalid-argument", `id ${id} is taken by ${record.topic} of ${record.entity}; ${advice}`);
}

/** Whether the job goes on. */
export function isAlive({ phase }: JobRecord): boolean {
  return phase === "running" || phase === "pending";
}

/** Removes this very job; one that has begun under its id since then stays. */
export async function remove(hotMesh: HotMesh, { id, generation }: JobRecord): Promise<void> {
  await liveMesh(hotMesh).store.scrub(id, generation);
}
