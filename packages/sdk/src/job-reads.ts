import {
  activityDetails,
  HotMeshError,
  type JobExport,
  type JobId,
  type JobOutput,
  type JobRecord,
  jobExport,
  jobOutput,
  type PassRecord,
  rawJob,
  type Store,
  type StoredForm,
} from "@hotmesh/core";
import type { Engine } from "@hotmesh/engine";
import { GetStateError } from "./errors.js";

/** Options of `export`. */
export interface ExportOptions {
  /** True: `activities`, one per attempt. */
  enrich_inputs?: boolean;
  /** Without effect here: of a code-first workflow, the members to give. */
  allow?: string[];
  /** Without effect here: of a code-first workflow, the members to leave out. */
  block?: string[];
  /** Without effect here: of a code-first workflow, false leaves values out. */
  values?: boolean;
}

type Reads = Pick<Store, "readJob" | "readPasses" | "readAttempts">;

export async function readState(store: Pick<Reads, "readJob">, id: JobId): Promise<JobOutput> {
  const record = await store.readJob(id);
  if (record === null) throw new GetStateError(id);
  return jobOutput(record);
}

export async function readStatus(store: Pick<Reads, "readJob">, id: JobId): Promise<number> {
  const record = await store.readJob(id);
  if (record === null) throw new HotMeshError("job-not-found", `Job ${id} not found`);
  return record.status;
}

export async function readRaw(store: Reads, id: JobId): Promise<Record<string, string>> {
  const found = await readWhole(store, id, { isEncoded: true });
  return found === null ? {} : rawJob(found.record, found.passes);
}

export async function readExport(
  ports: { readonly store: Reads; readonly engine: Engine<object> },
  id: JobId,
  options: ExportOptions,
): Promise<JobExport> {
  const { store, engine } = ports;
  const found = await readWhole(store, id);
  const exported = jobExport(found?.record ?? null, found?.passes ?? []);
  if (found === null || options.enrich_inputs !== true) return exported;
  const { record } = found;
  const [attempts, plan] = await Promise.all([
    store.readAttempts(record.id, record.generation),
    engine.plan(record.plan),
  ]);
  return { ...exported, activities: activityDetails({ ...found, attempts, plan }) };
}

/** A job and its passes; null: it is not found. The passes are read after the job and may be newer. */
async function readWhole(
  store: Reads,
  id: JobId,
  form: StoredForm = {},
): Promise<{ readonly record: JobRecord; readonly passes: readonly PassRecord[] } | null> {
  let record = await store.readJob(id, form);
  while (record !== null) {
    const passes = await store.readPasses(id, record.generation, form);
    if (passes.length > 0) return { record, passes };
    // The trigger has a pass. So the job has been removed or replaced since it was read, or its passes were pruned.
    const again = await store.readJob(id, form);
    if (again?.generation === record.generation) return { record: again, passes };
    record = again;
  }
  return null;
}
