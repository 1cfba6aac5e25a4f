import type { JobId } from "../../brand.js";
import { isWithin } from "../../job/path.js";
import type { InboundMessage } from "../../ports/message.js";
import type { PassRange, ReadSet, Snapshot } from "../../ports/program.js";
import type { JobRecord, PassRecord } from "../../ports/records.js";
import { pageOf } from "./counters.js";
import { pendingWait } from "./escalations.js";
import { activationLock } from "./locks.js";
import { liveJob } from "./messages.js";
import { passKey } from "./tables.js";
import type { Unit } from "./unit.js";

/** Enough to tell whether there is exactly one. */
const passesPerRange = 2;

/** Reads what the program asked for. */
export function load(
  unit: Unit,
  messages: readonly InboundMessage[],
  { reads, escalations }: { readonly reads: ReadSet; readonly escalations: ReadonlySet<string> },
): Snapshot {
  if (reads.activation) unit.lock(activationLock, true);
  const jobs = new Map<JobId, JobRecord>();
  for (const { job } of messages) {
    const record = job === null ? null : liveJob(unit, job);
    if (record !== null) jobs.set(record.id, record);
  }
  return {
    now: unit.now,
    jobs,
    passes: passesOf(unit, reads),
    asked: { passes: reads.passes, ranges: reads.ranges },
    activation: reads.activation ? (unit.tables.activation.get("active") ?? null) : null,
    ...(reads.counters !== undefined && {
      counters: new Map([...reads.counters].map(([name, range]) => [name, pageOf(unit, range)])),
    }),
    ...(escalations.size > 0 && { escalations: new Map([...escalations].map((key) => [key, pendingWait(unit, key)])) }),
  };
}

function passesOf(unit: Unit, reads: ReadSet): readonly PassRecord[] {
  const found = new Map<string, PassRecord>();
  for (const key of reads.passes) {
    const pass = unit.tables.passes.get(passKey(key));
    if (pass !== undefined) found.set(passKey(pass), pass);
  }
  for (const range of reads.ranges) {
    for (const pass of within(unit, range)) found.set(passKey(pass), pass);
  }
  return [...found.values()].filter((pass) => liveJob(unit, pass.job) !== null);
}

function within(unit: Unit, range: PassRange): readonly PassRecord[] {
  return unit.tables.passes
    .group("job", range.job)
    .filter((pass) => pass.activity === range.activity && isWithin(pass.address, range.under))
    .filter((pass) => pass.output !== null || pass.hook !== null)
    .slice(0, passesPerRange);
}
