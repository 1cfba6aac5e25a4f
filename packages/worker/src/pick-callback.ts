import type { RetryPolicy } from "@hotmesh/core";
import type { WorkerCallback } from "./worker-callback.js";

/** One entry of `workers`: entries with names share the topic's consumer. */
export interface WorkerEntry {
  /** Null: takes what no other entry is named for. */
  readonly name: string | null;
  /** Runs the messages of this entry. */
  readonly callback: WorkerCallback;
  /** For messages of this entry without a policy of their own; the worker's unless given. */
  readonly policy?: RetryPolicy | null;
  /** False: it can take no message now. */
  readonly hasRoom?: () => boolean;
}

/** The entry for a message; null: nobody here can take it now, somebody else may. */
export function pickEntry(entries: readonly WorkerEntry[], workflow: string | null): WorkerEntry | null {
  const named = workflow === null ? [] : entries.filter((entry) => entry.name === workflow);
  if (named.length > 0) return named.find(hasRoom) ?? null;
  const general = entries.find((entry) => entry.name === null);
  const only = workflow === null && entries.length === 1 ? entries[0] : undefined;
  return [general ?? only].find((entry) => entry !== undefined && hasRoom(entry)) ?? null;
}

function hasRoom(entry: WorkerEntry): boolean {
  return entry.hasRoom?.() !== false;
}
