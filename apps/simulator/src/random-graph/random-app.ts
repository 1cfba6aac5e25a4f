import type { JsonObject } from "@hotmesh/core";
import type { Prng } from "@hotmesh/core/testing";
import { type SimulatedApp, simulatedApp } from "../apps.js";
import type { Story } from "../stories.js";
import { bystanders, bystanderTopics } from "./bystanders.js";
import { drawNet, type Net } from "./draw-net.js";
import { graphDocument } from "./graph-document.js";
import { type AwaitedChild, type Ending, type GraphSpec, interruptCode } from "./graph-spec.js";
import type { Node, NodeKind } from "./node.js";
import { tellRandom } from "./tell-random.js";

/** Graphs that were drawn, and what a client does with them. */
export interface RandomGraphs {
  readonly graphs: readonly JsonObject[];
  tell(id: string, random: Prng): Story;
}

export interface RandomApp extends Pick<RandomGraphs, "tell"> {
  readonly app: SimulatedApp;
  readonly document: JsonObject;
}

/** Most activities of the graph that clients start, those left out that come with others. */
export const activitiesMax = 9;

/**
 * Draws an app: one graph that clients start, and children that it may await. Whatever is drawn compiles, and its
 * outcome does not depend on the order in which things happen; README.md says by which rules.
 */
export function randomApp(random: Prng, activities = activitiesMax): RandomApp {
  const { graphs, tell } = randomGraphs(random, { activities });
  const document = documentOf(graphs);
  return { app: simulatedApp(JSON.stringify(document)), document, tell };
}

/** An app of these graphs, and of the bystanders that they may touch. */
export function documentOf(graphs: readonly JsonObject[]): JsonObject {
  return { app: { id: "simulated", version: "1", graphs: [...graphs, ...bystanders] } };
}

/** Graphs that know each other, and nobody else but the bystanders. All their names begin with `prefix`. */
export function randomGraphs(random: Prng, { activities = activitiesMax, prefix = "" } = {}): RandomGraphs {
  const specs: GraphSpec[] = [];
  for (let at = random.below(4); at > 0; at -= 1) {
    const name = `${prefix}${String.fromCharCode("a".charCodeAt(0) + at)}`;
    specs.unshift(drawChild(name, specs, random.fork(`child ${at}`)));
  }
  specs.unshift(drawRoot({ name: `${prefix}r`, size: activities }, specs, random.fork("root")));
  const topics = [...specs.map(({ topic }) => topic), ...bystanderTopics];
  return {
    graphs: specs.map((spec, at) => graphDocument(spec, random.fork(`document ${at}`))),
    tell: (id, draw) => tellRandom({ specs, topics }, id, draw),
  };
}

const everywhere: readonly NodeKind[] = [
  "worker",
  "worker",
  "worker",
  "pass",
  "pass",
  "sleep",
  "wait",
  "wait",
  "send",
  "bad",
];

function drawRoot(
  { name, size }: { readonly name: string; readonly size: number },
  children: readonly GraphSpec[],
  random: Prng,
): GraphSpec {
  const isChain = random.chance(0.15);
  const kinds: readonly NodeKind[] = [...everywhere, "await", "await", "await", "halt"];
  const count = Math.min(size, 2 + random.fork("size").below(activitiesMax - 1));
  const net = drawNet({ name, size: count, isChain, kinds }, random);
  const around = graphAround(net, children, random);
  return {
    ...around,
    topic: `${name}.run`,
    ending: isChain ? random.pick<Ending>(["says", "interrupts", "stops", "kills"]) : null,
    // Nobody above it hears what it says, unless it awaits itself.
    speaks: !around.dives && random.chance(0.3),
    isStrict: random.chance(0.2),
    // Beside a chain nothing may run.
    hasBroadcast: !isChain && random.chance(0.2),
  };
}

function drawChild(name: string, children: readonly GraphSpec[], random: Prng): GraphSpec {
  const isChain = random.chance(0.5);
  const size = 1 + random.below(4);
  const kinds: readonly NodeKind[] = children.length > 0 ? [...everywhere, "await"] : everywhere;
  const net = drawNet({ name, size, isChain, kinds }, random);
  return {
    ...graphAround(net, children, random),
    topic: `${name}.run`,
    ending: isChain ? random.pick<Ending>(["says", "says", "interrupts", "stops", "kills"]) : null,
    speaks: isChain && random.chance(0.5),
    isStrict: random.chance(0.3),
    hasBroadcast: false,
  };
}

function graphAround(net: Net, children: readonly GraphSpec[], random: Prng) {
  const waits = net.nodes.filter((node) => node.kind === "wait" && node.loops.length === 0);
  return {
    net,
    signals: `${net.trigger.id}.call`,
    children: drawAwaited(net, children, random.fork("awaited")),
    dives: !net.request.isChain && random.chance(0.25),
    called: new Set(net.request.isChain ? [] : waits.filter(() => random.chance(0.3))),
  };
}

/** What each await starts. Below one whose child speaks more than once nothing may stand. */
function drawAwaited(net: Net, graphs: readonly GraphSpec[], random: Prng): ReadonlyMap<Node, AwaitedChild> {
  const awaits = net.nodes.filter(({ kind }) => kind === "await");
  return new Map(
    awaits.map((node) => {
      const isLeaf = net.edges.every(({ from }) => from !== node);
      const fitting = graphs.filter((graph) => isLeaf || !graph.speaks);
      const speaking = fitting.filter((graph) => graph.speaks);
      const wanted = speaking.length > 0 && random.chance(0.6) ? speaking : fitting;
      return [node, wanted.length === 0 ? missing : drawChildOf(random.pick(wanted), random)];
    }),
  );
}

const missing: AwaitedChild = {
  topic: "no.such",
  graph: null,
  isAwaited: true,
  speaksOften: false,
  isInvalid: false,
  troubles: [500],
};

function drawChildOf(graph: GraphSpec, random: Prng): AwaitedChild {
  const isInvalid = graph.isStrict && random.chance(0.3);
  const isInterrupted = graph.ending === "interrupts" || graph.ending === "kills";
  return {
    topic: graph.topic,
    graph,
    isAwaited: random.chance(0.8),
    speaksOften: graph.speaks,
    isInvalid,
    troubles: [...(isInvalid ? [422] : []), ...(isInterrupted ? [interruptCode] : [])],
  };
}
