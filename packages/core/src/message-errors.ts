import { HotMeshError } from "./errors.js";

/** A message reached a job that is over or gone, and changed nothing. Logged, never thrown. */
export class InactiveJobError extends HotMeshError {
  override readonly name = "InactiveJobError";
  /** The job that the message is about. */
  readonly jobId: string;
  /** The activity that the message is about. */
  readonly activityId: string;
  /** The job's status number; null: no live job has the id. */
  readonly status: number | null;

  constructor(about: { readonly jobId: string; readonly activityId: string; readonly status: number | null }) {
    const found = about.status === null ? "does not exist" : `is over (status ${about.status})`;
    const to = about.activityId === "" ? "" : ` for its activity ${about.activityId}`;
    super(
      "inactive-job",
      `A message${to} came when job ${about.jobId} ${found}; it was dropped, nothing is to be done`,
    );
    this.jobId = about.jobId;
    this.activityId = about.activityId;
    this.status = about.status;
  }
}

/** A message of an earlier job with the same id reached the present one, and changed nothing. Logged, never thrown. */
export class GenerationalError extends HotMeshError {
  override readonly name = "GenerationalError";
  /** The generation of the live job. */
  readonly expected: string;
  /** That of the message. */
  readonly actual: string;
  /** The id that was used again. */
  readonly jobId: string;
  /** The activity that the message is about. */
  readonly activityId: string;
  /** Address of the pass that the message is about. */
  readonly dimensionalAddress: string;

  constructor(about: Pick<GenerationalError, "expected" | "actual" | "jobId" | "activityId" | "dimensionalAddress">) {
    const { expected, actual, jobId } = about;
    const what = `job ${jobId} is of generation ${expected}, a message of generation ${actual} came`;
    super("earlier-generation", `${what}; it belonged to an earlier job of that id and was dropped`);
    this.expected = expected;
    this.actual = actual;
    this.jobId = jobId;
    this.activityId = about.activityId;
    this.dimensionalAddress = about.dimensionalAddress;
  }
}

/** A message came a second time, or when its pass was not open, and changed nothing. Logged, never thrown. */
export class CollationError extends HotMeshError {
  override readonly name = "CollationError";
  /** The job's status number. */
  readonly status: number;
  /** 1: the activity was to be entered; 2: it was to be answered. */
  readonly leg: 1 | 2;
  /** What the message was to do: `complete`, `signal`, `wake` … */
  readonly stage: string;
  /** `duplicate`: it was done before. `closed`: nothing waited for it. */
  readonly fault: "duplicate" | "closed";

  constructor(about: Pick<CollationError, "status" | "leg" | "stage" | "fault"> & { readonly place: string }) {
    const why = about.fault === "duplicate" ? "had been handled before" : "came when nothing waited for it";
    super("collation", `A message (${about.stage}) for ${about.place} ${why}; it was dropped, nothing is to be done`);
    this.status = about.status;
    this.leg = about.leg;
    this.stage = about.stage;
    this.fault = about.fault;
  }
}
