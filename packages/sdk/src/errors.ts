import { HotMeshError, type JsonObject } from "@hotmesh/core";
import type { StreamError } from "@hotmesh/worker";

/** `pubsub`: the job failed, or was interrupted. */
export class JobFailedError extends HotMeshError {
  override readonly name = "JobFailedError";
  readonly job_id: string;
  readonly error: StreamError;

  constructor(jobId: string, failure: JsonObject) {
    const code = typeof failure["code"] === "number" ? failure["code"] : 500;
    const message = String(failure["message"] ?? "unknown");
    super("job-failed", code, message);
    this.job_id = jobId;
    this.error = { ...failure, message, code };
  }
}

/** `pubsub`: nothing was announced in time. The job goes on. */
export class JobTimeoutError extends HotMeshError {
  override readonly name = "JobTimeoutError";
  readonly job_id: string;

  constructor(jobId: string) {
    super("timeout", 504, "timeout");
    this.job_id = jobId;
  }
}

/** `getState`: no live job has the id. */
export class GetStateError extends HotMeshError {
  override readonly name = "GetStateError";
  readonly jobId: string;

  constructor(jobId: string) {
    super("job-not-found", 404, `${jobId} Not Found`);
    this.jobId = jobId;
  }
}
