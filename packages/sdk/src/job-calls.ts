import { HotMeshError, type JobId, messageKey, type OutgoingMessage, type Verdict } from "@hotmesh/core";
import { type Engine, eventError } from "@hotmesh/engine";
import {
  cancellationMessage,
  interruptionMessage,
  type JobInterruptOptions,
  resumeMessage,
} from "./engine-messages.js";

export interface JobCallPorts {
  readonly engine: Engine<object>;
  readonly newId: () => string;
}

/**
 * Ends a job at once; the id of the message to a parent that awaits it. With `descend` its children have a message as
 * well, which ends them whatever becomes of this process; it may have to wait, so they are ended from here too.
 */
export async function interruptJob(
  ports: JobCallPorts,
  id: JobId,
  options: JobInterruptOptions,
): Promise<string | undefined> {
  const verdict = await submit(ports, (key) => interruptionMessage(key, id, options));
  if (verdict.outcome === "applied") {
    const { children = [], told } = verdict;
    await Promise.all(children.map((child) => interruptJob(ports, child, { ...options, suppress: true })));
    return told;
  }
  if (!(options.suppress === true && verdict.outcome === "stale")) refuse(verdict, id);
  return undefined;
}

/** Marks a job as cancelled, unless it is over or unknown. */
export async function cancelJob(ports: JobCallPorts, id: JobId): Promise<void> {
  const verdict = await submit(ports, (key) => cancellationMessage(key, id));
  if (verdict.outcome !== "stale") refuse(verdict, id);
}

/** Starts a pending job. */
export async function resumeJob(ports: JobCallPorts, id: JobId): Promise<void> {
  const verdict = await submit(ports, (key) => resumeMessage(key, id));
  if (verdict.outcome === "stale" && verdict.reason === "closed") {
    const hint = "only a job that was started with 'pending', once, can be resumed";
    throw new HotMeshError("not-pending", `Job ${id} is not pending; ${hint}`);
  }
  refuse(verdict, id);
}

type Key = OutgoingMessage["key"];

function submit({ engine, newId }: JobCallPorts, message: (key: Key) => OutgoingMessage): Promise<Verdict> {
  return engine.submit(message(messageKey(newId())));
}

function refuse(verdict: Verdict, id: JobId): void {
  const error = eventError(verdict, id);
  if (error !== null) throw error;
}
