import type { ActivityId, Address, Instant, PathText } from "../brand.js";
import type { OpenPass } from "../job/control.js";
import { decodeControl } from "../job/control-codec.js";
import { plainValue } from "../job/exotic.js";
import { parsePath, pathOf, prefixOf } from "../job/path.js";
import { isJsonObject, type Json, type JsonObject } from "../json.js";
import { canonicalJson } from "../plan/canonical.js";
import type { Plan } from "../plan/plan.js";
import { type PlanIndex, planIndex } from "../plan/plan-index.js";
import type { AttemptRecord, JobRecord, PassRecord } from "../ports/records.js";

/** One attempt of a worker, or one pass of another activity. Times are ISO 8601. */
export interface ActivityDetail {
  /** Id of the activity. */
  readonly name: ActivityId;
  /** Its type: `worker`, `await`, `hook` … */
  readonly type: string;
  /** The address, `0/0`. */
  readonly dimension: string;
  /** What it was given. */
  readonly input: Json;
  /** What the pass has made; absent of an attempt that failed or is under way. */
  readonly output?: Json;
  /** Of a worker: when the attempt was handed out. */
  readonly started_at: string;
  /** Absent while it is open. */
  readonly completed_at?: string;
  /** From `started_at` to `completed_at`. */
  readonly duration_ms?: number;
  /** Failed attempts before this one. */
  readonly retry_attempt: number;
  /** The number of the round, in the innermost loop around the activity. Absent: there is no loop. */
  readonly cycle_iteration?: number;
  /** What it failed with; null: it did not. */
  readonly error: JsonObject | null;
}

/** What a job's details are made of. */
export interface JobDetails {
  /** The job as it is stored. */
  readonly record: JobRecord;
  /** All its passes. */
  readonly passes: readonly PassRecord[];
  /** All executions of its worker messages. */
  readonly attempts: readonly AttemptRecord[];
  /** The plan the job runs on. */
  readonly plan: Plan;
}

/** One per attempt, in the order they were started. */
export function activityDetails({ record, passes, attempts, plan }: JobDetails): readonly ActivityDetail[] {
  const index = planIndex(plan);
  const open = decodeControl(record.control).open;
  const sights = new Map<PathText, Sight>();
  for (const [path, pass] of open) sights.set(path, waiting(pass));
  for (const pass of passes) sights.set(pathOf(pass.activity, pass.address), stored(pass));
  const pathsTried = new Set(attempts.map(({ path }) => path));
  const timed = [
    ...attempts.map((attempt) => ofAttempt(index, attempt, sights.get(attempt.path))),
    ...[...sights].filter(([path]) => !pathsTried.has(path)).map(([, sight]) => ofPass(index, sight)),
    ...answeredFromOutside(attempts, sights).map((sight) => ofPass(index, sight)),
  ];
  return timed.sort((a, b) => a.at - b.at || byPlace(a.detail, b.detail)).map(({ detail }) => detail);
}

/** What began at one instant: a pass comes before those below it. */
function byPlace(a: ActivityDetail, b: ActivityDetail): number {
  if (a.dimension !== b.dimension) return a.dimension < b.dimension ? -1 : 1;
  return a.name === b.name ? a.retry_attempt - b.retry_attempt : a.name < b.name ? -1 : 1;
}

/** A pass, stored or not. */
interface Sight {
  readonly activity: ActivityId;
  readonly address: Address;
  readonly type: string;
  readonly input: Json;
  readonly output: Json;
  readonly error: JsonObject | null;
  readonly startedAt: Instant;
  /** Null: it is open. */
  readonly completedAt: Instant | null;
}

interface Timed {
  readonly at: Instant;
  readonly detail: ActivityDetail;
}

function waiting({ activity, address, waits, enteredAt }: OpenPass): Sight {
  const type = waits === "hook" ? "hook" : waits === "child" ? "await" : "worker";
  return {
    ...{ activity, address, type, input: null, output: null, error: null },
    ...{ startedAt: enteredAt, completedAt: null },
  };
}

function stored(pass: PassRecord): Sight {
  const { activity, address, type, input, output, hook, startedAt } = pass;
  const shown = { input, output: plainValue(output ?? hook), error: errorIn(pass.metadata) };
  return { activity, address, type, ...shown, startedAt, completedAt: pass.open ? null : pass.completedAt };
}

/** The error of a pass, which its metadata keeps as a JSON text. */
function errorIn(metadata: JsonObject): JsonObject | null {
  const { err } = metadata;
  if (typeof err !== "string") return null;
  const error: unknown = JSON.parse(err);
  return isJsonObject(error) ? error : { message: err };
}

/** Passes whose last attempt failed and that have ended another way since: `add` answered them. */
function answeredFromOutside(
  attempts: readonly AttemptRecord[],
  sights: ReadonlyMap<PathText, Sight>,
): readonly Sight[] {
  const last = new Map<PathText, AttemptRecord>();
  for (const attempt of attempts) {
    if (attempt.attempt >= (last.get(attempt.path)?.attempt ?? 0)) last.set(attempt.path, attempt);
  }
  return [...last.values()].flatMap(({ path, outcome, failure }) => {
    const sight = sights.get(path);
    if (outcome !== "failed" || sight === undefined || sight.completedAt === null) return [];
    return sight.error !== null && canonicalJson(sight.error) === canonicalJson(errorOf(failure)) ? [] : [sight];
  });
}

function ofAttempt(index: PlanIndex, attempt: AttemptRecord, sight: Sight | undefined): Timed {
  const { activity, address } = sight ?? parsePath(attempt.path);
  const isAnswered = attempt.outcome === "answered";
  const error = attempt.outcome === "failed" ? errorOf(attempt.failure) : isAnswered ? (sight?.error ?? null) : null;
  return timed(index, {
    ...{ activity, address, type: sight?.type ?? "worker", input: attempt.input, error },
    output: isAnswered && error === null ? (sight?.output ?? null) : null,
    ...{ startedAt: attempt.startedAt, completedAt: attempt.endedAt, attempt: attempt.attempt },
  });
}

function ofPass(index: PlanIndex, sight: Sight): Timed {
  return timed(index, { ...sight, attempt: 0 });
}

function timed(index: PlanIndex, sight: Sight & { readonly attempt: number }): Timed {
  const { activity, address, startedAt, completedAt, output, error } = sight;
  const iteration = iterationOf(index, activity, address);
  return {
    at: startedAt,
    detail: {
      name: activity,
      type: sight.type,
      dimension: address.slice(1).replaceAll(",", "/"),
      input: sight.input,
      ...(output !== null && { output }),
      started_at: isoText(startedAt),
      ...(completedAt !== null && {
        completed_at: isoText(completedAt),
        duration_ms: Math.max(0, completedAt - startedAt),
      }),
      retry_attempt: sight.attempt,
      ...(iteration !== null && { cycle_iteration: iteration }),
      error,
    },
  };
}

function errorOf(failure: Json): JsonObject {
  return isJsonObject(failure) ? failure : { message: String(failure) };
}

function isoText(at: Instant): string {
  return new Date(at).toISOString();
}

/** The number, in the address, of the nearest activity on all paths to this one that cycles lead back to. */
function iterationOf(index: PlanIndex, activity: ActivityId, address: Address): number | null {
  for (let id: ActivityId | null = activity; id !== null; id = index.fork(id)) {
    const [depth, another] = index.depths(id);
    if (index.activity(id)?.pivot !== true) continue;
    if (depth === undefined || another !== undefined) return null;
    return Number(prefixOf(address, depth).split(",").at(-1));
  }
  return null;
}
