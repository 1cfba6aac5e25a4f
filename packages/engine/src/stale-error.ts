import {
  CollationError,
  GenerationalError,
  type HotMeshError,
  InactiveJobError,
  type InboundMessage,
  type JobRecord,
  parsePath,
  type Verdict,
} from "@hotmesh/core";

/** Kinds of messages that answer an activity; their callers are told of nothing else. */
const answers: ReadonlySet<string> = new Set(["complete", "signal", "wake"]);

/**
 * Why a message changed nothing, for the log; null: it did, or its caller is told. `job` is the live job of its id as
 * the step left it, null when there is none.
 */
export function staleError(message: InboundMessage, verdict: Verdict, job: JobRecord | null): HotMeshError | null {
  if (verdict.outcome !== "stale" && verdict.outcome !== "duplicate") return null;
  if (verdict.outcome === "stale" && verdict.reason === "superseded") return null;
  if (message.job === null || message.kind === "start") return null;
  if (message.source === "event" && !answers.has(message.kind)) return null;
  const { job: jobId, generation, path } = message;
  const { activity = "", address = "" } = path === null ? {} : parsePath(path);
  if (job === null) return new InactiveJobError({ jobId, activityId: activity, status: null });
  if (generation !== null && generation !== job.generation) {
    const about = { expected: job.generation, actual: generation, jobId, activityId: activity };
    return new GenerationalError({ ...about, dimensionalAddress: address });
  }
  if (job.phase !== "pending" && job.status <= 0) {
    return new InactiveJobError({ jobId, activityId: activity, status: job.status });
  }
  return new CollationError({
    status: job.status,
    leg: answers.has(message.kind) ? 2 : 1,
    stage: message.kind,
    fault: verdict.outcome === "duplicate" ? "duplicate" : "closed",
    place: path === null ? `job ${jobId}` : `${path} of job ${jobId}`,
  });
}
