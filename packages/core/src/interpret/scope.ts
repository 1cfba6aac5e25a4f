import { evaluate } from "../expression/evaluate.js";
import type { Environment } from "../expression/expression.js";
import { revived } from "../job/exotic.js";
import { ancestorOf, ancestorsOf, type Position } from "../job/lineage.js";
import { metadataOf } from "../job/output.js";
import { pathOf } from "../job/path.js";
import { type Json, type JsonObject, jsonOf } from "../json.js";
import type { PassRecord } from "../ports/records.js";
import type { Draft } from "./draft.js";
import { onlyPassBelow, passAt } from "./look-up.js";
import { randomSource } from "./random.js";
import type { Self, Visit } from "./visit.js";

type Seat = Pick<Visit, "draft" | "position" | "self">;

/** What the expressions of one pass can see (language.md 8.3). */
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
  } catch {
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

/** `{$job.metadata.…}`: the job as it stands, with the semaphore of this moment (language.md 8.9). */
function jobMetadata({ draft, position }: Seat, expire: () => Json): JsonObject {
  const { record, control } = draft;
  const standing = { ...record, status: draft.obligations(), failure: draft.failure };
  const { state: _, ...metadata } = metadataOf(standing, control);
  const seconds = position.activity === draft.graph.trigger ? null : expire();
  return seconds === null ? metadata : { ...metadata, expire: seconds };
}

function selfDocument({ draft, position, self }: Seat): object {
  const data = seen(draft, self.output);
  return {
    ...(position.activity === draft.graph.trigger && { input: { data } }),
    output: { data, metadata: self.metadata },
    hook: { data: self.hook },
  };
}

function passDocument(draft: Draft, pass: PassRecord): object {
  const data = seen(draft, pass.output ?? undefined);
  return {
    ...(pass.type === "trigger" && { input: { data } }),
    output: { data, metadata: pass.metadata },
    hook: { data: pass.hook ?? undefined },
  };
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
