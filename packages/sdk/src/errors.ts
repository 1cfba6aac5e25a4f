import { HotMeshError, type JsonObject } from "@hotmesh/core";
import type { StreamError } from "@hotmesh/worker";

/** `pubsub`: the job failed, or was interrupted. */
export class JobFailedError extends HotMeshError {
  override readonly name = "JobFailedError";
  /** The job. */
  readonly job_id: string;
  /** Its failure, with the code and the message of this error. */
  readonly error: StreamError;

  constructor(jobId: string, failure: JsonObject) {
    const code = typeof failure["code"] === "number" ? failure["code"] : 500;
    const message = String(failure["message"] ?? "unknown");
    super("job-failed", message, { code });
    this.job_id = jobId;
    this.error = { ...failure, message, code };
  }
}

/** `pubsub`: nothing was announced in time. The job goes on. */
export class JobTimeoutError extends HotMeshError {
  override readonly name = "JobTimeoutError";
  /** The job: `getState` reads it later. */
  readonly job_id: string;

  constructor(jobId: string) {
    super("timeout", "timeout");
    this.job_id = jobId;
  }
}

/** `getState`: no live job has the id. */
export class GetStateError extends HotMeshError {
  override readonly name = "GetStateError";
  /** The id that was asked for. */
  readonly jobId: string;

  constructor(jobId: string) {
    super("job-not-found", `${jobId} Not Found`);
    this.jobId = jobId;
  }
}

/** For code that checks for it; this library does not throw it: a step that fails is made again. */
export class SetStateError extends HotMeshError {
  override readonly name = "SetStateError";

  constructor(message = "the state of a job could not be stored") {
    super("set-state", message);
  }
}

/** For code that checks for it; this library does not throw it: a mapping that throws fails its activity. */
export class MapDataError extends HotMeshError {
  override readonly name = "MapDataError";

  constructor(message = "data could not be mapped") {
    super("map-data", message);
  }
}

/** For code that checks for it; this library does not throw it: timers commit with the step that sets them. */
export class RegisterTimeoutError extends HotMeshError {
  override readonly name = "RegisterTimeoutError";

  constructor(message = "a timeout could not be registered") {
    super("register-timeout", message);
  }
}

/** For code that checks for it; this library does not throw it: an activity that fails is data of its job. */
export class ExecActivityError extends HotMeshError {
  override readonly name = "ExecActivityError";

  constructor(message = "an activity could not be executed") {
    super("exec-activity", message);
  }
}
