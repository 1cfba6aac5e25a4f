import type { PathText } from "../brand.js";
import type { PassReads } from "../ports/program.js";
import type { JobRecord, PassRecord } from "../ports/records.js";
import type { Control } from "./control.js";
import { decodeControl } from "./control-codec.js";
import { pathOf } from "./path.js";

/** A job as the interpreter sees it: the row, its bookkeeping decoded, and the passes that were read. */
export interface JobState {
  readonly record: JobRecord;
  readonly control: Control;
  readonly passes: ReadonlyMap<PathText, PassRecord>;
  /** What `passes` was read for. Null: they are all the job has. */
  readonly asked: PassReads | null;
}

/** `asked`: what the passes were read for; null: they are all the job has. */
export function jobState(record: JobRecord, passes: readonly PassRecord[], asked: PassReads | null = null): JobState {
  return {
    asked,
    record,
    control: decodeControl(record.control),
    passes: new Map(passes.map((pass) => [pathOf(pass.activity, pass.address), pass])),
  };
}
