import { setTimeout as sleep } from "node:timers/promises";
import {
  type Activation,
  HotMeshError,
  type Instant,
  type JobId,
  laneChannel,
  type Postponed,
  type Program,
  type Publication,
  type ReadSet,
  type StepOptions,
  type StepReport,
  type Topic,
} from "@hotmesh/core";
import type { ClientBase } from "pg";
import { isCodecError } from "../codec/encoded.js";
import { runWithin } from "../connection/caller-transaction.js";
import type { Database, Run } from "../connection/database.js";
import { isLostRace, isRefusal, storageError } from "../connection/storage-error.js";
import { call, callOf } from "../rows/call.js";
import { stored } from "../rows/stored-text.js";
import type { PostgresSub } from "../sub/postgres-sub.js";
import { jobsOf } from "./batch.js";
import type { DatabaseClock } from "./database-clock.js";
import { KnownJobs } from "./known-jobs.js";
import { inputsOf, lockedStep, Obstructed, type StepInput, type StepResult } from "./locked-step.js";
import { optimisticStep } from "./optimistic-step.js";

export interface StepperOptions {
  readonly database: Database;
  /** Quoted. */
  readonly schema: string;
  readonly clock: DatabaseClock;
  readonly sub: PostgresSub;
  readonly holder: string;
}

type Done = Extract<StepResult, { outcome: "done" }>;

/** What the program asked for the first time, to be read along the second time. */
interface Foreseen {
  readonly reads: ReadSet | null;
  readonly escalations: readonly string[];
}

const nothingForeseen: Foreseen = { reads: null, escalations: [] };

const attemptsMax = 8;

/** Carries out steps: on what this process remembers where that is enough, under locks everywhere else. */
export class Stepper {
  readonly #options: StepperOptions;
  readonly #known = new KnownJobs();
  #activation: Activation | null | undefined;
  #nextDue: Instant | null = null;
  #foundNothing = false;
  /** Told by the next report. */
  #postponed: Postponed | null = null;

  constructor(options: StepperOptions) {
    this.#options = options;
  }

  /** What was seen last of the active version, to decide on. */
  saw(activation: Activation | null): void {
    this.#activation = activation;
  }

  /** What this process remembers of a job is not true any more. */
  forget(id: JobId): void {
    this.#known.forget([id]);
    this.#known.met([id]);
  }

  async step(options: StepOptions<ClientBase>, program: Program): Promise<StepReport> {
    if (options.within !== undefined) return this.#within(options, options.within, program);
    const idle = await this.#peeked(options);
    if (idle !== null) return idle;
    const attempt = await this.#optimistic(options, program);
    if (attempt.result?.outcome === "done" || attempt.result?.outcome === "missing")
      return this.#finish(attempt.result);
    return this.#finish(await this.#locked(this.#input(options, attempt), program));
  }

  /** Under locks, again and again while others are faster. */
  async #locked(first: StepInput, program: Program): Promise<StepResult> {
    let cause: unknown;
    let input = first;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if (attempt > 0) await sleep(Math.random() * 2 ** attempt);
      try {
        return await this.#options.database.transaction(async (run) => {
          const result = await lockedStep(run, input, program);
          // Thrown, so that the transaction gives its locks back.
          if (result.outcome === "conflict") throw new Conflict(result);
          return result;
        });
      } catch (thrown) {
        if (thrown instanceof Obstructed) input = await this.#without(thrown, input);
        else if (!(thrown instanceof Conflict) && !isLostRace(thrown)) throw thrown;
        cause = thrown;
        if (thrown instanceof Conflict) input = wiser(input, thrown.escalations);
      }
    }
    throw isCodecError(cause) || isRefusal(cause) ? cause : busy(cause);
  }

  /**
   * The step to take in place of one that could not be taken because of a value that no codec here makes sense of, or
   * that the server will not have. Jobs of which that is known are put off, so that others go on: this process may lack
   * the codec, or the codec its key. Otherwise the step is made smaller, until it is known.
   */
  async #without(failure: Obstructed, input: StepInput): Promise<StepInput> {
    const { claimed, unreadable } = failure;
    if (unreadable.length === 0) {
      if (input.events.length + input.answers.length > 0) return { ...input, limit: 0 };
      if (input.limit > 1) return { ...input, limit: 1 };
    }
    const late = unreadable.length > 0 ? unreadable : claimed;
    const { database, schema, clock } = this.#options;
    const keys = late.flatMap(({ key, job_id }) => (job_id === null ? [key] : []));
    const jobs = late.flatMap(({ job_id }) => job_id ?? []);
    const statement = callOf(schema, "step_postpone", keys, jobs, clock.parameter());
    const count = await call<number>((run) => database.query(run), statement);
    this.#postponed = { count: count + (this.#postponed?.count ?? 0), error: failure };
    return input;
  }

  async #optimistic(options: StepOptions<ClientBase>, program: Program) {
    const { events = [], answers = [], limit } = options;
    const handoff = options.handoff ?? null;
    const now = this.#options.clock.estimate();
    const none = { result: null, ...nothingForeseen };
    if (limit > 0 || now === null || events.length + answers.length === 0) return none;
    const { database, schema, clock, holder } = this.#options;
    const memory = { known: this.#known, now, isEstimate: clock.override === null, activation: this.#activation };
    const terms = { handoff, holder };
    try {
      const attempt = await optimisticStep(
        (statement) => database.query(statement),
        { schema, events, answers, terms },
        { program, memory },
      );
      return attempt.result === null ? attempt : { result: attempt.result, ...nothingForeseen };
    } catch (thrown) {
      if (isLostRace(thrown)) return none;
      throw thrown;
    }
  }

  async #within(options: StepOptions<ClientBase>, client: ClientBase, program: Program): Promise<StepReport> {
    const run = runWithin(client);
    const terms = { handoff: null, holder: "" };
    let input = { ...this.#input({ ...options, limit: 0 }, nothingForeseen), limit: 0, terms };
    try {
      for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
        const result = await lockedStep(run, input, program);
        if (result.outcome === "conflict") {
          input = wiser(input, result.escalations);
          continue;
        }
        if (result.outcome !== "done") return this.#report(result);
        // Nobody knows whether the transaction will commit, so nothing of it is remembered.
        this.#known.forget(result.commit.jobs.map(({ record }) => record.id));
        await this.#options.sub.announceWithin(run, [...hintsOf(result), ...result.commit.publications]);
        return this.#report(result);
      }
    } catch (thrown) {
      throw storageError(thrown);
    }
    throw busy(undefined);
  }

  /** A step that would only claim, when the last one found nothing: one statement tells whether there is anything. */
  async #peeked({ limit, events = [], answers = [] }: StepOptions<ClientBase>): Promise<StepReport | null> {
    if (!this.#foundNothing || limit === 0 || events.length + answers.length > 0) return null;
    const { database, schema, clock } = this.#options;
    const run: Run = (statement) => database.query(statement);
    const peek = await call<{ readonly now: Instant; readonly next_due: Instant | null }>(
      run,
      callOf(schema, "step_peek", clock.parameter()),
    );
    clock.told(peek.now);
    if (peek.next_due !== null && peek.next_due <= peek.now) return null;
    return this.#finish({ outcome: "idle", now: peek.now, nextDue: peek.next_due, settled: [] });
  }

  #input(options: StepOptions<ClientBase>, { reads, escalations }: Foreseen): StepInput {
    const { limit, events = [], answers = [] } = options;
    const handoff = options.handoff ?? null;
    const { schema, clock, holder } = this.#options;
    return {
      schema,
      limit,
      events,
      answers,
      now: clock.parameter(),
      foreseen: reads,
      escalations,
      terms: { handoff, holder },
    };
  }

  /** What follows a commit: memory, hints, the report. */
  #finish(result: StepResult): StepReport {
    if (result.outcome === "idle") {
      this.#options.clock.told(result.now);
      this.#foundNothing = true;
      this.#nextDue = result.nextDue;
    }
    if (result.outcome === "done") {
      const { batch, commit, reply, snapshot, claims, request } = result;
      this.#foundNothing = claims && batch.length === 0;
      this.#options.clock.told(reply.now);
      this.#known.follow(commit, inputsOf(batch));
      this.#known.met(jobsOf(batch.map(({ message }) => message)));
      if (snapshot.activation !== null) this.#activation = snapshot.activation;
      if (claims) this.#nextDue = reply.next_due;
      else {
        const engine = request.sends.filter(({ topic }) => topic === null);
        for (const { visibleAt } of engine) this.#dueAt(visibleAt ?? snapshot.now);
        if (reply.delivered > 0) this.#dueAt(snapshot.now);
      }
      this.#options.sub.announce([...hintsOf(result), ...commit.publications]);
    }
    return this.#report(result);
  }

  #dueAt(at: Instant): void {
    if (this.#nextDue === null || at < this.#nextDue) this.#nextDue = at;
  }

  #report(result: StepResult): StepReport {
    const postponed = this.#postponed;
    this.#postponed = null;
    const none = { missing: [], verdicts: [], answers: [], claimed: 0, parked: 0, handed: [], activation: null };
    const nothing = { ...none, ...(postponed !== null && { postponed }) };
    const nextDueAt = this.#nextDue;
    switch (result.outcome) {
      case "missing":
        return { ...nothing, missing: result.missing.missing, nextDueAt, now: result.now };
      case "idle":
        return { ...nothing, answers: result.settled, nextDueAt, now: result.now };
      case "conflict":
        throw busy(new Conflict(result));
      case "done":
        return { ...nothing, ...doneReport(result), nextDueAt, now: result.snapshot.now };
    }
  }
}

/** What a decision relied on has changed. One of our errors, so that it leaves the transaction as it is. */
class Conflict extends HotMeshError {
  readonly escalations: readonly string[];

  constructor({ reason, escalations }: Extract<StepResult, { outcome: "conflict" }>) {
    super("storage-busy", `What a step relied on has changed: ${reason}`);
    this.escalations = escalations;
  }
}

/** The next decision is shown which of these keys have a pending work item. */
function wiser<Input extends StepInput>(input: Input, escalations: readonly string[]): Input {
  return { ...input, escalations: [...new Set([...input.escalations, ...escalations])] };
}

function busy(cause: unknown): HotMeshError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new HotMeshError("storage-busy", `The step met too many others and was given up${why}`, {
    cause,
  });
}

function doneReport({ batch, commit, settled, request, reply, snapshot }: Done) {
  const parked = new Set(commit.parked.map(({ position }) => position));
  const deferred = new Set(commit.deferred);
  const brought = batch.flatMap(({ from }, position) => (from === "event" ? [position] : []));
  const storedEntries = batch.flatMap(({ from }, position) => (from === "stored" ? [position] : []));
  const kept = storedEntries.filter((position) => parked.has(position)).length;
  const arrived = new Set<string>(reply.stored);
  return {
    verdicts: brought.flatMap((position) => commit.verdicts[position] ?? []),
    answers: settled,
    claimed: storedEntries.filter((position) => !parked.has(position) && !deferred.has(position)).length,
    parked: kept,
    handed: [...request.handed].flatMap(([key, lease]) => (arrived.has(stored(key)) ? [lease] : [])),
    activation: snapshot.activation,
  };
}

/** Lanes that got work which somebody can take now. */
function hintsOf({ request, reply, snapshot }: Done): readonly Publication[] {
  const arrived = new Set<string>(reply.stored);
  const lanes = new Set<Topic | null>(reply.delivered > 0 ? [null] : []);
  for (const { key, topic, visibleAt } of request.sends) {
    if ((visibleAt ?? 0) <= snapshot.now && arrived.has(stored(key)) && !request.handed.has(key)) lanes.add(topic);
  }
  return laneHints(lanes);
}

/** An engine of this process takes engine messages by itself; workers here may have no place for what came. */
export function laneHints(lanes: Iterable<Topic | null>): readonly Publication[] {
  return [...lanes].map((topic) => ({ channel: laneChannel(topic), body: null, exclusive: topic === null }));
}
