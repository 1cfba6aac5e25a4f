import type { Prng } from "@hotmesh/core/testing";

export type NodeKind = "trigger" | "worker" | "pass" | "sleep" | "wait" | "await" | "send" | "halt" | "bad";

/** An activity of a random graph, and what is known of its passes whatever the order in which things happen. */
export interface Node {
  readonly id: string;
  readonly kind: NodeKind;
  readonly parents: readonly Node[];
  readonly join: "all" | "any" | null;
  /** The nearest activity on every path to it; null: it is the trigger. */
  readonly fork: Node | null;
  /** It and whatever lies on every path to it. */
  readonly dominators: ReadonlySet<Node>;
  /** How often a cycle lets it run under one entry; 1: it is no pivot. */
  readonly turns: number;
  /** Pivots whose turns multiply it, the outermost first, itself included. */
  readonly loops: readonly Node[];
  /** Most arrivals in one turn of its loops. With 1 its pass is named by its id and the turns. */
  readonly arrivals: number;
  /** Most passes in one job. */
  readonly passes: number;
  /** Activities whose data it may read: what it finds there does not depend on the order. Nearest last. */
  readonly readable: readonly Node[];
}

/** A place in a graph, before it is decided what stands there. */
export type Place = Omit<Node, "id" | "kind" | "turns">;

export const passesMax = 24;

/** What follows from the parents alone. */
export function placeBelow(parents: readonly Node[], join: Node["join"]): Place {
  const fork = forkOf(parents);
  const isMerge = parents.length > 1;
  const [only] = parents;
  const above = isMerge || only === undefined ? fork : only;
  const dominators = new Set(above?.dominators ?? []);
  if (join !== null || !isMerge) {
    return {
      parents,
      join,
      fork,
      dominators,
      loops: above?.loops ?? [],
      arrivals: above?.arrivals ?? 1,
      passes: above?.passes ?? 1,
      readable: join === "all" ? readableAfterJoin(parents, fork) : seenFrom(above),
    };
  }
  return {
    parents,
    join,
    fork,
    dominators,
    loops: [...new Set(parents.flatMap((parent) => parent.loops))],
    arrivals: parents.reduce((sum, parent) => sum + parent.arrivals, 0),
    passes: parents.reduce((sum, parent) => sum + parent.passes, 0),
    readable: seenFrom(fork),
  };
}

/** A node at a place; `turns` greater than 1 makes it a pivot that a cycle may enter again. */
export function nodeAt(place: Place, { id, kind, turns }: Pick<Node, "id" | "kind" | "turns">): Node {
  const dominators = new Set(place.dominators);
  const loops = [...place.loops];
  const node: Node = { ...place, id, kind, turns, dominators, loops, passes: place.passes * turns };
  dominators.add(node);
  if (turns > 1) loops.push(node);
  return node;
}

/** A pass of it is named by its id and the turns of its loops. */
export function isNamed(node: Pick<Node, "arrivals">): boolean {
  return node.arrivals === 1;
}

/** Whether the timer or the signal ends the wait depends on the order: nobody may look. */
export function isRaced(node: Node): boolean {
  return node.kind === "wait" && Number(node.id.slice(-1)) % 2 === 0;
}

/** One to three of the nodes, which need not differ. */
export function drawParents(nodes: readonly Node[], random: Prng): readonly Node[] {
  const first = random.pick(nodes);
  const second = random.pick(nodes);
  if (first === second || random.chance(0.45)) return [first];
  const third = random.pick(nodes);
  return third === first || third === second || random.chance(0.8) ? [first, second] : [first, second, third];
}

/** The nearest activity that lies on every path to a target of these parents. */
function forkOf(parents: readonly Node[]): Node | null {
  const [first, ...others] = parents;
  if (first === undefined) return null;
  const shared = [...first.dominators].filter((node) => others.every((other) => other.dominators.has(node)));
  return shared.reduce<Node | null>(
    (nearest, node) => (nearest === null || node.dominators.size > nearest.dominators.size ? node : nearest),
    null,
  );
}

function seenFrom(above: Node | null): readonly Node[] {
  return above === null ? [] : [...above.readable, above];
}

/**
 * Everything above a join of all edges has come to its end when the join is entered. What has one pass for each pass of
 * the fork can be read, whether its edge arrived or not.
 */
function readableAfterJoin(parents: readonly Node[], fork: Node | null): readonly Node[] {
  const seen = new Set(seenFrom(fork));
  for (const node of parents.flatMap((parent) => seenFrom(parent))) {
    if (node.arrivals === fork?.arrivals && node.loops.join() === fork.loops.join()) seen.add(node);
  }
  return [...seen];
}
