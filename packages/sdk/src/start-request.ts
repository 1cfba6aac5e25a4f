import { HotMeshError, isJsonObject, type JsonObject, jsonOf } from "@hotmesh/core";
import type { StartJob } from "@hotmesh/engine";
import { callerTrace } from "./telemetry/caller-trace.js";

/** What a caller may tell a job about its surroundings: its trace. Other fields are ignored. */
export interface JobState {
  /** `trc` is a trace, `spn` a span in it; the job continues them. */
  metadata?: { trc?: string; spn?: string; [key: string]: unknown };
  /** Ignored. */
  data?: Record<string, unknown>;
}

/** Extras of a start. */
export interface ExtensionType {
  /** User data for searches: key k is stored as `_k`. */
  search?: Record<string, string>;
  /** Only keys that begin with `-` are kept, as they are. */
  marker?: Record<string, string>;
  /** Create the job pending; it expires after so many seconds unless it is resumed. */
  pending?: number;
  /** Label of the job; wins over the trigger's. */
  entity?: string;
  /** A client inside the caller's open transaction: the job exists if and only if it commits. */
  client?: object;
}

/** A start as the engine takes it. Throws `invalid-argument` for a payload that is no map. */
export function startRequest(
  topic: string,
  data: unknown,
  extras: { readonly context?: JobState | null | undefined; readonly extended?: ExtensionType | undefined },
): StartJob<object> {
  const { search = {}, marker = {}, pending, entity, client } = extras.extended ?? {};
  const fields = [
    ...Object.entries(search).map(([key, value]): [string, string] => [`_${key}`, String(value)]),
    ...Object.entries(marker).flatMap(([key, value]): [string, string][] =>
      key.startsWith("-") ? [[key, String(value)]] : [],
    ),
  ];
  if (pending !== undefined && !(Number.isFinite(pending) && pending > 0)) {
    throw new HotMeshError("invalid-argument", `pending is ${String(pending)}; expected seconds above 0`);
  }
  return {
    topic,
    payload: jsonObject(data, `the data for topic ${topic}`),
    fields: Object.fromEntries(fields),
    entity: entity ?? null,
    trace: callerTrace(extras.context?.metadata),
    pendingSeconds: pending ?? null,
    ...(client !== undefined && { within: client }),
  };
}

/** Who waits for a job inside the transaction that starts it waits for ever. */
export function refuseClient(options: object): void {
  if (!("client" in options) || options.client === undefined) return;
  const hint = "use pub with the client, and wait for the result after the commit";
  throw new HotMeshError("invalid-argument", `pubsub takes no client, because it would wait for its commit; ${hint}`);
}

/** A value as JSON data. Throws `invalid-argument` when it is no map. */
export function jsonObject(value: unknown, what: string): JsonObject {
  const json = jsonOf(value ?? {});
  if (isJsonObject(json)) return json;
  const found = Array.isArray(value) ? "a list" : typeof value;
  throw new HotMeshError("invalid-argument", `${what} is ${found}; expected a map`);
}
