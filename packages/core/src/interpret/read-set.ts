import { type ActivityId, type Address, address, type JobId } from "../brand.js";
import type { JobEvent } from "../job/event.js";
import { depthOf, parsePath, prefixOf, rootAddress } from "../job/path.js";
import type { Plan } from "../plan/plan.js";
import { type PlanIndex, planIndex } from "../plan/plan-index.js";
import type { PassKey, PassRange } from "../ports/program.js";

export interface PassReads {
  readonly passes: readonly PassKey[];
  readonly ranges: readonly PassRange[];
}

/** The passes an event's decision may look at, known before the job is read. */
export function readsOf(plan: Plan, event: JobEvent): PassReads {
  const index = planIndex(plan);
  const passes: PassKey[] = [];
  const ranges: PassRange[] = [];
  for (const at of placesOf(plan, event)) {
    const own = at.activity ?? index.graphOf(at.below ?? "")?.trigger;
    if (own === undefined) continue;
    if (at.activity !== null && at.address !== null)
      passes.push({ job: event.job, activity: own, address: at.address });
    for (const mentioned of macrostepMentions(plan, own, at.below)) {
      const from = at.below ?? own;
      addReads({ index, passes, ranges }, { job: event.job, from, at: at.address ?? rootAddress }, mentioned);
    }
  }
  return { passes: dedupe(passes), ranges: dedupe(ranges) };
}

interface Place {
  /** The activity that is answered; null: an arrival, whose target is `below`. */
  readonly activity: ActivityId | null;
  readonly below: ActivityId | null;
  readonly address: Address | null;
}

function placesOf(plan: Plan, event: JobEvent): readonly Place[] {
  switch (event.kind) {
    case "complete":
    case "signal":
    case "wake":
      return [{ ...parsePath(event.path), below: null }];
    case "resume":
      return (
        event.body.at?.map(([to, base]) => ({ activity: null, below: to, address: address(`${base},0`) })) ??
        // A pending job goes on from its trigger; which graph's, only the job itself can tell.
        plan.graphs.map((graph) => ({ activity: graph.trigger, below: null, address: rootAddress }))
      );
    case "start":
    case "interrupt":
      return [];
  }
}

interface Reads {
  readonly index: PlanIndex;
  readonly passes: PassKey[];
  readonly ranges: PassRange[];
}

function addReads(
  reads: Reads,
  place: { readonly job: JobId; readonly from: ActivityId; readonly at: Address },
  mentioned: ActivityId,
): void {
  const { index } = reads;
  const depth = depthOf(place.at);
  const isAbove = index.ancestors(place.from).has(mentioned);
  const graph = index.graphOf(mentioned);
  const hasJoins = graph?.activities.some((activity) => activity.join !== null) ?? false;
  if (isAbove) {
    for (const level of index.depths(mentioned)) {
      if (level <= depth)
        reads.passes.push({ job: place.job, activity: mentioned, address: prefixOf(place.at, level) });
    }
    if (!hasJoins) return;
  }
  // Whatever lies below the answered pass alone is made in this very step.
  if (mentioned === place.from || isDominated(index, mentioned, place.from)) return;
  for (let level = 1; level <= depth; level += 1) {
    reads.ranges.push({ job: place.job, activity: mentioned, under: prefixOf(place.at, level) });
  }
}

/** True when every path to `id` leads through `from`. */
function isDominated(index: PlanIndex, id: ActivityId, from: ActivityId): boolean {
  for (let above = index.fork(id); above !== null; above = index.fork(above)) if (above === from) return true;
  return false;
}

const memo = new WeakMap<Plan, Map<string, ReadonlySet<ActivityId>>>();

/**
 * Activities that some expression may mention from the answer of `from` (or the arrival at `below`) to the next wait:
 * hops are followed in memory, so everything up to the next wait is read at once.
 */
function macrostepMentions(plan: Plan, from: ActivityId, below: ActivityId | null): ReadonlySet<ActivityId> {
  const known = memo.get(plan) ?? new Map<string, ReadonlySet<ActivityId>>();
  memo.set(plan, known);
  const key = JSON.stringify([from, below]);
  const found = known.get(key) ?? collectMentions(planIndex(plan), from, below);
  known.set(key, found);
  return found;
}

function collectMentions(index: PlanIndex, from: ActivityId, below: ActivityId | null): ReadonlySet<ActivityId> {
  const mentions = new Set<ActivityId>();
  const seen = new Set<ActivityId>();
  const pending: ActivityId[] = [];
  const visit = (id: ActivityId): void => {
    const activity = index.activity(id);
    if (activity === undefined) return;
    for (const mention of activity.mentions) mentions.add(mention);
    if (activity.type === "cycle") pending.push(activity.ancestor);
    pending.push(...activity.edges.map((edge) => edge.to));
  };
  if (below === null) visit(from);
  else pending.push(below);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    // An arrival may fail, and an error is routed at once: edges are followed even where the activity waits.
    visit(id);
  }
  return mentions;
}

function dedupe<Item extends object>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
