import type { Json, JsonObject } from "../json.js";
import type { JobRecord } from "../ports/records.js";
import type { Control } from "./control.js";
import { decodeControl } from "./control-codec.js";
import { plain } from "./exotic.js";
import { timeText } from "./time-text.js";

/** What callers get of a job. */
export interface JobOutput {
  /** Who, where, when and how: `jid` is the job's id, `state` how it is, `err` its failure as JSON text. */
  readonly metadata: JsonObject;
  /** Absent when nothing was mapped. */
  readonly data?: JsonObject;
}

/** What callers get of a stored job. */
export function jobOutput(record: JobRecord, control: ControlMeta = decodeControl(record.control)): JobOutput {
  const metadata = metadataOf(record, control);
  if (record.data === null) return { metadata };
  return { metadata, data: control.exotic ? plain(record.data) : record.data };
}

type ControlMeta = Pick<Control, "app" | "trigger" | "slice" | "exotic" | "persistent" | "numericId">;

/** The fields of `metadata`, in a fixed order; what a job does not have is absent. */
export function metadataOf(record: JobRecord, control: ControlMeta = decodeControl(record.control)): JsonObject {
  const metadata: Record<string, Json> = {
    tpc: record.topic,
    app: control.app,
    vrs: record.version,
    jid: control.numericId ? Number(record.id) : record.id,
    gid: record.generation,
    aid: control.trigger,
    ts: control.slice,
    jc: timeText(record.createdAt),
    ju: timeText(record.updatedAt),
    js: record.status,
    state: record.phase,
  };
  if (record.key !== null && record.key !== "") metadata["key"] = record.key;
  if (control.persistent !== null) metadata["persistent"] = control.persistent;
  if (record.parent !== null) {
    metadata["pj"] = record.parent.job;
    metadata["pg"] = record.parent.generation;
    metadata["pd"] = record.parent.path.slice(record.parent.path.indexOf(","));
    metadata["pa"] = record.parent.path.slice(0, record.parent.path.indexOf(","));
    if (!record.parent.awaits) metadata["px"] = true;
  }
  if (record.waiter !== null) metadata["ngn"] = record.waiter;
  if (record.trace !== null) metadata["trc"] = record.trace;
  if (record.failure !== null) metadata["err"] = JSON.stringify(record.failure);
  return metadata;
}
