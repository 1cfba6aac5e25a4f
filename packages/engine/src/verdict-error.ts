import { DuplicateJobError, failureOf, HotMeshError, type JobId, type Verdict } from "@hotmesh/core";

/** Why a start was refused, as the error its caller gets. */
export function startError(verdict: Exclude<Verdict, { readonly outcome: "applied" }>, job: JobId): HotMeshError {
  switch (verdict.outcome) {
    case "duplicate":
      return new DuplicateJobError(job);
    case "stale":
      return new HotMeshError("not-active", `job ${job} could not start: the active version changed again and again`);
    case "rejected":
      return new HotMeshError(verdict.kind, verdict.failure.message, { code: verdict.failure.code });
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
        ? new HotMeshError("job-not-found", `Job ${job} not found`)
        : new HotMeshError("job-completed", `Job ${job} already completed`);
    case "rejected":
      return new HotMeshError(verdict.kind, verdict.failure.message, { code: verdict.failure.code });
  }
}

/** What preparing a call threw, as the error its caller gets: a refusal as it is, else the failure of an expression. */
export function mappingError(thrown: unknown): HotMeshError {
  if (HotMeshError.is(thrown)) return thrown;
  const { message, code } = failureOf(thrown);
  return new HotMeshError("mapping-failed", message, { code, cause: thrown });
}
