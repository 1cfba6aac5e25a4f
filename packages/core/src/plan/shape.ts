import type { ActivityId } from "../brand.js";

/** Edges from each activity. Activities without edges may be missing. */
export type Edges = ReadonlyMap<ActivityId, readonly ActivityId[]>;

const none: readonly ActivityId[] = [];

/** The same edges, walked against their direction. */
export function reversed(edges: Edges): Edges {
  const back = new Map<ActivityId, ActivityId[]>();
  for (const [source, targets] of edges) {
    for (const target of targets) {
      const sources = back.get(target);
      if (sources === undefined) back.set(target, [source]);
      else sources.push(source);
    }
  }
  return back;
}

/** Everything behind `from`. `from` itself is in it only when a loop leads back to it. */
export function reachable(edges: Edges, from: ActivityId): ReadonlySet<ActivityId> {
  const seen = new Set<ActivityId>();
  const open = [from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const target of edges.get(next) ?? none) {
      if (seen.has(target)) continue;
      seen.add(target);
      open.push(target);
    }
  }
  return seen;
}

/** What can be reached from `start`, `start` first, each before everything behind it (where there are no loops). */
export function topological(edges: Edges, start: ActivityId): readonly ActivityId[] {
  const finished: ActivityId[] = [];
  const seen = new Set([start]);
  const open: { readonly id: ActivityId; readonly targets: Iterator<ActivityId> }[] = [
    { id: start, targets: (edges.get(start) ?? none)[Symbol.iterator]() },
  ];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const step = top.targets.next();
    if (step.done === true) {
      finished.push(top.id);
      open.pop();
    } else if (!seen.has(step.value)) {
      seen.add(step.value);
      open.push({ id: step.value, targets: (edges.get(step.value) ?? none)[Symbol.iterator]() });
    }
  }
  return finished.reverse();
}

/**
 * For each activity behind `start` the nearest other activity that lies on every path to it: its immediate dominator,
 * after Cooper, Harvey and Kennedy.
 */
export function nearestDominators(edges: Edges, start: ActivityId): ReadonlyMap<ActivityId, ActivityId> {
  const order = topological(edges, start);
  const rank = new Map(order.map((id, index) => [id, index]));
  const back = reversed(edges);
  const nearest = new Map<ActivityId, ActivityId>([[start, start]]);
  const common = (one: ActivityId, other: ActivityId): ActivityId => {
    let [a, b] = [one, other];
    while (a !== b) {
      if ((rank.get(a) ?? 0) > (rank.get(b) ?? 0)) a = nearest.get(a) ?? start;
      else b = nearest.get(b) ?? start;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of order.slice(1)) {
      const sources = (back.get(id) ?? none).filter((source) => nearest.has(source));
      const found = sources.reduce(common);
      if (nearest.get(id) === found) continue;
      nearest.set(id, found);
      changed = true;
    }
  }
  nearest.delete(start);
  return nearest;
}

/** Number of edges of the longest path between two activities; 0 when there is none. The edges form no loop. */
export function longestPath(edges: Edges, from: ActivityId, to: ActivityId): number {
  const length = new Map<ActivityId, number>([[from, 0]]);
  for (const id of topological(edges, from)) {
    const here = length.get(id) ?? 0;
    for (const target of edges.get(id) ?? none) length.set(target, Math.max(length.get(target) ?? 0, here + 1));
  }
  return length.get(to) ?? 0;
}
