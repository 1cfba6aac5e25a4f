import type { Json } from "@hotmesh/core";
import { type Prng, prng } from "@hotmesh/core/testing";
import { type SimulatedApp, simulatedApp } from "./apps.js";
import { type Story, start } from "./stories.js";

interface Node {
  readonly id: string;
  readonly type: "worker" | "pass" | "sleep";
  readonly parents: readonly Node[];
  readonly join: "all" | "any" | null;
  /** What its worker answers with. */
  readonly code: number;
  /** It and everything above it runs at most once a turn, so that what it reads does not depend on the order. */
  readonly isSingle: boolean;
}

const graphs = 60;
const topic = "random.run";
const known = new Map<number, SimulatedApp>();

/** One of a fixed number of apps with one random graph each; compiled when it is first wanted. */
export function randomApp(random: Prng): SimulatedApp {
  const number = random.below(graphs);
  const app = known.get(number) ?? simulatedApp(JSON.stringify(document(prng(`graph ${number}`))));
  known.set(number, app);
  return app;
}

export function randomStory(id: string): Story {
  return { name: "random", children: [], actions: [start(topic, { id })] };
}

/** A graph below a pivot: random nodes, each below one or two earlier ones, and perhaps a second turn. */
function document(random: Prng): Json {
  const pivot: Node = { id: "pivot", type: "pass", parents: [], join: null, code: 200, isSingle: true };
  const nodes: Node[] = [pivot];
  const count = 3 + random.below(7);
  for (let at = 1; at <= count; at += 1) nodes.push(drawNode(`n${at}`, nodes, random));
  const turning = random.chance(0.5) ? nodes.findLast((node) => node.isSingle && node !== pivot) : undefined;
  const transitions = new Map<string, Json[]>([["begin", [{ to: "pivot" }]]]);
  for (const node of nodes) {
    for (const parent of node.parents) addEdge(transitions, parent, edgeTo(node.id, parent, random));
  }
  if (turning !== undefined) addEdge(transitions, turning, turn(turning));
  const activities: Record<string, Json> = {
    begin: { type: "trigger", stats: { id: "{$self.input.data.id}" } },
    pivot: { type: "hook", output: { maps: { turn: 1 } }, job: { maps: { steps: step } } },
  };
  for (const node of nodes.slice(1)) activities[node.id] = activity(node, random);
  if (turning !== undefined) {
    const next: Json = { "@pipe": [["{pivot.output.data.turn}", 1], ["{@math.add}"]] };
    activities["again"] = { type: "cycle", ancestor: "pivot", input: { maps: { turn: next } } };
  }
  const graph = { subscribes: topic, activities, transitions: Object.fromEntries(transitions) };
  return { app: { id: "simulated", version: "1", graphs: [graph] } };
}

function drawNode(id: string, nodes: readonly Node[], random: Prng): Node {
  const first = random.pick(nodes);
  const second = random.pick(nodes);
  const parents = first === second || random.chance(0.5) ? [first] : [first, second];
  const join = parents.length > 1 && random.chance(0.7) ? random.pick(["all", "any"] as const) : null;
  const isSingle = parents.every((parent) => parent.isSingle) && (parents.length === 1 || join === "all");
  return {
    id,
    type: random.pick(["worker", "worker", "pass", "sleep"] as const),
    parents,
    join,
    code: codeOf(random),
    isSingle,
  };
}

function codeOf(random: Prng): number {
  return random.pick([200, 200, 200, 206, 404]);
}

const step: Json = { "@pipe": [["{$job.data.steps}", 0], ["{@conditional.nullish}", 1], ["{@math.add}"]] };

function activity(node: Node, random: Prng): Json {
  const read = node.isSingle ? `{${random.pick(node.parents).id}.output.data.got}` : node.id;
  const text: Json = { "@pipe": [[read, ""], ["{@conditional.nullish}", node.id], ["{@string.concat}"]] };
  const join = node.join === null ? {} : { join: node.join };
  const turns: Json = {
    "@pipe": [[`{$job.data.${node.id}}`, 0], ["{@conditional.nullish}", "{pivot.output.data.turn}"], ["{@math.add}"]],
  };
  switch (node.type) {
    case "worker": {
      const status = node.code === 404 ? "error" : "success";
      const input = { maps: { give: text, status, code: node.code, flaky: random.below(2) } };
      const maps = { steps: step, [node.id]: "{$self.output.data.got}" };
      const topic = random.pick(["forge", "loom"]);
      return { type: "worker", topic, retry: { "503": [2] }, ...join, input, job: { maps } };
    }
    case "pass":
    case "sleep": {
      const sleep = node.type === "sleep" ? { sleep: 0.2 + random.below(3) } : {};
      return {
        type: "hook",
        ...sleep,
        ...join,
        output: { maps: { got: text } },
        job: { maps: { steps: step, [node.id]: turns } },
      };
    }
  }
}

/** Now and then an edge that never fires. */
function edgeTo(to: string, from: Node, random: Prng): Json {
  const code = from.type === "worker" ? from.code : 200;
  return { to, conditions: { code: random.chance(0.12) && from.type === "worker" ? 299 : code } };
}

/** Back to the pivot, once. */
function turn(from: Node): Json {
  const isFirst: Json = { expected: true, actual: { "@pipe": [["{pivot.output.data.turn}", 2], ["{@number.lt}"]] } };
  return { to: "again", conditions: { code: from.type === "worker" ? from.code : 200, match: [isFirst] } };
}

function addEdge(transitions: Map<string, Json[]>, from: Node, edge: Json): void {
  transitions.set(from.id, [...(transitions.get(from.id) ?? []), edge]);
}
