import { after, type GenerationId, jobId, type PathText } from "../../brand.js";
import { doorActivity } from "../../code/code-plan.js";
import { type EffectRequest, hookTopic, type OperationRequest, waitTopic } from "../../code/protocol.js";
import { HotMeshError } from "../../errors.js";
import type { InterruptBody } from "../../job/event.js";
import { keyOf } from "../../job/keys.js";
import { jobOutput } from "../../job/output.js";
import { rootAddress } from "../../job/path.js";
import type { Json, JsonObject } from "../../json.js";
import { jobChannel } from "../announce.js";
import type { Draft } from "../draft.js";
import { interruptJob, interruptMessage } from "../interrupt-job.js";
import { dispatchOf, type SignalContent } from "../signal-dispatch.js";
import { operationPath, type Place } from "./open-operation.js";

const effects: ReadonlySet<string> = new Set(["signal", "hook", "emit", "trace", "interrupt", "enrich"]);

export function isEffect(request: OperationRequest): request is EffectRequest {
  return effects.has(request.kind);
}

/** Does what a function asked for and went on without. */
export function carryOut(draft: Draft, place: Place, request: EffectRequest): void {
  const pass = { generation: draft.record.generation, path: operationPath(place.at, request) };
  switch (request.kind) {
    case "signal": {
      const { signalId, data, expire } = request;
      const sent = { id: signalId, data, ...(expire !== undefined && { $expire: expire }) };
      signal(draft, pass, { topic: waitTopic, data: sent, status: "success", code: 200 });
      break;
    }
    case "hook":
      if (request.payload.job === draft.record.id && !hasDoor(draft)) throw closedDoor(draft.record.id);
      // Interim, so that the door of the other job stays open; and not kept for a later job of that id.
      signal(draft, pass, {
        topic: hookTopic,
        data: { ...request.payload, $expire: "0s" },
        status: "pending",
        code: 202,
      });
      break;
    case "emit":
      for (const [topic, payload] of Object.entries(request.events)) emit(draft, topic, payload);
      break;
    case "interrupt":
      interrupt(draft, pass, request);
      break;
    case "enrich":
      Object.assign(draft.fields, request.fields);
      break;
    case "trace":
    // The worker that runs the function records the span; here it is remembered that it did.
  }
}

/** Of another job nobody knows here: to one that lets nothing in, nothing happens. */
function hasDoor(draft: Draft): boolean {
  return [...draft.open.values()].some(({ activity }) => activity === doorActivity);
}

function closedDoor(job: string): HotMeshError {
  return new HotMeshError("hook-closed", `job ${job} lets no hook functions in: it was started with signalIn: false`);
}

/** Of whom an effect is: its messages are known by it. */
interface Cause {
  readonly generation: GenerationId;
  readonly path: PathText;
}

function signal(draft: Draft, pass: Cause, content: Omit<SignalContent, "plans">): void {
  const { active, now, limits } = draft.moment;
  const plans = active === null || active === draft.plan ? [draft.plan] : [active, draft.plan];
  const keepUntil = after(now, limits.signalKeepMs);
  const dispatch = dispatchOf(plans, { ...content, id: keyOf(pass, "signal"), keepUntil, now });
  draft.effects.push({ kind: "signal", dispatch });
}

/** Tells whoever subscribes to a topic. */
function emit(draft: Draft, topic: string, payload: Json): void {
  const { record, moment } = draft;
  const { metadata } = jobOutput({ ...record, status: draft.obligations(), updatedAt: moment.now }, draft.control);
  const { id: job, generation } = record;
  const told = { job, generation, topic, final: false, output: { metadata, data: payload }, failure: null };
  draft.effects.push({
    kind: "publish",
    publication: { channel: jobChannel, body: told, vouched: true, local: { ...told, phase: draft.phase } },
  });
}

function interrupt(draft: Draft, pass: Cause, request: Extract<EffectRequest, { readonly kind: "interrupt" }>): void {
  const { record } = draft;
  const body = interruptBody(request.options);
  if (request.job === record.id) {
    const position = { activity: draft.graph.trigger, address: rootAddress, via: [] };
    interruptJob(draft, position, { body, status: draft.obligations() });
    return;
  }
  draft.effects.push({ kind: "send", message: interruptMessage(keyOf(pass, "interrupt"), jobId(request.job), body) });
}

function interruptBody(options: JsonObject): InterruptBody {
  const { reason, code, stack, expire } = options;
  return {
    reason: typeof reason === "string" ? reason : null,
    code: typeof code === "number" ? code : 410,
    throws: options["throw"] !== false,
    stack: typeof stack === "string" ? stack : "",
    expireSeconds: typeof expire === "number" ? expire : null,
    descend: options["descend"] === true,
  };
}
