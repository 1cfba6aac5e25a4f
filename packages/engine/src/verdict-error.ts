import { DuplicateJobError, HotMeshError, type JobId, type Verdict } from "@hotmesh/core";

/** Why a start was refused, as the error its caller gets. */
export function startError(verdict: Exclude<Verdict, { readonly outcome: "applied" }>, job: JobId): HotMeshError {
  switch (verdict.outcome) {
    case "duplicate":
      return new DuplicateJobError(job);
    case "stale":
      return new HotMeshError(
        "not-active",
        409,
        `job ${job} could not start: the active version changed again and again`,
        { retryable: true },
      );
    case "rejected":
      return new HotMeshError(verdict.kind, verdict.failure.code, verdict.failure.message);
  }
}

/** Why an event for an existing job changed nothing; null: it did, or repeating it is no error. */
export function eventError(verdict: Verdict, job: JobId): HotMeshError | null {
  switch (verdict.outcome) {
    case "applied":
    case "duplicate":
      return null;
    case "stale":
      return verdict.reason === "not-found"
        ? new HotMeshError("job-not-found", 404, `Job ${job} not found`)
        : new HotMeshError("job-completed", 409, `Job ${job} already completed`);
    case "rejected":
      return new HotMeshError(verdict.kind, verdict.failure.code, verdict.failure.message);
  }
}
