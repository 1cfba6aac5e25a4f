import { type GenerationId, generationId, jobId, type MessageKey } from "../brand.js";
import type { DecisionVerdict } from "../job/decision.js";
import type { StartEvent } from "../job/event.js";
import { keyAfter } from "../job/keys.js";
import type { Plan } from "../plan/plan.js";
import type { InboundMessage, OutgoingMessage } from "../ports/message.js";
import { type JobRequestBody, jobRequestKind } from "./event-codec.js";
import type { Moment } from "./moment.js";
import { prepareStart } from "./start-event.js";

/**
 * The start that a request becomes: a message of its own, because a step locks jobs by their id before it decides.
 * Throws what {@link prepareStart} throws.
 */
export function requestedStart(
  plan: Plan,
  { message, body }: { readonly message: InboundMessage; readonly body: JobRequestBody },
  { now, violations }: Pick<Moment, "now" | "violations">,
): OutgoingMessage {
  const { topic, data, job, once = false } = body;
  return prepareStart(plan, {
    topic,
    payload: data,
    generatedId: jobId(job),
    generation: message.generation ?? generationId(message.key),
    key: keyAfter(message.key, "start"),
    trace: message.trace,
    requested: { job, once },
    now,
    violations,
  });
}

/**
 * What is left to do after the start that a request became; null: nothing. One that was prepared for a version which
 * is no longer active is asked for anew, and one that was refused says so where it harms no job: a parked message
 * would stop the job that has the id.
 */
export function afterRequestedStart(
  { key, generation, body, job }: StartEvent,
  verdict: DecisionVerdict,
  holder: GenerationId | null,
): OutgoingMessage | null {
  const { requested, topic, payload, trace } = body;
  if (requested === undefined) return null;
  const request = { topic, data: payload, job: requested.job, once: requested.once };
  const message = (purpose: string, asked: JobRequestBody): OutgoingMessage => ({
    ...requestMessage(keyAfter(key, purpose, body.plan), generation, asked),
    trace,
  });
  switch (verdict.outcome) {
    case "applied":
      return null;
    case "stale":
      return message("again", request);
    case "rejected":
      return message("refused", { ...request, refused: verdict.failure.message });
    case "duplicate":
      if (requested.once || holder === generation) return null;
      return message("refused", { ...request, refused: `Duplicate job: ${job}` });
  }
}

/** A request, as it is stored. */
export function requestMessage(key: MessageKey, generation: GenerationId, body: JobRequestBody): OutgoingMessage {
  return {
    key,
    topic: null,
    kind: jobRequestKind,
    job: null,
    generation,
    path: null,
    body,
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
  };
}
