import { type ActivityId, type Address, address, type JobId } from "../brand.js";
import type { JobEvent } from "../job/event.js";
import { depthOf, parsePath, prefixOf, rootAddress } from "../job/path.js";
import type { GraphPlan, Plan } from "../plan/plan.js";
import { type PlanIndex, planIndex } from "../plan/plan-index.js";
import type { PassKey, PassRange, PassReads } from "../ports/program.js";

/**
 * The passes an event's decision is expected to look at, told before the job is read. What it looks at beside them
 * costs another round: below a join, where an address does not follow from the event's, that cannot be avoided.
 */
export function readsOf(plan: Plan, event: JobEvent): PassReads {
  const reads: Reads = { index: planIndex(plan), job: event.job, passes: [], ranges: [] };
  switch (event.kind) {
    case "complete":
    case "signal":
    case "wake": {
      const { activity, address: at } = parsePath(event.path);
      addPass(reads, activity, at);
      const mentioned = macrostepMentions(plan, activity);
      for (const mention of mentioned) addMention(reads, { activity, at, hasPass: true }, mention);
      break;
    }
    case "resume":
      // Nothing but its trigger has run of a pending job, and the job's graph is not known yet.
      if (event.body.at === undefined) addTriggers(reads, plan.graphs);
      for (const [to, base] of event.body.at ?? []) {
        const place = { activity: to, at: address(base), hasPass: false };
        for (const mention of macrostepMentions(plan, to)) addMention(reads, place, mention);
      }
      break;
    case "interrupt":
      // The end of the job is when its `expire` is evaluated.
      addTriggers(
        reads,
        plan.graphs.filter(({ expire }) => expire !== null && expire.op !== "literal"),
      );
      break;
    case "start":
    case "cancel":
  }
  return { passes: dedupe(reads.passes), ranges: dedupe(reads.ranges) };
}

interface Reads {
  readonly index: PlanIndex;
  readonly job: JobId;
  readonly passes: PassKey[];
  readonly ranges: PassRange[];
}

/** Where a decision begins. */
interface Place {
  readonly activity: ActivityId;
  /** The address of its pass; of an arrival, whose pass has none yet, the base. */
  readonly at: Address;
  readonly hasPass: boolean;
}

function addTriggers(reads: Reads, graphs: readonly GraphPlan[]): void {
  for (const graph of graphs) addPass(reads, graph.trigger, rootAddress);
}

function addPass(reads: Reads, activity: ActivityId, at: Address): void {
  reads.passes.push({ job: reads.job, activity, address: at });
}

function addMention(reads: Reads, place: Place, mentioned: ActivityId): void {
  const { index, job } = reads;
  const depth = depthOf(place.at);
  if (index.ancestors(place.activity).has(mentioned)) {
    for (const level of index.depths(mentioned)) {
      if (level <= depth) addPass(reads, mentioned, prefixOf(place.at, level));
    }
    // On another path it would be no ancestor, and below a join its address does not follow from the place's.
    if (isDominated(index, place.activity, mentioned)) return;
  }
  if (place.hasPass && mentioned === place.activity) return;
  // Whatever lies below the place alone is made in this very step; but where paths differ in length, the address of
  // another pass of it can look as if it lay below.
  if (isToldByAddress(index, mentioned, place.activity)) return;
  for (let level = 1; level <= depth; level += 1) {
    reads.ranges.push({ job, activity: mentioned, under: prefixOf(place.at, level) });
  }
}

/** True when every path to `id` leads through `from`. */
export function isDominated(index: PlanIndex, id: ActivityId, from: ActivityId): boolean {
  for (let above = index.fork(id); above !== null; above = index.fork(above)) if (above === from) return true;
  return false;
}

/**
 * Do addresses tell which passes of `id` stem from a pass of `above`? Only where all of them stem from one, and no pass
 * of `above` stands deeper than another, so that it cannot look as if it were below.
 */
export function isToldByAddress(index: PlanIndex, id: ActivityId, above: ActivityId): boolean {
  return isDominated(index, id, above) && index.depths(above).size === 1;
}

const memo = new WeakMap<Plan, Map<string, ReadonlySet<ActivityId>>>();

/**
 * Activities that some expression may mention from the answer of `from`, or the arrival there, to the next wait: hops
 * are followed in memory, so everything up to the next wait is read at once.
 */
function macrostepMentions(plan: Plan, from: ActivityId): ReadonlySet<ActivityId> {
  const known = memo.get(plan) ?? new Map<string, ReadonlySet<ActivityId>>();
  memo.set(plan, known);
  const found = known.get(from) ?? collectMentions(planIndex(plan), from);
  known.set(from, found);
  return found;
}

function collectMentions(index: PlanIndex, from: ActivityId): ReadonlySet<ActivityId> {
  const mentions = new Set<ActivityId>();
  const seen = new Set<ActivityId>();
  const pending = [from];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const activity = index.activity(id);
    if (activity === undefined || seen.has(id)) continue;
    seen.add(id);
    for (const mention of activity.mentions) mentions.add(mention);
    if (activity.type === "cycle") pending.push(activity.ancestor);
    // An arrival may fail, and an error is routed at once: edges are followed even where the activity waits.
    pending.push(...activity.edges.map((edge) => edge.to));
  }
  return mentions;
}

export function dedupe<Item extends object>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
