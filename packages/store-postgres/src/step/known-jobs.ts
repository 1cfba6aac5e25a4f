import {
  type Commit,
  type Instant,
  isWithin,
  type JobId,
  type JobRecord,
  type Json,
  type MessageKey,
  type PassReads,
  type PassRecord,
  type PassWrite,
} from "@hotmesh/core";

interface Known {
  readonly record: JobRecord;
  /** Every stored pass of the job, by activity and address. */
  readonly passes: ReadonlyMap<string, PassRecord>;
}

const jobsMax = 2_000;
const passesPerJobMax = 200;
const metMax = 20_000;

/**
 * Jobs whose complete state this process wrote itself and has followed ever since. What another process does to them is
 * not seen here: whoever decides on this state has the revisions checked by the commit.
 */
export class KnownJobs {
  readonly #jobs = new Map<JobId, Known>();
  readonly #met = new Set<JobId>();

  has(id: JobId): boolean {
    return this.#jobs.has(id);
  }

  /** This process has had to do with a job of the id, and does not know how it is by now. */
  isDoubtful(id: JobId): boolean {
    return this.#met.has(id) && !this.#jobs.has(id);
  }

  met(ids: Iterable<JobId>): void {
    for (const id of ids) this.#met.add(id);
    for (const id of this.#met) {
      if (this.#met.size <= metMax) break;
      this.#met.delete(id);
    }
  }

  live(id: JobId, now: Instant): JobRecord | null {
    const record = this.#jobs.get(id)?.record;
    return record === undefined || (record.expireAt !== null && record.expireAt <= now) ? null : record;
  }

  forget(ids: Iterable<JobId>): void {
    for (const id of ids) this.#jobs.delete(id);
  }

  /** What is asked for, all of it about jobs that are known or known not to exist. */
  passes(reads: PassReads): readonly PassRecord[] {
    const found = new Map<string, PassRecord>();
    for (const { job, activity, address } of reads.passes) {
      const pass = this.#jobs.get(job)?.passes.get(passName({ activity, address }));
      if (pass !== undefined) found.set(`${job} ${passName(pass)}`, pass);
    }
    for (const { job, activity, under } of reads.ranges) {
      const passes = [...(this.#jobs.get(job)?.passes.values() ?? [])];
      const within = passes.filter(
        (pass) =>
          pass.activity === activity && isWithin(pass.address, under) && (pass.output !== null || pass.hook !== null),
      );
      for (const pass of within.slice(0, 2)) found.set(`${job} ${passName(pass)}`, pass);
    }
    return [...found.values()];
  }

  /** Follows a commit of this process. `inputs`: bodies of the requests it consumed. */
  follow(commit: Commit, inputs: ReadonlyMap<MessageKey, Json>): void {
    const written = new Map(commit.jobs.map(({ record }): [JobId, PassWrite[]] => [record.id, []]));
    for (const pass of commit.passes) written.get(pass.job)?.push(pass);
    for (const { record, expected } of commit.jobs) {
      const before = this.#jobs.get(record.id);
      this.#jobs.delete(record.id);
      if (expected !== null && before?.record.revision !== expected) continue;
      const passes = new Map(expected === null ? [] : before?.passes);
      const isComplete = follow(passes, written.get(record.id) ?? [], inputs);
      // A finished job has nothing more to decide.
      if (!isComplete || record.phase === "completed" || record.phase === "interrupted") continue;
      this.#jobs.set(record.id, { record: { ...record, revision: (expected ?? 0) + 1 }, passes });
    }
    for (const pass of commit.passes) if (!written.has(pass.job)) this.#jobs.delete(pass.job);
    for (const id of this.#jobs.keys()) {
      if (this.#jobs.size <= jobsMax) break;
      this.#jobs.delete(id);
    }
  }
}

function follow(
  passes: Map<string, PassRecord>,
  written: readonly PassWrite[],
  inputs: ReadonlyMap<MessageKey, Json>,
): boolean {
  for (const { inputOf, ...pass } of written) {
    const input = inputOf === null ? pass.input : inputs.get(inputOf);
    if (input === undefined) return false;
    passes.set(passName(pass), { ...pass, input });
  }
  return passes.size <= passesPerJobMax;
}

function passName(pass: Pick<PassRecord, "activity" | "address">): string {
  return pass.activity + pass.address;
}
