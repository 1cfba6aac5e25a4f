import type { Json } from "@hotmesh/core";
import { derivedId } from "./derived-id.js";
import { plainJson, plainObject } from "./plain-json.js";
import { durable } from "./scope.js";
import { storedFields } from "./stored-fields.js";

/** How a workflow is ended. */
export interface TerminateOptions {
  /** The message of its error. */
  reason?: string;
  /** False: whoever waits for its result gets `undefined`. */
  throw?: boolean;
  /** True: its children as well. */
  descend?: boolean;
  /** True: it may be over already. */
  suppress?: boolean;
  /** Seconds it is kept. */
  expire?: number;
  /** 410. */
  code?: number;
  /** Of the error. */
  stack?: string;
}

/** Whether something happens once per history, or in every entry. */
export interface OnceOptions {
  /** True unless given. */
  once?: boolean;
}

/** Sends a signal, once per history. Resolves with an id. `expire`: how long it is kept when nobody waits for it. */
export function signal(signalId: string, data?: unknown, expire?: string): Promise<string> {
  return durable("signal", async ({ entry }) => {
    const sent = plainJson(data, `the data of signal ${signalId}`) ?? null;
    const n = entry.take();
    const value = derivedId(entry, n);
    const request = { kind: "signal", signalId, data: sent, value, ...(expire !== undefined && { expire }) } as const;
    const id = await entry.effect(
      { kind: "signal", name: signalId, arguments: sent, n },
      (common) => ({ ...common, ...request }),
      { value },
    );
    return String(id);
  });
}

/** Publishes one message per topic to the subscribers of the app. */
export function emit(events: Record<string, unknown>, { once = true }: OnceOptions = {}): Promise<boolean> {
  return durable("emit", async ({ entry }) => {
    const told = Object.entries(events).map(([topic, data]): [string, Json] => [
      topic,
      plainJson(data, `what is emitted on ${topic}`) ?? null,
    ]);
    const payloads = Object.fromEntries(told);
    const n = entry.take();
    const name = Object.keys(payloads).sort().join(",");
    await entry.effect(
      { kind: "emit", name, arguments: payloads, n },
      (common) => ({ ...common, kind: "emit", events: payloads, value: true }),
      { value: true, repeats: !once },
    );
    return true;
  });
}

/** Records a span with the attributes. */
export function trace(attributes: Record<string, unknown>, { once = true }: OnceOptions = {}): Promise<boolean> {
  return durable("trace", async ({ entry }) => {
    const given = plainObject(attributes, "the attributes of a span");
    const n = entry.take();
    const isRecorded = entry.history.recordAt(n) !== undefined;
    await entry.effect(
      { kind: "trace", name: "", arguments: given, n },
      (common) => ({ ...common, kind: "trace", attributes: given, value: true }),
      { value: true },
    );
    if (!isRecorded || !once) entry.options.trace?.(given);
    return true;
  });
}

/** Ends a workflow, once per history. Resolves with an id. */
export function terminate(workflowId: string, options: TerminateOptions = {}): Promise<string> {
  return durable("terminate", async ({ entry }) => {
    const given = plainObject(options, "options");
    const n = entry.take();
    const value = derivedId(entry, n);
    const id = await entry.effect(
      { kind: "interrupt", name: workflowId, arguments: given, n },
      (common) => ({ ...common, kind: "interrupt", job: workflowId, options: given, value }),
      { value },
    );
    return String(id);
  });
}

/** Writes search fields of the job. */
export function enrich(fields: Record<string, unknown>): Promise<boolean> {
  return durable("enrich", async ({ entry }) => {
    const stored = storedFields(fields);
    const n = entry.take();
    await entry.effect(
      { kind: "enrich", name: "", arguments: stored, n },
      (common) => ({ ...common, kind: "enrich", fields: stored, value: true }),
      { value: true },
    );
    return true;
  });
}
