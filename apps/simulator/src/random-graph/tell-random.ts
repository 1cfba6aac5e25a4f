import type { JsonObject } from "@hotmesh/core";
import type { Prng } from "@hotmesh/core/testing";
import { type Action, type Story, start } from "../stories.js";
import { signalFor } from "./activity.js";
import type { GraphSpec } from "./graph-spec.js";
import { passNames } from "./values.js";

interface Cast {
  /** The first one is started by clients. */
  readonly specs: readonly GraphSpec[];
  readonly topics: readonly string[];
}

/** What a client does: it starts a job, and calls every wait that may come up, in any order. */
export function tellRandom({ specs, topics }: Cast, id: string, random: Prng): Story {
  const [root] = specs;
  if (root === undefined) throw new Error("an app has graphs");
  const depth = root.dives ? random.below(3) : 0;
  const hasVictim = root.net.nodes.some(({ kind }) => kind === "halt");
  const victim = `${id}.victim`;
  const before: Action[] = [];
  const after: Action[] = [];
  if (hasVictim) {
    before.push(start("victim.run", { id: victim, word: "alas", child: `${victim}.child` }));
    after.push({ kind: "interrupt", job: victim });
  }
  if (root.hasBroadcast) {
    for (const buoy of ["north", "south"])
      before.push(start("buoy.run", { id: `${id}.${buoy}`, bay: id, colour: "red" }));
    before.push(start("buoy.run", { id: `${id}.blue`, bay: id, colour: "blue" }));
    after.push({ kind: "interrupt", job: `${id}.blue` });
  }
  const payload = { ...drawPayload(random), id, depth, victim, bay: id };
  const middle = [start(root.topic, payload), ...signalsTo(root, id, depth)];
  return { name: "random", children: topics, actions: [...before, ...shuffled(middle, random), ...after] };
}

function drawPayload(random: Prng): JsonObject {
  return {
    word: random.pick(["plum", "", "fig 2", "/notes"]),
    n: random.below(10),
    lane: random.pick(["forge", "loom"]),
    flag: random.chance(0.6),
    list: Array.from({ length: random.below(4) }, () => random.below(9)),
    box: { p: random.below(5), q: random.pick(["x", "y"]) },
  };
}

/** A signal for every wait that a job and its children may open. Those that nobody waits for are kept, and expire. */
function signalsTo(graph: GraphSpec, job: string, depth: number): readonly Action[] {
  const { net, called, children, dives, signals } = graph;
  const actions: Action[] = [];
  for (const node of net.nodes) {
    if (node.kind === "wait" && !called.has(node)) {
      for (const name of passNames(node, job))
        actions.push({ kind: "signal", topic: signals, data: signalFor(name, node.id) });
    }
    const child = children.get(node)?.graph ?? null;
    if (child === null) continue;
    for (const name of passNames(node, job)) actions.push(...signalsTo(child, name, depth - 1));
  }
  if (dives && depth > 0) {
    const deeper = `${job}.${net.trigger.id}dive`;
    actions.push(...signalsTo(graph, deeper, depth - 1));
  }
  return actions;
}

function shuffled<T>(items: readonly T[], random: Prng): readonly T[] {
  const rest = [...items];
  const drawn: T[] = [];
  while (rest.length > 0) drawn.push(...rest.splice(random.below(rest.length), 1));
  return drawn;
}
