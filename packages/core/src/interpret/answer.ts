import type { OpenPass } from "../job/control.js";
import type { DecisionVerdict } from "../job/decision.js";
import type { CompleteEvent, SignalEvent, WakeEvent } from "../job/event.js";
import type { Position } from "../job/lineage.js";
import { baseOf, childAddress, pathOf, rootAddress } from "../job/path.js";
import type { ActivityPlan } from "../plan/plan.js";
import { closeWait } from "./close-wait.js";
import { answerEntry } from "./code/answer-entry.js";
import { answerOperation, isOperation } from "./code/answer-operation.js";
import { isCode } from "./code/entry.js";
import type { Draft } from "./draft.js";
import { beginLeg, contextIn } from "./leg.js";
import { observeLeg } from "./observe-leg.js";
import { type Response, respond } from "./respond.js";
import { answerMetadata, type Self, type Visit } from "./visit.js";

/** Leg 2 of an open pass. Null: applied; otherwise why the answer changes nothing: a closed pass is final. */
export function answer(draft: Draft, event: CompleteEvent | SignalEvent | WakeEvent): DecisionVerdict | null {
  const pass = draft.open.get(event.path);
  if (pass === undefined || !accepts(pass, event)) return { outcome: "stale", reason: "closed" };
  if (event.kind !== "wake" && pass.handled.includes(event.key)) return { outcome: "duplicate" };
  if (isOperation(pass)) return answerOperation(draft, pass, event);
  if (isCode(pass)) return answerEntry(draft, pass, event);
  const activity = draft.index.activity(pass.activity);
  if (activity === undefined) throw new Error(`plan ${draft.plan.id} has no activity ${pass.activity}`);

  const response = responseOf(pass, event);
  beginLeg(draft, activity, { leg: 2, parent: contextIn(draft, pass.l1s ?? pass.span) });
  const closes = response.status !== "pending";
  const position = positionOf(draft, activity, pass);
  const self = selfOf({ draft, activity, position }, pass);
  if (closes) {
    closeWait(draft, pass, event);
    if (position.address !== pass.address) closeFirstRow(draft, pass);
    draft.current = 1;
  } else if (event.kind !== "wake") {
    draft.open.set(event.path, { ...pass, passes: pass.passes + 1, handled: [...pass.handled, event.key] });
  }
  const enteredAt = position.address === pass.address ? pass.enteredAt : draft.moment.now;
  const visit: Visit = { draft, activity, position, self, enteredAt };
  respond(visit, response);
  observeLeg(visit, 2);
  return null;
}

/** A hook takes an answer, too: whoever knows its address (`add`) needs no rule that finds it. */
function accepts(pass: OpenPass, event: CompleteEvent | SignalEvent | WakeEvent): boolean {
  return event.kind === "complete" || pass.waits === "hook";
}

function responseOf(pass: OpenPass, event: CompleteEvent | SignalEvent | WakeEvent): Response {
  if (event.kind === "wake") {
    return { status: "success", code: 200, data: { timestamp: event.body.armedAt }, slot: "hook", inputOf: null };
  }
  const { status, code, data } = event.body;
  if (event.kind === "signal" || pass.waits === "hook") return { status, code, data, slot: "hook", inputOf: null };
  return { status, code, data, slot: "output", inputOf: event.request };
}

/**
 * The first answer keeps the pass's own address, unless the activity is a cycle pivot; every further one takes the next
 * number at its base.
 */
function positionOf(draft: Draft, activity: ActivityPlan, pass: OpenPass): Position {
  const base = baseOf(pass.address) ?? rootAddress;
  const renumbered = activity.pivot || pass.passes > 0;
  const at = renumbered ? childAddress(base, draft.takeNumber(activity.id, base, 1)) : pass.address;
  return { activity: pass.activity, address: at, via: pass.via };
}

function selfOf({ draft, activity, position }: Omit<Visit, "self">, pass: OpenPass): Self {
  const entered = draft.passes.get(pathOf(pass.activity, pass.address));
  const first = position.address === pass.address;
  const { topic, enteredAt, l1s } = pass;
  return {
    output: entered?.output ?? undefined,
    hook: undefined,
    metadata: answerMetadata(draft, position, first ? { type: activity.type, topic, enteredAt, l1s } : null),
  };
}

/** The row of leg 1, when the answer that closes the pass has an address of its own. */
function closeFirstRow(draft: Draft, pass: OpenPass): void {
  const first = draft.passes.get(pathOf(pass.activity, pass.address));
  if (first?.open === true) draft.writePass({ ...first, open: false, completedAt: draft.moment.now }, null);
}
