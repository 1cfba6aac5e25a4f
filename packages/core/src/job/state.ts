import type { PathText } from "../brand.js";
import type { JobRecord, PassRecord } from "../ports/records.js";
import type { Control } from "./control.js";
import { decodeControl } from "./control-codec.js";
import { pathOf } from "./path.js";

/** A job as the interpreter sees it: the row, its bookkeeping decoded, and the passes that were read. */
export interface JobState {
  readonly record: JobRecord;
  readonly control: Control;
  /** Those that were asked for; an absent one was not read or does not exist. */
  readonly passes: ReadonlyMap<PathText, PassRecord>;
}

export function jobState(record: JobRecord, passes: readonly PassRecord[]): JobState {
  return {
    record,
    control: decodeControl(record.control),
    passes: new Map(passes.map((pass) => [pathOf(pass.activity, pass.address), pass])),
  };
}
