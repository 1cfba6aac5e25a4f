import {
  after,
  Canceller,
  type Clock,
  type GenerationId,
  HotMeshError,
  type Instant,
  isJsonObject,
  type JobId,
  type JobOutput,
  type JobRecord,
  type Json,
  type JsonObject,
  jobOutput,
  type Logger,
  type Store,
} from "@hotmesh/core";
import { announcementOf } from "./announcement.js";
import { JobFailedError } from "./errors.js";

export interface ResultsOptions {
  readonly store: Pick<Store, "readJob">;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Waiter {
  /** Null: the start is not prepared yet. */
  job: JobId | null;
  readonly final: boolean;
  readonly settle: (result: JobOutput | Error) => void;
  gapMs: number;
  lookAt: Instant;
}

const firstGapMs = 250;
const longestGapMs = 5_000;

/**
 * Callers of this instance that wait for jobs. Announcements tell of results; because any of them may be lost, the
 * storage is asked too, at growing intervals.
 */
export class Results {
  readonly #options: ResultsOptions;
  readonly #waiting = new Map<GenerationId, Waiter>();
  #looking: Canceller | null = null;

  constructor(options: ResultsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The result of a job that is about to start; `final`: interim documents do not count. */
  wait(generation: GenerationId, final: boolean): Promise<JobOutput> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(generation, {
        job: null,
        final,
        settle: (result) => {
          this.forget(generation);
          if (result instanceof Error) reject(result);
          else resolve(result);
        },
        gapMs: firstGapMs,
        lookAt: after(this.#options.clock.now(), firstGapMs),
      });
      this.#look();
    });
  }

  /** The id that the job will have. */
  name(generation: GenerationId, job: JobId): void {
    const waiter = this.#waiting.get(generation);
    if (waiter !== undefined) waiter.job = job;
  }

  forget(generation: GenerationId): void {
    this.#waiting.delete(generation);
    if (this.#waiting.size === 0) this.#looking?.cancel();
  }

  /** Ends all waits. */
  close(): void {
    const hint = "the job goes on, and getState will tell";
    const error = new HotMeshError("stopped", `the instance was stopped before the job had a result; ${hint}`);
    for (const waiter of [...this.#waiting.values()]) waiter.settle(error);
  }

  /** Something was announced on the result channel of this instance. */
  hear(body: Json, isTrusted: boolean): void {
    const announcement = announcementOf(body, isTrusted);
    if (announcement === null) this.#options.logger.warn("announcement-malformed", { channel: "result" });
    const waiter = announcement === null ? undefined : this.#waiting.get(announcement.generation);
    if (announcement === null || waiter === undefined) return;
    if (waiter.final && !announcement.final) return;
    if (announcement.output === null) void this.#read(announcement.generation, true);
    else waiter.settle(resultOf(announcement.job, announcement.output, announcement.failure));
  }

  /** One loop for all waiters; it ends with the last of them. */
  #look(): void {
    if (this.#looking !== null) return;
    const cancel = new Canceller();
    this.#looking = cancel;
    void this.#lookUntil(cancel).finally(() => {
      this.#looking = null;
      if (this.#waiting.size > 0) this.#look();
    });
  }

  async #lookUntil(cancel: Canceller): Promise<void> {
    const { clock } = this.#options;
    while (!cancel.cancelled && this.#waiting.size > 0) {
      const due = [...this.#waiting].filter(([, waiter]) => waiter.lookAt <= clock.now());
      for (const [generation, waiter] of due) {
        waiter.gapMs = Math.min(waiter.gapMs * 2, longestGapMs);
        waiter.lookAt = after(clock.now(), waiter.gapMs);
        await this.#read(generation, false);
      }
      const next = Math.min(...[...this.#waiting.values()].map(({ lookAt }) => lookAt));
      if (Number.isFinite(next)) await clock.sleep(after(clock.now(), Math.max(0, next - clock.now())), cancel);
    }
  }

  /** Never rejects. `announced`: an interim document counts as well. */
  async #read(generation: GenerationId, announced: boolean): Promise<void> {
    const waiter = this.#waiting.get(generation);
    if (waiter === undefined || waiter.job === null) return;
    try {
      const record = await this.#options.store.readJob(waiter.job);
      if (record === null || record.generation !== generation) return;
      const interim = announced && !waiter.final;
      if (interim || isOver(record)) waiter.settle(resultOf(record.id, jobOutput(record), record.failure));
    } catch (error) {
      this.#options.logger.warn("result-read-failed", { job: waiter.job, error });
    }
  }
}

function isOver(record: JobRecord): boolean {
  return record.failure !== null || (record.phase !== "running" && record.phase !== "pending");
}

function resultOf(job: JobId, output: JobOutput, failure: JsonObject | null): JobOutput | Error {
  return isJsonObject(failure) ? new JobFailedError(job, failure) : output;
}
