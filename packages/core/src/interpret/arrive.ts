import type { Arrival } from "../job/control.js";
import type { Position } from "../job/lineage.js";
import { baseOf, childAddress, pathOf } from "../job/path.js";
import type { ActivityPlan } from "../plan/plan.js";
import { enterCode } from "./code/enter-code.js";
import { complete } from "./complete.js";
import type { Draft } from "./draft.js";
import { enterAwait } from "./enter/await.js";
import { enterCycle } from "./enter/cycle.js";
import { enterHook } from "./enter/hook.js";
import { enterInterrupt } from "./enter/interrupt.js";
import { enterSignal } from "./enter/signal.js";
import { enterWorker } from "./enter/worker.js";
import { evaluateThreshold } from "./finish.js";
import { arriveAtJoin } from "./join.js";
import { beginLeg, contextIn, spanBelow } from "./leg.js";
import { observeLeg } from "./observe-leg.js";
import { failBy } from "./respond.js";
import { scopeOf } from "./scope.js";
import { enteredSelf, type Visit } from "./visit.js";

/** Leg 1: an edge has fired and its target is entered. */
export function arrive(draft: Draft, arrival: Arrival): void {
  const activity = draft.index.activity(arrival.to);
  if (activity === undefined) throw new Error(`plan ${draft.plan.id} has no activity ${arrival.to}`);
  if (activity.join !== null && arrival.at === null) {
    arriveAtJoin(draft, activity, arrival);
    return;
  }
  draft.current = 1;
  beginLeg(draft, activity, { leg: 1, parent: contextIn(draft, arrival.span) });
  const position: Position = { activity: activity.id, address: addressOf(draft, activity, arrival), via: arrival.via };
  if (activity.pivot) rememberPivot(draft, position);
  const self = enteredSelf(draft, position, {
    type: activity.type,
    topic: activity.type === "signal" ? activity.subtype : null,
  });
  const visit: Visit = { draft, activity, position, self };
  try {
    if (isSkipped(visit)) return;
    enter(activity, visit);
  } catch (thrown) {
    self.output = undefined;
    failBy(visit, thrown);
  }
  observeLeg(visit, 1);
}

/** The turns of a loop are legs of the pass that entered it. */
function rememberPivot(draft: Draft, { activity, address }: Position): void {
  const { span } = spanBelow(draft);
  const base = baseOf(address);
  if (span !== undefined && base !== null) draft.pivots.set(pathOf(activity, base), span);
}

function addressOf(draft: Draft, activity: ActivityPlan, arrival: Arrival) {
  if (arrival.at !== null) return arrival.at;
  const shared = activity.inbound.length > 1 || activity.pivot;
  return childAddress(arrival.base, shared ? draft.takeNumber(activity.id, arrival.base, 0) : 0);
}

/**
 * Dynamic activation: with few obligations left the activity is skipped instead of executed. With
 * exactly as many as the threshold, it ends the job: what is still open is given up.
 */
function isSkipped(visit: Visit): boolean {
  const { draft, activity, position } = visit;
  const threshold = evaluateThreshold(activity, scopeOf(visit));
  if (!(threshold > 0) || draft.obligations() > threshold) return false;
  if (threshold > 1 && draft.obligations() === threshold) draft.giveUp();
  draft.current = 0;
  if (draft.obligations() === 0) complete(draft, position);
  return true;
}

function enter(activity: ActivityPlan, visit: Visit): void {
  switch (activity.type) {
    case "worker":
      enterWorker({ ...visit, activity });
      break;
    case "await":
      enterAwait({ ...visit, activity });
      break;
    case "hook":
      enterHook({ ...visit, activity });
      break;
    case "signal":
      enterSignal({ ...visit, activity });
      break;
    case "interrupt":
      enterInterrupt({ ...visit, activity });
      break;
    case "cycle":
      enterCycle({ ...visit, activity });
      break;
    case "code":
      enterCode({ ...visit, activity });
      break;
    case "trigger":
      throw new Error(`an edge leads to the trigger ${activity.id}`);
  }
}
