import {
  type GenerationId,
  generationId,
  isJsonObject,
  type JobId,
  type JobOutput,
  type Json,
  type JsonObject,
  jobId,
} from "@hotmesh/core";

/** What a step says of a job on the job channel and on the result channel of a waiter. */
export interface Announcement {
  readonly job: JobId;
  readonly generation: GenerationId;
  /** The graph's `publishes`. */
  readonly topic: string | null;
  readonly final: boolean;
  /** The document at that moment; null: it has to be read, because the step was taken in another process. */
  readonly output: JobOutput | null;
  readonly failure: JsonObject | null;
}

/** Null for anything else. Of one that is not to be trusted only what it is about counts. */
export function announcementOf(body: Json, isTrusted: boolean): Announcement | null {
  if (!isJsonObject(body)) return null;
  const { job, generation, topic, final, output, failure } = body;
  if (typeof job !== "string" || typeof generation !== "string") return null;
  return {
    job: jobId(job),
    generation: generationId(generation),
    topic: typeof topic === "string" ? topic : null,
    final: final === true,
    output: isTrusted ? outputOf(output) : null,
    failure: isTrusted && isJsonObject(failure) ? failure : null,
  };
}

function outputOf(value: Json | undefined): JobOutput | null {
  if (!isJsonObject(value)) return null;
  const { metadata, data } = value;
  if (!isJsonObject(metadata)) return null;
  return isJsonObject(data) ? { metadata, data } : { metadata };
}
