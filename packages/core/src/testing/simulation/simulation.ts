import type { Json, JsonObject } from "../../json.js";
import type { Plan } from "../../plan/plan.js";
import type { RetryPolicy } from "../../ports/message.js";
import type { StreamData, WorkerAnswer } from "../../work/stream-data.js";
import type { TestClock } from "../test-clock.js";

/** A callback of a worker, as it is written for a real mesh. */
export type SimulatedWorker = (
  message: StreamData,
  execution: SimulatedExecution,
) => Promise<WorkerAnswer | undefined> | Promise<void>;

/** What a callback may know besides its message. */
export interface SimulatedExecution {
  /** The `AbortSignal` of a worker. In a simulation it never fires: no time passes while a callback runs. */
  readonly signal: never;
}

/** A job that a client starts. */
export interface SimulatedStart {
  /** What the graph subscribes to. */
  readonly topic: string;
  /** What its trigger receives; empty unless given. */
  readonly data?: JsonObject;
  /** When, in milliseconds from the beginning; 0 unless given. */
  readonly afterMs?: number;
}

/** A signal that a client sends. */
export interface SimulatedSignal {
  /** The topic of the hook rule. */
  readonly topic: string;
  /** What the hook receives. */
  readonly data: JsonObject;
  /** When, in milliseconds from the beginning; 0 unless given. */
  readonly afterMs?: number;
}

/** An interruption by a client. */
export interface SimulatedInterruption {
  /** The id of the job. */
  readonly job: string;
  /** When, in milliseconds from the beginning; 0 unless given. */
  readonly afterMs?: number;
}

/** Who takes part in a simulation, and what clients do. */
export interface SimulationOptions {
  /** The app: a document in YAML or JSON, or a plan that `compile` made of files. */
  readonly document: string | Plan;
  /** Callbacks by the topic of their worker activities. */
  readonly workers?: Readonly<Record<string, SimulatedWorker>>;
  /** Jobs that clients start. */
  readonly start?: readonly SimulatedStart[];
  /** Signals that clients send. One that comes early is kept, as always. */
  readonly signals?: readonly SimulatedSignal[];
  /** Jobs that clients end. */
  readonly interruptions?: readonly SimulatedInterruption[];
  /** Who moves when several could: a seed always plays the same run. 1 unless given. */
  readonly seed?: number;
  /** How long it goes on at most. A year and a day unless given. */
  readonly forMs?: number;
  /** For messages without a policy of their own. */
  readonly policy?: RetryPolicy;
  /** The clock of the storage, for callbacks that want to read it. */
  readonly clock?: TestClock;
}

/** A job as the simulation left it. */
export interface SimulatedJob {
  /** Its id. */
  readonly id: string;
  /** What its graph subscribes to. */
  readonly topic: string;
  /** `completed`, `failed`, `interrupted`, `pending`, or `running` when something has not come. */
  readonly state: string;
  /** Open obligations; 0: none. */
  readonly status: number;
  /** What it holds; null: nothing. */
  readonly data: Json;
  /** Why it failed; null: it did not. */
  readonly failure: Json;
  /** Activities that are still open, and what they wait for: `approve: hook`. */
  readonly waitsFor: readonly string[];
}

/** A call of a callback. */
export interface SimulatedCall {
  /** The topic of the worker. */
  readonly topic: string;
  /** The job that asked; null: it was no job. */
  readonly job: string | null;
  /** The activity that asked. */
  readonly activity: string;
  /** Failed attempts before this one. */
  readonly attempt: number;
  /** What the callback received. */
  readonly data: Json;
  /** When, in milliseconds from the beginning. */
  readonly atMs: number;
}

/** What came of a simulation. */
export interface Simulation {
  /** Every job, children included, in the order of their ids; expired ones too. */
  readonly jobs: readonly SimulatedJob[];
  /** Every call of a callback, in order. */
  readonly calls: readonly SimulatedCall[];
  /** What clients were refused: of whom, and why. */
  readonly refused: readonly string[];
  /** What happened, a line each, with the time since the beginning. */
  readonly story: readonly string[];
  /** How long it took by its own clock. */
  readonly passedMs: number;
  /** Steps of the engine that decided something. */
  readonly steps: number;
}
