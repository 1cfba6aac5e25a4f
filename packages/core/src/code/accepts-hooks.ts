import { decodeControl } from "../job/control-codec.js";
import type { JobRecord } from "../ports/records.js";
import { doorActivity } from "./code-plan.js";

/** Whether other functions can run inside of a job now. */
export function acceptsHooks(record: JobRecord): boolean {
  return [...decodeControl(record.control).open.values()].some(({ activity }) => activity === doorActivity);
}
