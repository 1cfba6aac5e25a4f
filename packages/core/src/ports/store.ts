import type { Address, GenerationId, Instant, JobId, PlanId, Topic } from "../brand.js";
import type { Json } from "../json.js";
import type { Plan } from "../plan/plan.js";
import type { Lease, OutgoingMessage, Settled, Settlement } from "./message.js";
import type { Program, Verdict } from "./program.js";
import type {
  Activation,
  AttemptRecord,
  CounterRange,
  CounterRecord,
  EscalationRecord,
  JobRecord,
  PassRecord,
  VersionRecord,
} from "./records.js";

/** Where jobs live. A store belongs to one app. */
export interface Store<Tx = never> {
  /**
   * One step: claim, read, decide, write, all or nothing. No two concurrent steps see messages of the same job; a step
   * sees every earlier commit to the jobs it works on. Rejects with a retryable HotMeshError when the storage fails;
   * nothing has happened then.
   */
  step(options: StepOptions<Tx>, program: Program): Promise<StepReport>;

  /** Stores a version, inert. `unchanged`: this very plan was there. `version-active`: refused, another is active. */
  deploy(plan: Plan): Promise<"stored" | "unchanged" | "version-active">;
  /** The plans that exist among `ids`. */
  loadPlans(ids: ReadonlySet<PlanId>): Promise<ReadonlyMap<PlanId, Plan>>;
  /** In the order of their deployment. */
  versions(): Promise<readonly VersionRecord[]>;
  /** From its commit on no job starts on another version. Throws `version-not-found` (404). */
  activate(version: string): Promise<Activation>;
  /** The active version; null: none is. */
  activation(): Promise<Activation | null>;

  /** A live job; null when there is none or it has expired. */
  readJob(id: JobId, form?: StoredForm): Promise<JobRecord | null>;
  /** Stored passes of a job, all or those `under` an address, by when they were started, then activity and address. */
  readPasses(id: JobId, generation: GenerationId, form?: PassesForm): Promise<readonly PassRecord[]>;
  /**
   * Every execution of the job's worker messages, in the order they were started, ties by path and number: those that
   * failed, those under way, and the one that each pass was answered by. An answer with an error is one that failed;
   * a message that was given back untouched is none.
   */
  readAttempts(id: JobId, generation: GenerationId): Promise<readonly AttemptRecord[]>;
  /** A page of counters. */
  readCounters(range: CounterRange): Promise<readonly CounterRecord[]>;
  /** The work items of the app that have this key, newest first. */
  readEscalations(key: string): Promise<readonly EscalationState[]>;
  /** Messages not yet consumed of a worker topic, or of the engine stream (null); held and parked ones excluded. */
  depth(topic: Topic | null): Promise<number>;
  /**
   * Removes a job, in whatever state, with all that belongs to it: its messages (leases on them are lost), hooks,
   * passes and attempts; its pending work items become cancelled. A step that works on it commits before, or finds no
   * job. Nobody is told; its id is free. Without such a job nothing happens. `generation`: only that incarnation.
   */
  scrub(id: JobId, generation?: GenerationId): Promise<void>;
  /** Deletes at most `limit` expired jobs and signals with all that belongs to them; how many it deleted. */
  sweep(limit: number): Promise<number>;
}

/** In which form values are read that a storage keeps encoded. */
export interface StoredForm {
  /** True: as they are stored, `{ $hotmesh: "codec", v: "…" }`, which no codec is needed for. False. */
  readonly isEncoded?: boolean;
}

/** Which passes of a job are read, and how. */
export interface PassesForm extends StoredForm {
  /** Only those at this address and below it. */
  readonly under?: Address;
}

/** What a step takes. */
export interface StepOptions<Tx> {
  /** Claim due engine messages of at most this many jobs; 0 claims none. */
  readonly limit: number;
  /** Brought by the caller and decided at once, never stored: pub, signal, interrupt. Verdicts come by position. */
  readonly events?: readonly OutgoingMessage[];
  /** Answers (outcome `answer`) of workers of this process: no message is written for them. */
  readonly answers?: readonly Settlement[];
  /** Messages for these topics may be written already leased to this process and handed back in the report. */
  readonly handoff?: Handoff;
  /** Join the caller's open transaction: no claim, no hint before its commit. A refused event leaves it usable. */
  readonly within?: Tx;
}

/** A work item as it stands. */
export interface EscalationState extends EscalationRecord {
  readonly status: "pending" | "resolved" | "expired" | "cancelled";
  readonly resolverPayload: Json;
  readonly createdAt: Instant;
  readonly resolvedAt: Instant | null;
}

/** Workers of this process that have nothing to do. */
export interface Handoff {
  /** Topic → free slots. */
  readonly slots: ReadonlyMap<Topic, number>;
  readonly leaseMs: number;
}

/** What a step did. */
export interface StepReport {
  /** Not empty: nothing happened, load these plans and step again. */
  readonly missing: readonly PlanId[];
  /** One per event. */
  readonly verdicts: readonly Verdict[];
  /** One per answer. An answer without its lease changes nothing. */
  readonly answers: readonly Settled[];
  /** Stored messages this step consumed. */
  readonly claimed: number;
  readonly parked: number;
  /** What was due and could not be read or written for want of a codec, or by its fault. It comes again later. */
  readonly postponed?: Postponed;
  readonly handed: readonly Lease[];
  /** When the next engine message this store knows of becomes due; null: none known. Never later than the truth for
   *  messages this process wrote; only exact after a step that claimed. */
  readonly nextDueAt: Instant | null;
  /** The active version as the step saw it; null when it was not read. */
  readonly activation: Activation | null;
  readonly now: Instant;
}

/** Messages that were put off untouched: nothing of them is lost, and no attempt is counted. */
export interface Postponed {
  readonly count: number;
  /** Why the first of them was. */
  readonly error: unknown;
}
