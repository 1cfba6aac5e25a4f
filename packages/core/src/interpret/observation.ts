import { failureOf } from "../job/failure.js";
import type { Position } from "../job/lineage.js";
import { isJsonObject, type Json, type JsonObject, jsonObjectOf } from "../json.js";
import type { Draft } from "./draft.js";

/**
 * What a step tells about itself once it has committed, to whoever listens in this process: a leg of an activity, from
 * which a span can be made, or an expression that threw without effect. Best effort,
 * and plain JSON.
 */
export type Observation = LegObservation | ProblemObservation;

/** A type alias, so that it is assignable to Json. */
export type LegObservation = {
  readonly kind: "leg";
  readonly leg: 1 | 2;
  readonly type: string;
  /** Metadata of the job after the leg: `app.job.*`. */
  readonly job: JsonObject;
  /** Metadata of the pass: `app.activity.*`. */
  readonly activity: JsonObject;
  /** Scalar results of the activity's `telemetry`: `app.activity.data.*`. */
  readonly data: { readonly [key: string]: string | number | boolean };
  /** The job's status after the decision: `app.job.jss`. */
  readonly status: number;
  /** The message that was decided: `app.activity.mid`. */
  readonly message?: string;
  /** The id of the leg's span, when one was begun. */
  readonly span?: string;
};

/** A type alias, so that it is assignable to Json. */
export type ProblemObservation = {
  readonly kind: "problem";
  readonly job: string;
  readonly activity: string;
  readonly address: string;
  readonly message: string;
};

/** Tells, once, of an expression that threw and counts as absent. */
export function observeProblem(draft: Draft, { activity, address }: Position, thrown: unknown): void {
  const { observer } = draft.moment;
  if (observer === undefined) return;
  const { message } = failureOf(thrown);
  const told = draft.effects.some(
    (effect) =>
      effect.kind === "publish" &&
      effect.publication.channel === observer.channel &&
      jsonObjectOf(effect.publication.body)["message"] === message,
  );
  if (!told) tell(draft, { kind: "problem", job: draft.record.id, activity, address, message });
}

/**
 * Tells the listener of this process, once the step has committed. From the transaction of a caller it comes back from
 * the storage, which has to vouch for it: nobody else may tell an engine what it did.
 */
export function tell(draft: Draft, observation: Observation): void {
  const { observer } = draft.moment;
  if (observer === undefined) return;
  const body: Json = observation;
  draft.effects.push({
    kind: "publish",
    publication: { channel: observer.channel, body, exclusive: true, vouched: true },
  });
}

/** An observation as its listener gets it; null for anything else. */
export function observationOf(body: Json): Observation | null {
  if (!isJsonObject(body)) return null;
  const { kind, job, activity, leg, data } = body;
  if (kind === "problem") {
    const { address, message } = body;
    return {
      kind,
      job: String(job),
      activity: String(activity),
      address: String(address),
      message: String(message),
    };
  }
  if (kind !== "leg" || !isJsonObject(job) || !isJsonObject(activity) || !isJsonObject(data)) return null;
  const scalars = Object.entries(data).flatMap(([key, value]): [string, string | number | boolean][] =>
    value === null || typeof value === "object" ? [] : [[key, value]],
  );
  const { message, span, status } = body;
  return {
    kind,
    leg: leg === 2 ? 2 : 1,
    type: String(body["type"]),
    job,
    activity,
    data: Object.fromEntries(scalars),
    status: Number(status),
    ...(typeof message === "string" && { message }),
    ...(typeof span === "string" && { span }),
  };
}
