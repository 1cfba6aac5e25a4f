import type { GenerationId, JobId } from "../../brand.js";
import type { JobRecord } from "../../ports/records.js";
import { isExpired } from "./database.js";
import { cancelItems } from "./escalations.js";
import { jobLock } from "./locks.js";
import { remove } from "./messages.js";
import { hookKey, passKey, waitKey } from "./tables.js";
import type { Unit } from "./unit.js";

/** Deletes at most `limit` expired jobs and signals; how many. What a transaction is busy with is left for later. */
export function sweep(unit: Unit, limit: number): number {
  const jobs = unit.tables.jobs
    .all()
    .filter((job) => isExpired(job, unit.now) && !unit.isLocked(jobLock(job.id)))
    .slice(0, limit);
  for (const job of jobs) removeJob(unit, job);
  const signals = unit.tables.signals
    .all()
    .filter(({ dispatch }) => dispatch.keepUntil <= unit.now)
    .slice(0, limit - jobs.length);
  for (const signal of signals) unit.tables.signals.remove(waitKey(signal.dispatch.topic, signal.key));
  return jobs.length + signals.length;
}

/** Removes a job in whatever state, and messages that are about whichever job has its id. */
export function scrub(unit: Unit, id: JobId, generation?: GenerationId): void {
  unit.lock(jobLock(id));
  const job = unit.tables.jobs.get(id);
  if (job === undefined || (generation !== undefined && job.generation !== generation)) return;
  removeJob(unit, job);
  for (const row of unit.tables.messages.group("job", id)) if (row.message.generation === null) remove(unit, row);
}

/**
 * Removes a job with all that belongs to it. Messages for another incarnation of its id do not. Its work items stay to
 * be seen.
 */
export function removeJob(unit: Unit, job: JobRecord): void {
  const { jobs, passes, hooks, messages, attempts, answered } = unit.tables;
  jobs.remove(job.id);
  for (const pass of passes.group("job", job.id)) {
    passes.remove(passKey(pass));
    answered.remove(passKey(pass));
  }
  for (const hook of hooks.group("job", job.id)) hooks.remove(hookKey(hook));
  for (const attempt of attempts.group("job", job.id)) attempts.remove(attempt.request.key);
  for (const row of messages.group("job", job.id)) {
    if (row.message.generation === job.generation) remove(unit, row);
  }
  cancelItems(unit, job.id);
}
