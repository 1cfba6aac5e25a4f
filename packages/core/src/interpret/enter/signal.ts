import { after } from "../../brand.js";
import { evaluateAt } from "../../expression/evaluate-at.js";
import type { Environment } from "../../expression/expression.js";
import type { Effect } from "../../job/effect.js";
import { keyOf } from "../../job/keys.js";
import { pathOf } from "../../job/path.js";
import { jsonObjectOf } from "../../json.js";
import type { SignalPlan } from "../../plan/plan.js";
import { passThrough } from "../pass-through.js";
import { dispatchOf, type SignalContent, signalStatus } from "../signal-dispatch.js";
import type { Visit } from "../visit.js";
import { broadcastEffects } from "./broadcast.js";

/** Sends a signal and goes on; nobody waits for its delivery. */
export function enterSignal(visit: Visit<SignalPlan>): void {
  const last = (environment: Environment): readonly Effect[] => {
    const content = contentOf(visit, environment);
    return visit.activity.subtype === "all"
      ? broadcastEffects(visit, content, environment)
      : [signalEffect(visit, content)];
  };
  passThrough(visit, { last });
}

function contentOf({ draft, activity }: Visit<SignalPlan>, environment: Environment): SignalContent {
  const { active } = draft.moment;
  const code = activity.code === null ? 200 : Number(evaluateAt("code", activity.code, environment));
  return {
    topic: String(evaluateAt("topic", activity.topic, environment)),
    data: activity.payload === null ? {} : jsonObjectOf(evaluateAt("signal.maps", activity.payload, environment)),
    status: signalStatus(activity.status === null ? undefined : evaluateAt("status", activity.status, environment)),
    code: Number.isInteger(code) ? code : 200,
    plans: active === null || active === draft.plan ? [draft.plan] : [active, draft.plan],
  };
}

function signalEffect({ draft, activity, position }: Visit<SignalPlan>, content: SignalContent): Effect {
  const { plans, ...sent } = content;
  const { now, limits } = draft.moment;
  const path = pathOf(activity.id, position.address);
  const id = keyOf({ generation: draft.record.generation, path }, "signal");
  const dispatch = dispatchOf(plans, { ...sent, id, keepUntil: after(now, limits.signalKeepMs), now });
  return { kind: "signal", dispatch };
}
