import type { ActivityId, Topic } from "../brand.js";
import type { ActivityPlan, GraphPlan, HookRule, Plan } from "./plan.js";
import { type Edges, longestPath, nearestDominators, reachable, reversed, topological } from "./shape.js";

/** A hook rule together with the graph it belongs to. */
export interface IndexedRule {
  readonly graph: GraphPlan;
  readonly rule: HookRule;
  /** Its place among the rules of its topic for its target, from 0. */
  readonly place: number;
}

/** What can be looked up in a plan and follows from its shape alone. */
export interface PlanIndex {
  readonly activity: (id: ActivityId) => ActivityPlan | undefined;
  readonly graphOf: (id: ActivityId) => GraphPlan | undefined;
  /** The graph that a topic starts. */
  readonly graphFor: (topic: Topic) => GraphPlan | undefined;
  /** All rules of a signal topic, in document order. */
  readonly rulesOn: (topic: Topic) => readonly IndexedRule[];
  /** The rules that a hook waits under, in document order. */
  readonly rulesFor: (id: ActivityId) => readonly IndexedRule[];
  /** Every other activity on some path from the trigger to this one. */
  readonly ancestors: (id: ActivityId) => ReadonlySet<ActivityId>;
  /**
   * Every level an address of this activity can have: the trigger is at 1, a child one below its parent, a joined
   * activity below its fork.
   */
  readonly depths: (id: ActivityId) => ReadonlySet<number>;
  /** The nearest activity on every path from the trigger to this one; null for the trigger and for the unreachable. */
  readonly fork: (id: ActivityId) => ActivityId | null;
  /**
   * Some activity may ask for its only pass below another one, and addresses do not tell which passes those are: there
   * are several paths, and what lies side by side on them shares addresses.
   */
  readonly keepsLineage: (id: ActivityId) => boolean;
  /** Number of edges of the longest path from the fork to this activity. */
  readonly span: (id: ActivityId) => number;
  /** Its passes stay open for somebody else's answer: a worker, an await, or a hook that is the target of a rule. */
  readonly waits: (id: ActivityId) => boolean;
}

const indexes = new WeakMap<Plan, PlanIndex>();

/** The index of a plan. Made once per plan object. */
export function planIndex(plan: Plan): PlanIndex {
  const known = indexes.get(plan);
  if (known !== undefined) return known;
  const made = makeIndex(plan);
  indexes.set(plan, made);
  return made;
}

function makeIndex(plan: Plan): PlanIndex {
  const activities = new Map<ActivityId, ActivityPlan>();
  const owners = new Map<ActivityId, GraphPlan>();
  const graphs = new Map<Topic, GraphPlan>();
  const rulesOn = new Map<Topic, IndexedRule[]>();
  const rulesFor = new Map<ActivityId, IndexedRule[]>();
  for (const graph of plan.graphs) {
    graphs.set(graph.topic, graph);
    for (const activity of graph.activities) {
      activities.set(activity.id, activity);
      owners.set(activity.id, graph);
    }
    for (const rule of graph.hooks) {
      const place = (rulesFor.get(rule.to) ?? []).filter((other) => other.rule.topic === rule.topic).length;
      append(rulesOn, rule.topic, { graph, rule, place });
      append(rulesFor, rule.to, { graph, rule, place });
    }
  }
  const shapes = memoised((graph: GraphPlan) => graphShape(graph));
  const shapeOf = (id: ActivityId): GraphShape | null => {
    const graph = owners.get(id);
    return graph === undefined ? null : shapes(graph);
  };
  return {
    activity: (id) => activities.get(id),
    graphOf: (id) => owners.get(id),
    graphFor: (topic) => graphs.get(topic),
    rulesOn: (topic) => rulesOn.get(topic) ?? noRules,
    rulesFor: (id) => rulesFor.get(id) ?? noRules,
    ancestors: memoised((id) => shapeOf(id)?.ancestors(id) ?? nobody),
    depths: (id) => shapeOf(id)?.depths().get(id) ?? nowhere,
    fork: (id) => shapeOf(id)?.forks().get(id) ?? null,
    keepsLineage: memoised((id) => {
      const shape = shapeOf(id);
      return shape !== null && isAskedFor(owners.get(id), shape, id);
    }),
    span: memoised((id) => shapeOf(id)?.span(id) ?? 0),
    waits: (id) => {
      const type = activities.get(id)?.type;
      return type === "worker" || type === "await" || (type === "hook" && rulesFor.has(id));
    },
  };
}

const noRules: readonly IndexedRule[] = [];
const nobody: ReadonlySet<ActivityId> = new Set();
const nowhere: ReadonlySet<number> = new Set();

/** Computed when first asked for: most graphs need few of these, and a large app has many activities. */
interface GraphShape {
  readonly ancestors: (id: ActivityId) => ReadonlySet<ActivityId>;
  readonly depths: () => ReadonlyMap<ActivityId, ReadonlySet<number>>;
  readonly forks: () => ReadonlyMap<ActivityId, ActivityId>;
  readonly span: (id: ActivityId) => number;
}

function graphShape(graph: GraphPlan): GraphShape {
  const edges = new Map(graph.activities.map((activity) => [activity.id, activity.edges.map((edge) => edge.to)]));
  const order = topological(edges, graph.trigger);
  const live = new Set(order);
  const back = reversed(edges);
  const forks = once(() => nearestDominators(edges, graph.trigger));
  const span = (id: ActivityId): number => {
    const fork = forks().get(id);
    return fork === undefined ? 0 : longestPath(edges, fork, id);
  };
  return {
    ancestors: (id) => {
      if (!live.has(id)) return nobody;
      return new Set([...reachable(back, id)].filter((above) => above !== id && live.has(above)));
    },
    depths: once(() => depthsOf(graph, edges, { order, forks, span })),
    forks,
    span,
  };
}

function isAskedFor(graph: GraphPlan | undefined, shape: GraphShape, id: ActivityId): boolean {
  const dominators = new Set<ActivityId>();
  for (let above = shape.forks().get(id); above !== undefined; above = shape.forks().get(above)) dominators.add(above);
  const isSure = (above: ActivityId) => dominators.has(above) && shape.depths().get(above)?.size === 1;
  const others = [...shape.ancestors(id)].filter((above) => !isSure(above));
  if (graph === undefined || others.length === 0) return false;
  const readers = graph.activities.filter(
    (reader) => reader.mentions.includes(id) && !shape.ancestors(id).has(reader.id),
  );
  return readers.some((reader) => others.some((above) => shape.ancestors(reader.id).has(above)));
}

function depthsOf(
  graph: GraphPlan,
  edges: Edges,
  shape: { readonly order: readonly ActivityId[] } & Pick<GraphShape, "forks" | "span">,
): ReadonlyMap<ActivityId, ReadonlySet<number>> {
  const joins = new Set(graph.activities.filter((activity) => activity.join !== null).map((activity) => activity.id));
  const depths = new Map<ActivityId, Set<number>>([[graph.trigger, new Set([1])]]);
  const at = (id: ActivityId): Set<number> => {
    const known = depths.get(id) ?? new Set<number>();
    depths.set(id, known);
    return known;
  };
  for (const id of shape.order) {
    const fork = joins.has(id) ? shape.forks().get(id) : undefined;
    if (fork !== undefined) depths.set(id, new Set([...at(fork)].map((depth) => depth + shape.span(id))));
    for (const target of edges.get(id) ?? []) for (const depth of at(id)) at(target).add(depth + 1);
  }
  return depths;
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function memoised<Key, Value>(compute: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, { readonly value: Value }>();
  return (key) => {
    const found = known.get(key) ?? { value: compute(key) };
    known.set(key, found);
    return found.value;
  };
}

function once<Value>(compute: () => Value): () => Value {
  const memo = memoised<null, Value>(compute);
  return () => memo(null);
}
