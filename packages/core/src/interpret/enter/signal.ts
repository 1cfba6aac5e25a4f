import { after } from "../../brand.js";
import { HotMeshError } from "../../errors.js";
import { evaluate } from "../../expression/evaluate.js";
import type { Environment } from "../../expression/expression.js";
import type { Effect } from "../../job/effect.js";
import { keyOf } from "../../job/keys.js";
import { pathOf } from "../../job/path.js";
import { jsonObjectOf } from "../../json.js";
import type { SignalPlan } from "../../plan/plan.js";
import { passThrough } from "../pass-through.js";
import { dispatchOf, signalStatus } from "../signal-dispatch.js";
import type { Visit } from "../visit.js";

/** Sends a signal and goes on; nobody waits for its delivery (language.md 4.5). */
export function enterSignal(visit: Visit<SignalPlan>): void {
  const { draft, activity, position } = visit;
  const last = (environment: Environment): Effect => {
    if (activity.subtype === "all") {
      throw new HotMeshError("invalid-argument", 400, `signal ${activity.id}: subtype all is not supported yet`);
    }
    const topic = String(evaluate(activity.topic, environment));
    const payload = activity.payload === null ? {} : jsonObjectOf(evaluate(activity.payload, environment));
    const status = signalStatus(activity.status === null ? undefined : evaluate(activity.status, environment));
    const code = activity.code === null ? 200 : Number(evaluate(activity.code, environment));
    const plans = draft.moment.active === null ? [draft.plan] : [draft.plan, draft.moment.active];
    const dispatch = dispatchOf(plans, {
      id: keyOf({ generation: draft.record.generation, path: pathOf(activity.id, position.address) }, "signal"),
      topic,
      data: payload,
      status,
      code: Number.isInteger(code) ? code : 200,
      keepUntil: after(draft.moment.now, draft.moment.limits.signalKeepMs),
      now: draft.moment.now,
    });
    return { kind: "signal", dispatch };
  };
  passThrough(visit, { last });
}
