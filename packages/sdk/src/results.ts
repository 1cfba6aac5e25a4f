import {
  after,
  type Cancel,
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
import { GetStateError, JobFailedError } from "./errors.js";

export interface ResultsOptions {
  readonly store: Pick<Store, "readJob">;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Waiter {
  readonly generation: GenerationId;
  /** Null: the start is not prepared yet. */
  job: JobId | null;
  readonly final: boolean;
  readonly settle: (result: JobOutput | Error) => void;
  gapMs: number;
  lookAt: Instant;
  /** The job has begun: when it is not found any more, there is nothing to wait for. */
  readonly hasBegun: boolean;
  readonly isOver: (record: JobRecord) => boolean;
}

const firstGapMs = 250;
const longestGapMs = 5_000;

/**
 * Callers of this instance that wait for jobs. Announcements tell of results; because any of them may be lost, the
 * storage is asked too, at growing intervals.
 */
export class Results {
  readonly #options: ResultsOptions;
  readonly #waiting = new Map<GenerationId, ReadonlySet<Waiter>>();
  readonly #watched = new Map<GenerationId, Promise<JobOutput>>();
  #looking: Canceller | null = null;

  constructor(options: ResultsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiters().length;
  }

  /** The result of a job that is about to start; `final`: interim documents do not count. */
  wait(generation: GenerationId, final: boolean): Promise<JobOutput> {
    return this.#wait(generation, { job: null, final, hasBegun: false, isOver });
  }

  /**
   * The result of a job that has begun. Rejects with `GetStateError` when it is gone before its result was seen. Looks
   * at once; whoever watches the same job meanwhile shares the wait. `hasResult`: a job that goes on has one.
   */
  watch(generation: GenerationId, job: JobId, hasResult: (record: JobRecord) => boolean): Promise<JobOutput> {
    const watched = this.#watched.get(generation);
    if (watched !== undefined) return watched;
    const hasEnded = (record: JobRecord): boolean => isOver(record) || hasResult(record);
    const result = this.#wait(generation, { job, final: true, hasBegun: true, isOver: hasEnded });
    this.#watched.set(generation, result);
    const forget = (): boolean => this.#watched.delete(generation);
    result.then(forget, forget);
    return result;
  }

  /** The same for one caller, who does not wait any more when `cancel` fires: then it stays open. */
  follow(generation: GenerationId, job: JobId, cancel: Cancel): Promise<JobOutput> {
    return this.#wait(generation, { job, final: true, hasBegun: true, isOver }, cancel);
  }

  #wait(
    generation: GenerationId,
    about: Pick<Waiter, "job" | "final" | "hasBegun" | "isOver">,
    cancel: Cancel = new Canceller(),
  ): Promise<JobOutput> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        ...about,
        generation,
        settle: (result) => {
          this.#drop(waiter);
          if (result instanceof Error) reject(result);
          else resolve(result);
        },
        gapMs: firstGapMs,
        lookAt: after(this.#options.clock.now(), firstGapMs),
      };
      this.#waiting.set(generation, new Set([...this.#of(generation), waiter]));
      cancel.onCancel(() => this.#drop(waiter));
      this.#look();
      if (waiter.hasBegun) void this.#read(waiter, false);
    });
  }

  /** The id that the job will have. */
  name(generation: GenerationId, job: JobId): void {
    for (const waiter of this.#of(generation)) waiter.job = job;
  }

  /** The caller that starts the job does not wait any more. Whoever watches it does. */
  forget(generation: GenerationId): void {
    for (const waiter of this.#of(generation)) if (!waiter.hasBegun) this.#drop(waiter);
  }

  /** Ends all waits. */
  close(): void {
    const hint = "the job goes on, and getState will tell";
    const error = new HotMeshError("stopped", `the instance was stopped before the job had a result; ${hint}`);
    for (const waiter of this.#waiters()) waiter.settle(error);
  }

  /** Something was announced on the result channel of this instance. */
  hear(body: Json, isTrusted: boolean): void {
    const announcement = announcementOf(body, isTrusted);
    if (announcement === null) this.#options.logger.warn("announcement-malformed", { channel: "result" });
    if (announcement === null) return;
    for (const waiter of this.#of(announcement.generation)) {
      if (waiter.final && !announcement.final) continue;
      if (announcement.output === null) void this.#read(waiter, true);
      else waiter.settle(resultOf(announcement.job, announcement.output, announcement.failure));
    }
  }

  #waiters(): readonly Waiter[] {
    return [...this.#waiting.values()].flatMap((waiters) => [...waiters]);
  }

  #of(generation: GenerationId): ReadonlySet<Waiter> {
    return this.#waiting.get(generation) ?? new Set();
  }

  #drop(waiter: Waiter): void {
    const others = [...this.#of(waiter.generation)].filter((other) => other !== waiter);
    if (others.length > 0) this.#waiting.set(waiter.generation, new Set(others));
    else this.#waiting.delete(waiter.generation);
    if (this.#waiting.size === 0) this.#looking?.cancel();
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
      for (const waiter of this.#waiters().filter(({ lookAt }) => lookAt <= clock.now())) {
        waiter.gapMs = Math.min(waiter.gapMs * 2, longestGapMs);
        waiter.lookAt = after(clock.now(), waiter.gapMs);
        await this.#read(waiter, false);
      }
      const next = Math.min(...this.#waiters().map(({ lookAt }) => lookAt));
      if (Number.isFinite(next)) await clock.sleep(after(clock.now(), Math.max(0, next - clock.now())), cancel);
    }
  }

  /** Never rejects. `announced`: an interim document counts as well. */
  async #read(waiter: Waiter, announced: boolean): Promise<void> {
    if (waiter.job === null || !this.#of(waiter.generation).has(waiter)) return;
    try {
      const record = await this.#options.store.readJob(waiter.job);
      if (record === null || record.generation !== waiter.generation) {
        if (waiter.hasBegun) waiter.settle(new GetStateError(waiter.job));
        return;
      }
      const interim = announced && !waiter.final;
      if (interim || waiter.isOver(record)) waiter.settle(resultOf(record.id, jobOutput(record), record.failure));
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
