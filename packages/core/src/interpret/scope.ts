import { evaluate } from "../expression/evaluate.js";
import { placed } from "../expression/evaluate-at.js";
import type { Environment } from "../expression/expression.js";
import { revived } from "../job/exotic.js";
import { ancestorOf, ancestorsOf, type Position } from "../job/lineage.js";
import { metadataOf } from "../job/output.js";
import { pathOf } from "../job/path.js";
import { type Json, type JsonObject, jsonOf } from "../json.js";
import type { PassRecord } from "../ports/records.js";
import type { Draft } from "./draft.js";
import { onlyPassBelow, passAt } from "./look-up.js";
import { observeProblem } from "./observation.js";
import { randomSource } from "./random.js";
import type { Self, Visit } from "./visit.js";

type Seat = Pick<Visit, "draft" | "position" | "self">;

/** What the expressions of one pass can see. */
export function scopeOf(seat: Seat): Environment {
  return environmentOf(seat, () => resolveExpire(seat.draft, seat.position));
}

/** The graph's `expire` as seen from a pass. Null: absent, or an expression that throws. */
export function resolveExpire(draft: Draft, position: Position): Json {
  const { expire } = draft.graph;
  if (expire === null) return null;
  if (expire.op === "literal") return expire.value;
  const pass = draft.passes.get(pathOf(position.activity, position.address));
  const self: Self = {
    output: pass?.output ?? undefined,
    hook: pass?.hook ?? undefined,
    metadata: { ...pass?.metadata },
  };
  try {
    // While it is being resolved `metadata.expire` is absent, so an expression that reads its own result ends.
    return (
      jsonOf(
        evaluate(
          expire,
          environmentOf({ draft, position, self }, () => null),
        ),
      ) ?? null
    );
  } catch (thrown) {
    observeProblem(draft, position, placed(thrown, ["expire"]));
    return null;
  }
}

/** The graph's `persistent` as its trigger sees it, once its maps have run. Null: absent, or it throws. */
export function resolvePersistent(draft: Draft, position: Position, environment: Environment): Json {
  const { persistent } = draft.graph;
  if (persistent === null) return null;
  try {
    return jsonOf(evaluate(persistent, environment)) ?? null;
  } catch (thrown) {
    observeProblem(draft, position, placed(thrown, ["persistent"]));
    return null;
  }
}

function environmentOf(seat: Seat, expire: () => Json): Environment {
  const { draft, position } = seat;
  return {
    root: (name) => {
      if (name === "$self" || name === position.activity) return selfDocument(seat);
      if (name === "$job") return { data: seen(draft, draft.data) ?? {}, metadata: jobMetadata(seat, expire) };
      const pass = visiblePass(draft, position, name);
      return pass === null ? undefined : passDocument(draft, pass);
    },
    now: draft.moment.now,
    random: randomSource(draft, position),
  };
}

/** The trace id of a job that is not traced. */
const noTrace = "0".repeat(32);

/** `{$job.metadata.…}`: the job as it stands, with the semaphore of this moment. */
function jobMetadata({ draft, position }: Seat, expire: () => Json): JsonObject {
  const { record, moment } = draft;
  const standing = { ...record, status: draft.obligations(), failure: draft.failure, trace: draft.trace ?? noTrace };
  const { state: _, ...metadata } = metadataOf(standing, { ...draft.control, persistent: draft.persistent });
  const seconds = position.activity === draft.graph.trigger ? null : expire();
  return {
    ...metadata,
    ...(seconds !== null && { expire: seconds }),
    ...(moment.message !== undefined && { guid: moment.message }),
  };
}

function selfDocument({ draft, position, self }: Seat): object {
  const output = { data: seen(draft, self.output), metadata: self.metadata };
  const hook = { data: seen(draft, self.hook) };
  return position.activity === draft.graph.trigger ? { input: { data: output.data }, output, hook } : { output, hook };
}

function passDocument(draft: Draft, pass: PassRecord): object {
  const output = { data: seen(draft, pass.output ?? undefined), metadata: pass.metadata };
  const hook = { data: seen(draft, pass.hook ?? undefined) };
  return pass.type === "trigger" ? { input: { data: output.data }, output, hook } : { output, hook };
}

/** Stored data as expressions see it: almost always just what is stored. */
function seen(draft: Draft, value: Json | undefined): unknown {
  return draft.exotic && value !== undefined ? revived(value) : value;
}

/**
 * An ancestor's pass of the current turn; or, of an activity that is neither ancestor nor descendant, its only pass
 * with data below the nearest common ancestor. Reading never waits.
 */
function visiblePass(draft: Draft, position: Position, activity: string): PassRecord | null {
  const ancestor = ancestorOf(position, activity);
  if (ancestor !== null) return passAt(draft, ancestor.activity, ancestor.address);
  const above = draft.index.ancestors(activity);
  if (draft.index.graphOf(activity) !== draft.graph || above.has(position.activity)) return null;

  const common = ancestorsOf(position).findLast((pass) => above.has(pass.activity));
  return common === undefined ? null : onlyPassBelow(draft, common, activity);
}
