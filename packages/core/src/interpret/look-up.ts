import type { ActivityId, Address } from "../brand.js";
import { stemsFrom } from "../job/lineage.js";
import { type ActivityPath, isWithin, parsePath, pathOf } from "../job/path.js";
import type { PassRecord } from "../ports/records.js";
import type { Draft } from "./draft.js";
import { isToldByAddress } from "./read-set.js";

/**
 * A pass by its key; null when there is none. What the state was not read for counts as absent for now, and is noted as
 * wanted: the decision is thrown away and made again.
 */
export function passAt(draft: Draft, activity: ActivityId, address: Address): PassRecord | null {
  const path = pathOf(activity, address);
  const pass = draft.passes.get(path);
  if (pass !== undefined) return pass;
  const isAsked = draft.asked?.passes.some((key) => key.activity === activity && key.address === address) ?? true;
  if (!isAsked) draft.wantedPasses.set(path, { job: draft.record.id, activity, address });
  return null;
}

/** The only pass of an activity with data at or below another pass; null when there is none, or several. */
export function onlyPassBelow(draft: Draft, above: ActivityPath, activity: ActivityId): PassRecord | null {
  const { address } = above;
  if (!isToldByAddress(draft.index, activity, above.activity)) return onlyDescendant(draft, above, activity);
  if (!isRead(draft, above, activity)) {
    draft.wantedRanges.set(pathOf(activity, address), { job: draft.record.id, activity, under: address });
  }
  const [only, ...others] = withData(draft, activity, address);
  return others.length > 0 ? null : (only ?? null);
}

/** The same where the address of a pass does not tell whether it is below. */
function onlyDescendant(draft: Draft, above: ActivityPath, activity: ActivityId): PassRecord | null {
  const below = [...draft.lineages].flatMap(([path, via]) => {
    const pass = parsePath(path);
    return pass.activity === activity && stemsFrom({ address: pass.address, via }, above) ? [pass] : [];
  });
  const [only, ...others] = below;
  return only === undefined || others.length > 0 ? null : passAt(draft, activity, only.address);
}

function isRead(draft: Draft, above: ActivityPath, activity: ActivityId): boolean {
  const { asked } = draft;
  if (asked === null) return true;
  const isSeen = asked.ranges.some(
    (range) =>
      range.activity === activity &&
      // A wider range that found less than its limit found everything.
      (range.under === above.address ||
        (isWithin(above.address, range.under) && withData(draft, activity, range.under).length < 2)),
  );
  if (isSeen) return true;
  return draft.ended.has(pathOf(above.activity, above.address));
}

function withData(draft: Draft, activity: ActivityId, under: Address): readonly PassRecord[] {
  return [...draft.passes.values()].filter(
    (pass) =>
      pass.activity === activity && isWithin(pass.address, under) && (pass.output !== null || pass.hook !== null),
  );
}
