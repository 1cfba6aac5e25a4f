import type { ActivityId, Address, Instant, JobId, PathText } from "../brand.js";
import type { Json } from "../json.js";
import type { RetryPolicy } from "../ports/message.js";

/** What the interpreter remembers of a job besides its data: everything that is still open, and nothing else. */
export interface Control {
  /** App id, trigger id and time slice: for the job's metadata. */
  readonly app: string;
  readonly trigger: ActivityId;
  readonly slice: string;
  /** The graph's `persistent`, as the trigger resolved it; null: absent. */
  readonly persistent: Json;
  /** `parentWorkflowId` of the payload: shown in place of the parent's id. */
  readonly parentId: string | null;
  /** `stats.id` gave a number, and metadata reports one. */
  readonly numericId: boolean;
  readonly open: ReadonlyMap<PathText, OpenPass>;
  /** Arrivals that a step left over when it reached its hop limit. */
  readonly queue: readonly Arrival[];
  /** Next pass number by activity and base address; only where it is not always 0. */
  readonly counters: ReadonlyMap<string, number>;
  /** How passes with data came about, of activities whose addresses do not tell (see `PlanIndex.keepsLineage`). */
  readonly lineages: ReadonlyMap<PathText, Lineage>;
  /** Some stored value of the job is a Date or no finite number. */
  readonly exotic: boolean;
  /** Joins that some arrival has reached, by activity and fork address. */
  readonly joins: ReadonlyMap<string, JoinState>;
  /** How often the job went on by itself, for the keys of those messages. */
  readonly resumes: number;
  /** Answers sent to the parent so far. */
  readonly told: number;
  /** False: the job's trace is not recorded. */
  readonly isSampled: boolean;
  /** Spans of the first legs of pivots, by activity and base: those of their turns hang under them. */
  readonly pivots: ReadonlyMap<string, string>;
  /** The parent and the waiting caller have had their final answer. */
  readonly answered: boolean;
}

/** A pass that waits for the outside world. */
export interface OpenPass {
  readonly activity: ActivityId;
  readonly address: Address;
  readonly via: Lineage;
  readonly waits: "work" | "child" | "hook";
  readonly enteredAt: Instant;
  /** Leg-2 passes so far: after a pending answer the next one takes a number of its own. */
  readonly passes: number;
  /** Keys of the pending answers that were handled. */
  readonly handled: readonly string[];
  /** The awaited child. */
  readonly child: JobId | null;
  /** Topic of the worker, the child graph or the hook, as resolved. */
  readonly topic: string | null;
  /** Key of the work item that is kept beside the wait. */
  readonly escalation: string | null;
  /** The span of leg 1. */
  readonly l1s?: string;
  /** The span that leg 1 follows from, when it has none itself. */
  readonly span?: string;
  /** Of a function that is running. */
  readonly code?: CodeState;
  /** Of an operation that a function waits for. */
  readonly operation?: OperationState;
}

/** Where a function stands. A type alias, so that it is Json. */
export type CodeState = {
  readonly taskQueue: string;
  readonly workflowName: string;
  readonly policy: RetryPolicy | null;
  /** How often it has continued as new. */
  readonly turn: number;
  /** Entries that were asked for, of all turns: for the keys of those messages. */
  readonly entries: number;
  /** Outcomes of this turn so far. */
  readonly outcomes: number;
  /** True: a worker is asked to enter it, or does so. */
  readonly running: boolean;
  /** True: a worker has answered in this turn, so its arguments are stored. */
  readonly entered: boolean;
  /** Marked in this turn. */
  readonly patches: readonly string[];
  readonly signalIn: boolean;
  /** The job stays open once its main function has returned. */
  readonly persistent: boolean;
  /** The function has returned, and the job goes on without it. */
  readonly ended: boolean;
  /** Seconds a finished job is kept, as its caller said. */
  readonly expire?: number;
};

/** What an operation is. A type alias, so that it is Json. */
export type OperationState = {
  /** The pass of the function. */
  readonly of: PathText;
  readonly n: number;
  readonly kind: string;
  readonly name: string;
  readonly hash: string;
  readonly shielded: boolean;
};

/**
 * The ancestors of a pass, the trigger first. An entry is the activity's id alone when its address is the prefix of the
 * pass's address at the entry's position, and the whole path text otherwise (below joins).
 */
export type Lineage = readonly string[];

/** One fired edge on its way to its target. */
export interface Arrival {
  readonly to: ActivityId;
  readonly from: ActivityId;
  /** Address of the source pass: the base of the new one. */
  readonly base: Address;
  /** Lineage of the new pass: the source's, and the source itself. */
  readonly via: Lineage;
  /** The address of the new pass, when it does not follow from the base: a join that is entered. */
  readonly at: Address | null;
  /** The span it follows from. */
  readonly span?: string;
}

export interface JoinState {
  readonly activity: ActivityId;
  readonly fork: Address;
  readonly entered: boolean;
  readonly arrived: readonly { readonly from: ActivityId; readonly via: Lineage; readonly span?: string }[];
}

/** Of a job that has just begun. */
export function newControl(
  job: Pick<Control, "app" | "trigger" | "slice"> & Partial<Pick<Control, "persistent" | "parentId" | "numericId">>,
): Control {
  return {
    app: job.app,
    trigger: job.trigger,
    slice: job.slice,
    persistent: job.persistent ?? null,
    parentId: job.parentId ?? null,
    numericId: job.numericId ?? false,
    open: new Map(),
    queue: [],
    counters: new Map(),
    lineages: new Map(),
    exotic: false,
    joins: new Map(),
    resumes: 0,
    told: 0,
    isSampled: true,
    pivots: new Map(),
    answered: false,
  };
}
