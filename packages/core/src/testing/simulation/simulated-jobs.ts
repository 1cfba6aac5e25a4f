import { decodeControl } from "../../job/control-codec.js";
import { jobOutput } from "../../job/output.js";
import type { JobRecord } from "../../ports/records.js";
import type { DatabaseContents } from "../memory/database.js";
import type { SimulatedJob } from "./simulation.js";

/** The jobs of a database, by their ids. */
export function jobsOf({ jobs }: DatabaseContents): readonly SimulatedJob[] {
  return jobs.map(jobOf).sort((one, other) => (one.id < other.id ? -1 : 1));
}

function jobOf(record: JobRecord): SimulatedJob {
  const { id, topic, phase: state, status, failure } = record;
  const waits = [...decodeControl(record.control).open.values()].map(({ activity, waits }) => `${activity}: ${waits}`);
  return { id, topic, state, status, data: jobOutput(record).data ?? null, failure, waitsFor: waits.sort() };
}
