import { type GenerationId, type Instant, type JobId, jobId, type MessageKey } from "../brand.js";
import { HotMeshError, PayloadInvalidError } from "../errors.js";
import { evaluateAt, placed } from "../expression/evaluate-at.js";
import type { Environment, Expression } from "../expression/expression.js";
import type { Place } from "../expression/expression-error.js";
import { textOf } from "../expression/functions/conversion.js";
import type { StartBody } from "../job/event.js";
import { checkName } from "../job/name-size.js";
import type { JsonObject } from "../json.js";
import type { Plan, TriggerPlan } from "../plan/plan.js";
import { planIndex } from "../plan/plan-index.js";
import type { OutgoingMessage } from "../ports/message.js";
import type { ParentLink } from "../ports/records.js";
import type { PayloadCheck } from "./moment.js";

/** What a caller, or an await, asks for. */
export interface StartRequest {
  readonly topic: string;
  readonly payload: JsonObject;
  /** The job's id, unless the trigger's `stats.id` gives one. */
  readonly generatedId: JobId;
  readonly generation: GenerationId;
  /** Key of the start message; a caller whose start is decided at once may give any. */
  readonly key: MessageKey;
  /** The time `stats.id` sees. */
  readonly now: Instant;
  readonly parent?: ParentLink | null;
  readonly origin?: string | null;
  readonly fields?: Readonly<Record<string, string>>;
  readonly entity?: string | null;
  readonly waiter?: string | null;
  readonly trace?: string | null;
  readonly pendingSeconds?: number | null;
  readonly requested?: NonNullable<StartBody["requested"]>;
  /** Checks the payloads of graphs with `input.validate`; without it such graphs cannot be started. */
  readonly violations?: PayloadCheck | null;
}

/**
 * The message that starts a job of `topic`: its id is settled here, because a step locks jobs by their id.
 * Throws `topic-not-found` (404), `payload-invalid` (422), `invalid-argument` (400) for an id or label too long,
 * and whatever the trigger's id expression throws.
 */
export function prepareStart(plan: Plan, request: StartRequest): OutgoingMessage {
  const index = planIndex(plan);
  const graph = index.graphFor(request.topic);
  if (graph === undefined) {
    throw new HotMeshError(
      "topic-not-found",
      `no subscription found for topic ${request.topic} in app ${plan.app} for app version ${plan.version}`,
    );
  }
  if (graph.inputSchema !== null) checkPayload(graph.inputSchema, request);
  const trigger = index.activity(graph.trigger);
  const named = trigger?.type === "trigger" ? idOf(trigger, request) : undefined;
  if (named !== undefined) checkName(`the id of a job of ${request.topic}`, named);
  if (typeof request.entity === "string") checkName(`the entity of a job of ${request.topic}`, request.entity);
  const body: StartBody = {
    plan: plan.id,
    topic: request.topic,
    payload: request.payload,
    parent: request.parent ?? null,
    origin: request.origin ?? null,
    fields: request.fields ?? {},
    entity: request.entity ?? null,
    waiter: request.waiter ?? null,
    trace: request.trace ?? null,
    pendingSeconds: request.pendingSeconds ?? null,
    ...(request.requested !== undefined && { requested: request.requested }),
  };
  return {
    key: request.key,
    topic: null,
    kind: "start",
    job: named === undefined ? request.generatedId : jobId(named),
    generation: request.generation,
    path: null,
    body,
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: request.trace ?? null,
  };
}

/** Payload validation, before anything else is looked at. The payload is never changed. */
function checkPayload(schema: JsonObject | boolean, { topic, payload, violations }: StartRequest): void {
  if (violations === undefined || violations === null) {
    const message = `payloads for topic ${topic} are validated, and this engine was given no validator`;
    throw new HotMeshError("invalid-config", message);
  }
  const errors = violations(schema, payload);
  if (errors.length > 0) throw new PayloadInvalidError(topic, errors);
}

function idOf(trigger: TriggerPlan, request: StartRequest): string | undefined {
  try {
    return identity(trigger.stats.id, payloadScope(trigger, request.payload, request.now), ["stats", "id"]);
  } catch (thrown) {
    throw placed(thrown, [trigger.id]);
  }
}

/** `stats.id` and `stats.key` as text; undefined, null and '' give nothing. */
export function identity(
  expression: Expression | null,
  environment: Environment,
  property: Place = [],
): string | undefined {
  if (expression === null) return undefined;
  const value = evaluateAt(property, expression, environment);
  return value === undefined || value === null || value === "" ? undefined : textOf(value);
}

/** What `stats.id` and `stats.key` see: the payload alone. */
export function payloadScope(trigger: TriggerPlan, payload: JsonObject, now: Instant): Environment {
  const document = { input: { data: payload }, output: { data: payload } };
  return {
    root: (name) => (name === "$self" || name === trigger.id ? document : undefined),
    now,
    random: () => 0,
  };
}
