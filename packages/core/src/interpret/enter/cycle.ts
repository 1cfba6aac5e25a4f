import { evaluateAt } from "../../expression/evaluate-at.js";
import { ancestorOf, lineageOf, type Position } from "../../job/lineage.js";
import { baseOf, childAddress, pathOf } from "../../job/path.js";
import { jsonObjectOf } from "../../json.js";
import type { CyclePlan } from "../../plan/plan.js";
import { beginLeg, contextIn, spanBelow } from "../leg.js";
import { observeLeg } from "../observe-leg.js";
import { respond } from "../respond.js";
import { scopeOf } from "../scope.js";
import { answerMetadata, type Visit } from "../visit.js";

/**
 * Enters the ancestor again, at its next address, as if it had just received a success with the mapped payload
 *. The cycle's obligation passes on to the new pass.
 */
export function enterCycle(visit: Visit<CyclePlan>): void {
  const { draft, activity, position, self } = visit;
  const payload = activity.input === null ? {} : jsonObjectOf(evaluateAt("input.maps", activity.input, scopeOf(visit)));
  const pivot = draft.index.activity(activity.ancestor);
  const last = ancestorOf(position, activity.ancestor);
  if (pivot === undefined || last === null) {
    throw new Error(`cycle ${activity.id}: the path taken does not lead through ${activity.ancestor}`);
  }
  const base = baseOf(last.address);
  if (base === null) throw new Error(`cycle ${activity.id}: ${activity.ancestor} is the trigger`);
  const number = draft.takeNumber(pivot.id, base, 1);
  const { cyclesMax } = draft.moment.limits;
  if (number >= cyclesMax) {
    throw new Error(`cycle ${activity.id}: ${pivot.id} was entered ${cyclesMax} times, the limit of one loop`);
  }
  draft.writePass(
    {
      job: draft.record.id,
      generation: draft.record.generation,
      activity: activity.id,
      address: position.address,
      type: "cycle",
      topic: null,
      open: false,
      output: null,
      hook: null,
      metadata: { ...self.metadata },
      input: payload,
      startedAt: draft.moment.now,
      completedAt: draft.moment.now,
    },
    null,
  );
  const next: Position = {
    activity: pivot.id,
    address: childAddress(base, number),
    via: lineageOf(position, pivot.id),
  };
  const cycle = draft.leg;
  const span = draft.pivots.get(pathOf(pivot.id, base)) ?? spanBelow(draft).span;
  beginLeg(draft, pivot, { leg: 2, parent: contextIn(draft, span) });
  const again = { output: undefined, hook: undefined, metadata: answerMetadata(draft, next, null) };
  const turn: Visit = { draft, activity: pivot, position: next, self: again };
  respond(turn, { status: "success", code: 200, data: payload, slot: "output", inputOf: null });
  observeLeg(turn, 2);
  draft.leg = cycle;
}
