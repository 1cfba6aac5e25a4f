import type { Json } from "@hotmesh/core";
import type { Prng } from "@hotmesh/core/testing";
import { drawParents, isNamed, type Node, type NodeKind, nodeAt, type Place, passesMax, placeBelow } from "./node.js";
import { call, drawTest, turnOf } from "./values.js";

/** What a graph is drawn from. */
export interface NetRequest {
  /** Its trigger and the prefix of its ids. */
  readonly name: string;
  /** Activities besides the trigger and what comes with others. A smaller graph is the beginning of a larger one. */
  readonly size: number;
  /** Everything one after the other. */
  readonly isChain: boolean;
  readonly kinds: readonly NodeKind[];
}

/** A transition, and what its source must answer for it to fire. */
export interface DrawnEdge {
  readonly from: Node;
  readonly to: string;
  /** Null: it fires on everything. */
  readonly conditions: Json;
}

export interface Net {
  readonly request: NetRequest;
  readonly trigger: Node;
  /** Without the trigger. */
  readonly nodes: readonly Node[];
  readonly edges: readonly DrawnEdge[];
  /** Pivots that a cycle jumps to, by the id of the cycle. */
  readonly cycles: ReadonlyMap<string, Node>;
  /** What the worker of a node answers with. */
  readonly codes: ReadonlyMap<Node, number>;
}

/** The one failure of an app that may stay unhandled: which of two failures a job tells would depend on the order. */
export const failureCode = 404;

/** Random nodes, each below one to three earlier ones, and cycles back to some of them. */
export function drawNet(request: NetRequest, random: Prng): Net {
  const { name, size, isChain } = request;
  const trigger = nodeAt(placeBelow([], null), { id: name, kind: "trigger", turns: 1 });
  const nodes: Node[] = [];
  const codes = new Map<Node, number>();
  const edges: DrawnEdge[] = [];
  for (let at = 1; at <= size; at += 1) {
    const draw = random.fork(`node ${at}`);
    const place = isChain ? placeBelow([nodes.at(-1) ?? trigger], null) : drawPlace([trigger, ...nodes], draw);
    const node = drawNode(place, { ...request, id: `${name}${at}` }, draw);
    nodes.push(node);
    codes.set(node, codeOf(node, draw));
    for (const parent of place.parents) edges.push(drawEdge(parent, node, { code: codes.get(parent) ?? 200, draw }));
  }
  const cycles = new Map<string, Node>();
  for (const pivot of nodes.filter(({ turns }) => turns > 1)) {
    const cycle = drawCycle(pivot, nodes, random.fork(`cycle ${pivot.id}`));
    if (cycle === null) continue;
    cycles.set(cycle.to, pivot);
    edges.push({ ...cycle, conditions: { ...turnsLeft(pivot), code: codes.get(cycle.from) ?? 200 } });
  }
  return { request, trigger, nodes, edges, cycles, codes };
}

/** Below nodes that others may stand below, and where it does not run too often. */
function drawPlace(nodes: readonly Node[], random: Prng): Place {
  const parents = drawParents(nodes, random);
  const join = parents.length > 1 && random.chance(0.7) ? random.pick(["all", "all", "any"] as const) : null;
  const place = placeBelow(parents, join);
  return place.passes > passesMax ? placeBelow(nodes.slice(0, 1), null) : place;
}

function drawNode(place: Place, { kinds, id, isChain }: NetRequest & { id: string }, random: Prng): Node {
  const drawn = random.pick(kinds);
  // A client cannot tell the names of passes that come in any number, and children cost most.
  const isFree = isNamed(place) && place.passes <= 6;
  const kind = (drawn === "wait" || drawn === "await") && !isFree ? "pass" : drawn;
  const turns = 2 + random.below(2);
  const isPivot = !isChain && kind !== "bad" && kind !== "send" && kind !== "halt";
  const chance = kind === "pass" ? 0.35 : 0.08;
  return nodeAt(place, {
    id,
    kind,
    turns: isPivot && place.passes * turns <= passesMax / 2 && random.chance(chance) ? turns : 1,
  });
}

function codeOf({ kind }: Node, random: Prng): number {
  return kind === "worker" ? random.pick([200, 200, 200, 200, 206, failureCode]) : 200;
}

/** An edge that fires, one that fires sometimes, or, rarely, one that never does. */
function drawEdge(from: Node, to: Node, { code, draw }: { readonly code: number; readonly draw: Prng }): DrawnEdge {
  if (draw.chance(from.kind === "worker" ? 0.1 : 0.3)) return { from, to: to.id, conditions: null };
  if (from.kind === "worker" && draw.chance(0.1)) return { from, to: to.id, conditions: { code: 299 } };
  const codes = draw.pick<Json>([code, String(code), [599, code], ...(code === 200 ? [null] : [])]);
  const isOpen = draw.chance(0.6);
  const match = Array.from({ length: 1 + draw.below(2) }, () => drawMatch(from, draw));
  return {
    from,
    to: to.id,
    conditions: {
      ...(codes !== null && { code: codes }),
      ...(!isOpen && { match, ...(draw.chance(0.4) && { gate: draw.pick(["and", "or"]) }) }),
      ...(isOpen && codes === null && { match: [] }),
    },
  };
}

/** Conditions are tested before the maps of their source: they read what was there before, and what its worker said. */
function drawMatch(from: Node, random: Prng): Json {
  if (from.kind === "trigger") return { expected: random.chance(0.7), actual: `{${from.id}.output.data.flag}` };
  if (from.kind === "worker" && random.chance(0.3)) {
    return { expected: `${from.id}`, actual: "{$self.output.data.got}" };
  }
  if (random.chance(0.15)) return { actual: `{${from.readable[0]?.id ?? from.id}.output.data.none}` };
  return { expected: random.chance(0.6), actual: drawTest(from, random) };
}

/** From somewhere that each turn reaches once at most back to the pivot. */
function drawCycle(pivot: Node, nodes: readonly Node[], random: Prng): DrawnEdge | null {
  const isBelow = (node: Node): boolean => node !== pivot && isNamed(node) && node.loops.at(-1) === pivot;
  const sources = nodes.filter((node) => isBelow(node) && node.kind !== "bad");
  return sources.length === 0
    ? null
    : { from: random.pick(sources.slice(-3)), to: `${pivot.id}again`, conditions: null };
}

function turnsLeft(pivot: Node) {
  return { match: [{ expected: true, actual: call("number.lt", turnOf(pivot), pivot.turns) }] };
}
