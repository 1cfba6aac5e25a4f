import { isJsonObject, type LegObservation, type LegStart, type OutgoingMessage, parsePath } from "@hotmesh/core";
import type { StreamData } from "@hotmesh/worker";
import type { Attributes } from "@opentelemetry/api";

/** What is known of a leg before it runs, so that a sampler can look at it. */
export function startAttributes({ app, graph, activity, type, leg }: LegStart): Attributes {
  return {
    "app.job.app": app,
    "app.job.tpc": graph,
    "app.activity.aid": activity,
    "app.activity.atp": type,
    "app.activity.leg": leg,
  };
}

export function jobAttributes({ job, status }: LegObservation): Attributes {
  const { trc: _, ...metadata } = job;
  return { ...prefixed("app.job", metadata), "app.job.jss": status };
}

export function legAttributes(observation: LegObservation): Attributes {
  const { leg, type, activity, data, message } = observation;
  return {
    ...jobAttributes(observation),
    ...prefixed("app.activity", activity),
    "app.activity.atp": type,
    "app.activity.leg": leg,
    ...(message !== undefined && { "app.activity.mid": message }),
    ...prefixed("app.activity.data", data),
  };
}

export function executionAttributes({ metadata }: StreamData): Attributes {
  const { trc: _, spn: __, ...own } = metadata;
  return { ...prefixed("app.stream", { ...own }), "app.worker.mid": metadata.guid };
}

export function messageAttributes({
  key,
  topic,
  job,
  generation,
  path,
  workflow,
  attempt,
}: OutgoingMessage): Attributes {
  const place = path === null ? null : parsePath(path);
  return prefixed("app.stream", {
    guid: key,
    topic,
    jid: job,
    gid: generation,
    dad: place?.address,
    aid: place?.activity,
    wfn: workflow,
    try: attempt > 0 ? attempt : null,
  });
}

/** What the pass has failed with; null: it has not. */
export function failureText({ activity }: LegObservation): string | null {
  const text = activity["err"];
  if (typeof text !== "string") return null;
  const error: unknown = JSON.parse(text);
  const { message, code } = isJsonObject(error) ? error : {};
  return typeof message === "string" && message !== "" ? message : codeText(code);
}

export function codeText(code: unknown): string {
  return `Function Status Code ${String(code ?? 500)}`;
}

/** Scalars alone: a span can hold nothing else. */
function prefixed(prefix: string, values: Readonly<Record<string, unknown>>): Attributes {
  const attributes: Attributes = {};
  for (const [key, value] of Object.entries(values)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      attributes[`${prefix}.${key}`] = value;
    }
  }
  return attributes;
}
