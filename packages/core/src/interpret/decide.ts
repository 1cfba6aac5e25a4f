import { after } from "../brand.js";
import { placed } from "../expression/evaluate-at.js";
import { type Decision, unchanged } from "../job/decision.js";
import type { CompleteEvent, InterruptEvent, JobEvent, ResumeEvent, SignalEvent, WakeEvent } from "../job/event.js";
import { failureOf } from "../job/failure.js";
import { keyAfter, keyOf } from "../job/keys.js";
import { pathOf, rootAddress } from "../job/path.js";
import type { JobState } from "../job/state.js";
import { timeText } from "../job/time-text.js";
import type { Plan } from "../plan/plan.js";
import { planIndex } from "../plan/plan-index.js";
import { answer } from "./answer.js";
import { arrive } from "./arrive.js";
import { cancelMark } from "./cancel-mark.js";
import { cancelOperations } from "./code/cancel.js";
import { Draft } from "./draft.js";
import { resumeTrigger } from "./enter/trigger.js";
import { interruptJob } from "./interrupt-job.js";
import { settleJoins } from "./join.js";
import type { Moment } from "./moment.js";
import { onActivePlan, refuseChild } from "./refuse-child.js";
import { startJob } from "./start-job.js";

/**
 * What an event makes of a job. Pure, synchronous and total for data; it throws only where the library itself is
 * broken. `plan` is the plan the job runs on, or for a start the active one.
 */
export function decide(plan: Plan, job: JobState | null, event: JobEvent, moment: Moment): Decision {
  if (event.kind === "start") {
    const started =
      job === null
        ? startJob(plan, onActivePlan({ plan, event, moment }), moment)
        : unchanged(job, { outcome: "duplicate" });
    return started instanceof Draft ? settle(started) : refuseChild({ plan, event, moment }, started);
  }
  if (job === null) return lost(event, unchanged(job, { outcome: "stale", reason: "not-found" }), moment);
  if (event.generation !== null && event.generation !== job.record.generation) {
    return lost(event, unchanged(job, { outcome: "stale", reason: "not-found" }), moment);
  }
  const graph = planIndex(plan).graphFor(job.record.topic);
  if (graph === undefined) throw new Error(`plan ${plan.id} has no graph for topic ${job.record.topic}`);
  const draft = new Draft({ plan, graph }, job, moment);
  switch (event.kind) {
    case "complete":
    case "signal":
    case "wake":
      return decideAnswer(draft, job, event);
    case "resume":
      return decideResume(draft, job, event);
    case "interrupt":
      return decideInterrupt(draft, job, event);
    case "cancel":
      return decideCancel(draft, job);
  }
}

function decideAnswer(draft: Draft, job: JobState, event: CompleteEvent | SignalEvent | WakeEvent): Decision {
  const verdict = answer(draft, event);
  if (verdict !== null) return lost(event, unchanged(job, verdict), draft.moment);
  // Hops that were left over want passes this step has not read: they, and what follows from this answer, go on later.
  return draft.control.queue.length > 0 ? settle(draft, 0) : settle(draft);
}

function decideResume(draft: Draft, job: JobState, event: ResumeEvent): Decision {
  const trigger = draft.index.activity(draft.graph.trigger);
  if (job.record.phase === "pending" && trigger?.type === "trigger") {
    try {
      resumeTrigger(draft, trigger);
    } catch (thrown) {
      return unchanged(job, {
        outcome: "rejected",
        kind: "mapping-failed",
        failure: failureOf(placed(thrown, [trigger.id])),
      });
    }
    return settle(draft);
  }
  // Only the latest message to go on names every hop that is left over, and so has read what they want.
  const isLatest = event.body.turn === draft.resumes - 1;
  if (draft.queue.length === 0 || !isLatest) return unchanged(job, { outcome: "stale", reason: "closed" });
  return settle(draft);
}

function decideInterrupt(draft: Draft, job: JobState, event: InterruptEvent): Decision {
  const { status } = job.record;
  if (isOver(job)) return unchanged(job, { outcome: "stale", reason: "closed" });
  const position = { activity: draft.graph.trigger, address: rootAddress, via: [] };
  interruptJob(draft, position, { body: event.body, status });
  return draft.finish();
}

/** The mark stays as it was set first. A job that is over does not need it any more. */
function decideCancel(draft: Draft, job: JobState): Decision {
  if (isOver(job)) return unchanged(job, { outcome: "stale", reason: "closed" });
  if (Object.hasOwn(draft.fields, cancelMark)) return unchanged(job, { outcome: "duplicate" });
  draft.fields[cancelMark] = timeText(draft.moment.now);
  cancelOperations(draft);
  countObligations(draft);
  return draft.finish();
}

/** Nothing can happen to it any more. */
function isOver({ record: { phase, status } }: JobState): boolean {
  return phase === "interrupted" || (phase !== "pending" && status <= 0);
}

/**
 * A signal that comes too late is an early one for the next wait; it is matched anew. Anything else that comes too
 * late is gone.
 */
function lost(event: JobEvent, decision: Decision, moment: Moment): Decision {
  if (event.kind !== "signal" || decision.verdict.outcome !== "stale") return decision;
  const { topic, keys, status, keepMs, newest = false } = event.body;
  const dispatch = {
    topic,
    keys,
    body: event.body,
    kept: { ...event.body, status: "success", code: 200 },
    closes: status !== "pending",
    keepUntil: after(moment.now, keepMs),
    id: keyAfter(event.key, "again"),
    ...(newest && { newest }),
  };
  return { ...decision, effects: [{ kind: "signal", dispatch }] };
}

/**
 * Follows the hops inside the job until only the outside world can help, and derives the status. A step has a hop
 * limit: what is left over goes on in the job's next step.
 */
function settle(draft: Draft, hopsMax = draft.moment.limits.hopsMax): Decision {
  settleJoins(draft);
  for (let hops = 0; hops < hopsMax; hops += 1) {
    const arrival = draft.queue.shift();
    if (arrival === undefined) break;
    draft.current = 1;
    arrive(draft, arrival);
    settleJoins(draft);
  }
  if (draft.queue.length > 0) goOnLater(draft);
  countObligations(draft);
  return draft.finish();
}

function countObligations(draft: Draft): void {
  if (draft.phase !== "interrupted") draft.status = draft.phase === "pending" ? -1 : draft.obligations();
}

function goOnLater(draft: Draft): void {
  const { generation, id } = draft.record;
  const at = draft.queue.map((arrival) => [arrival.to, arrival.base]);
  draft.effects.push({
    kind: "send",
    message: {
      key: keyOf({ generation, path: pathOf(draft.graph.trigger, rootAddress) }, "resume", draft.resumes),
      topic: null,
      kind: "resume",
      job: id,
      generation,
      path: null,
      body: { at, turn: draft.resumes },
      visibleAt: null,
      attempt: 0,
      policy: null,
      codeRetries: [],
      workflow: null,
      trace: null,
    },
  });
  draft.resumes += 1;
}
