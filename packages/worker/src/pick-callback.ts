import type { WorkerCallback } from "./message.js";

/** One entry of `workers`: entries with names share the topic's consumer. */
export interface WorkerEntry {
  /** Null: takes what no other entry is named for. */
  readonly name: string | null;
  /** Runs the messages of this entry. */
  readonly callback: WorkerCallback;
}

/** The callback for a message; null: nobody here, somebody else may have it. */
export function pickCallback(entries: readonly WorkerEntry[], workflow: string | null): WorkerCallback | null {
  const named = workflow === null ? undefined : entries.find((entry) => entry.name === workflow);
  const general = entries.find((entry) => entry.name === null);
  const only = workflow === null && entries.length === 1 ? entries[0] : undefined;
  return (named ?? general ?? only)?.callback ?? null;
}
