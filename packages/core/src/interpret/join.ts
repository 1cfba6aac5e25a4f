import type { ActivityId, Address } from "../brand.js";
import { address } from "../brand.js";
import type { Arrival, JoinState, Lineage } from "../job/control.js";
import { ancestorOf, ancestorsOf, type Position, stemsFrom } from "../job/lineage.js";
import { pathOf, prefixOf, rootAddress } from "../job/path.js";
import type { ActivityPlan, GraphPlan } from "../plan/plan.js";
import { complete } from "./complete.js";
import type { Draft } from "./draft.js";
import { passAt } from "./look-up.js";

/**
 * An arrival at an activity with `join`. The first one's obligation becomes the join's, every other
 * one releases its own. `any` enters at once, `all` when no further arrival is possible.
 */
export function arriveAtJoin(draft: Draft, activity: ActivityPlan, arrival: Arrival): void {
  const fork = forkAddress(draft, activity, arrival);
  const key = pathOf(activity.id, fork);
  const known = draft.joins.get(key);
  const state: JoinState = {
    activity: activity.id,
    fork,
    entered: known?.entered ?? false,
    arrived: [...(known?.arrived ?? []), { from: arrival.from, via: viaOf(arrival), ...spanOf(arrival) }],
  };
  draft.current = 0;
  draft.joins.set(key, state);
  if (state.entered) {
    if (draft.obligations() === 0) completeFrom(draft, sourceOf(arrival));
    return;
  }
  if (activity.join === "any") enterJoin(draft, key, state);
}

/** The job ends where the arrival came from, maybe in an earlier step: its `expire` may look at that pass. */
function completeFrom(draft: Draft, source: Position): void {
  passAt(draft, source.activity, source.address);
  complete(draft, source);
}

/** Enters every waiting join whose incoming edges are all settled. Called whenever a hop has ended. */
export function settleJoins(draft: Draft): void {
  for (const [key, state] of draft.joins) {
    if (!state.entered && isSettled(draft, state)) enterJoin(draft, key, state);
  }
}

function isSettled(draft: Draft, state: JoinState): boolean {
  const join = draft.index.activity(state.activity);
  const arrived = new Set(state.arrived.map((arrival) => arrival.from));
  const sources = (join?.inbound ?? []).filter((source) => !arrived.has(source));
  if (sources.length === 0) return true;
  if (draft.queue.some((arrival) => sources.includes(arrival.from) && isForJoin(draft, state, arrival))) return false;
  const moving = activitiesBelow(draft, state);
  return !sources.some((source) => moving.some((activity) => canReach(draft.graph, activity, source)));
}

/** Is it a fired edge that leads to this very join? */
function isForJoin(draft: Draft, state: JoinState, arrival: Arrival): boolean {
  if (arrival.to !== state.activity || arrival.at !== null) return false;
  const activity = draft.index.activity(arrival.to);
  return activity !== undefined && forkAddress(draft, activity, arrival) === state.fork;
}

/** Activities with something open strictly below the fork's pass: open passes, arrivals under way, waiting joins. */
function activitiesBelow(draft: Draft, state: JoinState): readonly ActivityId[] {
  const fork = { activity: draft.index.fork(state.activity) ?? draft.graph.trigger, address: state.fork };
  const open = [...draft.open.values()].filter((pass) => stemsFrom(pass, fork)).map((pass) => pass.activity);
  const queued = draft.queue
    .filter((arrival) => stemsFrom({ address: arrival.at ?? arrivalAddress(arrival), via: arrival.via }, fork))
    .map((arrival) => arrival.to);
  const joins = [...draft.joins.values()]
    .filter((other) => !other.entered && other.activity !== state.activity)
    .filter((other) => other.arrived.some(({ via }) => stemsFrom({ address: other.fork, via }, fork)))
    .map((other) => other.activity);
  return [...open, ...queued, ...joins];
}

function enterJoin(draft: Draft, key: string, state: JoinState): void {
  draft.joins.set(key, { ...state, entered: true });
  const at = address(`${state.fork}${",0".repeat(Math.max(draft.index.span(state.activity), 1))}`);
  const first = state.arrived[0];
  draft.queue.push({
    to: state.activity,
    from: first?.from ?? state.activity,
    base: state.fork,
    via: mergedLineage(at, state.arrived),
    at,
    ...(first !== undefined && spanOf(first)),
  });
}

/** A join has many parents; its span has one, the leg that was there first. */
function spanOf({ span }: Pick<Arrival, "span">): Pick<Arrival, "span"> {
  return span === undefined ? {} : { span };
}

/** The passes on the paths of all arrivals, upper ones first. Their addresses are written out where they must be. */
function mergedLineage(at: Address, arrived: JoinState["arrived"]): Lineage {
  const passes = new Map<ActivityId, Address>();
  for (const arrival of arrived) {
    const source = { address: at, via: arrival.via };
    for (const pass of ancestorsOf(source)) if (!passes.has(pass.activity)) passes.set(pass.activity, pass.address);
  }
  const sorted = [...passes].sort(([, a], [, b]) => a.split(",").length - b.split(",").length);
  return sorted.map(([activity, own], index) => (own === prefixOf(at, index + 1) ? activity : pathOf(activity, own)));
}

/** The arrival's lineage with every address written out: it is read again at another depth. */
function viaOf(arrival: Arrival): Lineage {
  return ancestorsOf({ address: arrivalAddress(arrival), via: arrival.via }).map((pass) =>
    pathOf(pass.activity, pass.address),
  );
}

function arrivalAddress(arrival: Arrival): Address {
  return address(`${arrival.base},0`);
}

function forkAddress(draft: Draft, activity: ActivityPlan, arrival: Arrival): Address {
  const fork = draft.index.fork(activity.id);
  const position: Position = { activity: activity.id, address: arrivalAddress(arrival), via: arrival.via };
  return fork === null ? rootAddress : (ancestorOf(position, fork)?.address ?? rootAddress);
}

function sourceOf(arrival: Arrival): Position {
  return { activity: arrival.from, address: arrival.base, via: arrival.via.slice(0, -1) };
}

const reach = new WeakMap<GraphPlan, Map<ActivityId, ReadonlySet<ActivityId>>>();

/** Whether something at `from` can still lead to a pass of `to`: by edges, and by the jumps of cycles. */
function canReach(graph: GraphPlan, from: ActivityId, to: ActivityId): boolean {
  const known = reach.get(graph) ?? new Map<ActivityId, ReadonlySet<ActivityId>>();
  reach.set(graph, known);
  const found = known.get(from) ?? reachableFrom(graph, from);
  known.set(from, found);
  return found.has(to);
}

function reachableFrom(graph: GraphPlan, from: ActivityId): ReadonlySet<ActivityId> {
  const byId = new Map(graph.activities.map((activity) => [activity.id, activity]));
  const seen = new Set<ActivityId>([from]);
  const pending = [from];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const activity = byId.get(id);
    const targets = activity?.edges.map((edge) => edge.to) ?? [];
    if (activity?.type === "cycle") targets.push(activity.ancestor);
    for (const target of targets) {
      if (seen.has(target)) continue;
      seen.add(target);
      pending.push(target);
    }
  }
  return seen;
}
