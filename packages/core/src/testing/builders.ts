import { generationId, instant, jobId, messageKey, pathText } from "../brand.js";
import { compileText } from "../compile/compile.js";
import { decide } from "../interpret/decide.js";
import { defaultLimits, type Limits, type Moment } from "../interpret/moment.js";
import type { Decision } from "../job/decision.js";
import type {
  CompleteEvent,
  InterruptBody,
  InterruptEvent,
  JobEvent,
  ResumeEvent,
  SignalBody,
  SignalEvent,
  StartBody,
  StartEvent,
  WakeEvent,
} from "../job/event.js";
import type { JobState } from "../job/state.js";
import type { JsonObject } from "../json.js";
import type { Plan } from "../plan/plan.js";
import type { AnswerBody, OutgoingMessage } from "../ports/message.js";
import type { HookRecord, Publication, SignalDispatch } from "../ports/records.js";

/** When everything happens, unless a test says otherwise. */
export const now = instant(1_780_000_000_000);
/** The one job that the events are about. */
export const job = jobId("j1");
export const generation = generationId("G1");

/** The plan of an app whose graphs are given as items of a YAML list, at any indentation. */
export function planOf(graphs: string): Plan {
  return compileText(`app:\n  id: shop\n  version: '1'\n  graphs:\n${graphs}`).plan;
}

/** A start of the plan's first graph. */
export function start(plan: Plan, payload: JsonObject = {}, change: Partial<StartBody> = {}): StartEvent {
  const topic = plan.graphs[0]?.topic ?? "";
  const nobody = {
    parent: null,
    origin: null,
    fields: {},
    entity: null,
    waiter: null,
    trace: null,
    pendingSeconds: null,
  };
  return {
    kind: "start",
    job,
    generation,
    key: messageKey("start"),
    body: { plan: plan.id, topic, payload, ...nobody, ...change },
  };
}

interface AnswerChange extends Partial<Pick<AnswerBody, "status" | "code">> {
  readonly key?: string;
  readonly request?: string;
}

/** A success with code 200 for a pass, unless it is changed; an error has code 500. */
export function answer(path: string, data: JsonObject = {}, change: AnswerChange = {}): CompleteEvent {
  const { status = "success", code = status === "error" ? 500 : 200, key = `answer ${path}`, request } = change;
  return {
    kind: "complete",
    job,
    generation,
    path: pathText(path),
    body: { status, code, data },
    key: messageKey(key),
    request: request === undefined ? null : messageKey(request),
  };
}

/** A signal that has been matched to a wait. */
export function signal(path: string, data: JsonObject = {}, change: Partial<SignalBody> = {}): SignalEvent {
  const key = messageKey(`signal ${path} ${JSON.stringify(data)}`);
  const body = { topic: "go", keys: ["k"], status: "success", code: 200, data, keepMs: 1_000, ...change } as const;
  return { kind: "signal", job, generation, path: pathText(path), key, body };
}

/** The timer of a wait that was armed at {@link now}. */
export function wake(path: string): WakeEvent {
  return { kind: "wake", job, generation, path: pathText(path), body: { armedAt: now } };
}

export function interrupt(change: Partial<InterruptBody> = {}): InterruptEvent {
  const body = { reason: null, code: 410, throws: true, stack: "", expireSeconds: null, descend: false, ...change };
  return { kind: "interrupt", job, generation: null, body };
}

export function resume(body: ResumeEvent["body"] = {}): ResumeEvent {
  return { kind: "resume", job, generation, body };
}

export interface PlayOptions extends Partial<Omit<Moment, "limits">> {
  readonly limits?: Partial<Limits>;
  /** The job before the first event. */
  readonly from?: JobState | null;
}

/** Decides events one after the other; the last decision. */
export function play(plan: Plan, events: readonly JobEvent[], options: PlayOptions = {}): Decision {
  const { from = null, limits, ...change } = options;
  const moment: Moment = {
    now,
    active: plan,
    violations: null,
    ...change,
    limits: { ...defaultLimits, ...limits },
  };
  let decision: Decision | null = null;
  for (const event of events) decision = decide(plan, decision === null ? from : decision.job, event, moment);
  if (decision === null) throw new Error("there was nothing to decide");
  return decision;
}

export function sent(decision: Decision): readonly OutgoingMessage[] {
  return decision.effects.flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));
}

export function published(decision: Decision): readonly Publication[] {
  return decision.effects.flatMap((effect) => (effect.kind === "publish" ? [effect.publication] : []));
}

export function opened(decision: Decision): readonly HookRecord[] {
  return decision.effects.flatMap((effect) => (effect.kind === "open-hook" ? [effect.hook] : []));
}

export function signalled(decision: Decision): readonly SignalDispatch[] {
  return decision.effects.flatMap((effect) => (effect.kind === "signal" ? [effect.dispatch] : []));
}

/** Addresses of the stored passes of an activity, in the order they were written. */
export function passesOf(decision: Decision, activity: string): readonly string[] {
  const passes = [...(decision.job?.passes.values() ?? [])];
  return passes.filter((pass) => pass.activity === activity).map((pass) => pass.address);
}
