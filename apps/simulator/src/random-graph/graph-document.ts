import type { Json, JsonObject } from "@hotmesh/core";
import type { Prng } from "@hotmesh/core/testing";
import { activityOf, added, signalFor } from "./activity.js";
import type { DrawnEdge } from "./draw-net.js";
import { type Ending, type GraphSpec, interruptCode } from "./graph-spec.js";
import type { Node } from "./node.js";
import { call, drawText, drawValue, passName } from "./values.js";

interface Parts {
  readonly activities: Record<string, Json>;
  readonly transitions: Map<string, Json[]>;
}

/** The text of a graph, as it stands in a document. */
export function graphDocument(spec: GraphSpec, random: Prng): JsonObject {
  const { net, topic } = spec;
  const parts: Parts = { activities: {}, transitions: new Map() };
  parts.activities[net.trigger.id] = triggerOf(spec, random.fork("trigger"));
  for (const node of net.nodes) {
    parts.activities[node.id] = activityOf(node, spec, random.fork(`maps of ${node.id}`));
    addRescue(parts, node, spec);
  }
  for (const edge of net.edges) addEdge(parts, edge);
  for (const [id, pivot] of net.cycles) parts.activities[id] = cycleTo(pivot, random.fork(id));
  for (const node of spec.called) addCaller(parts, node, spec);
  if (spec.dives) addDive(parts, spec);
  if (spec.hasBroadcast) addBroadcast(parts, spec);
  if (spec.ending !== null) addEnding(parts, spec, spec.ending);
  const hooks = hooksOf(spec, random.fork("hooks"));
  return {
    subscribes: topic,
    publishes: `${topic}.done`,
    ...drawExpire(net.trigger, random.fork("expire")),
    ...(spec.isStrict && { input: { validate: true, schema: strictSchema } }),
    activities: parts.activities,
    transitions: Object.fromEntries(parts.transitions),
    ...(hooks.length > 0 && { hooks: { [spec.signals]: hooks } }),
  };
}

const strictSchema: Json = { type: "object", required: ["id"], properties: { n: { type: "number" } } };

function triggerOf({ net, speaks }: GraphSpec, random: Prng): JsonObject {
  const { trigger } = net;
  const measures = [
    { measure: "index", target: "{$self.input.data.word}" },
    { measure: "sum", target: "{$self.input.data.n}" },
    { measure: "count", target: "{$self.input.data.box.q}" },
    { measure: "avg", target: "{$self.input.data.missing}" },
  ];
  const granularity = random.pick(["5m", "1h", "infinity"]);
  const isCounted = random.chance(0.6);
  const stats = {
    id: "{$self.input.data.id}",
    ...(isCounted && { key: "{$self.input.data.lane}", granularity, measures }),
  };
  return {
    type: "trigger",
    stats,
    ...(random.chance(0.3) && { entity: "{$self.input.data.lane}" }),
    ...(speaks && random.chance(0.2) && { emit: true }),
    job: {
      maps: {
        start: drawValue({ id: trigger.id, readable: [] }, random),
        [`kept${trigger.id}`]: "{$self.output.data.box}",
        ...(random.chance(0.3) && { [`slots${trigger.id}[2]`]: "{$self.input.data.list}" }),
        // Both are offered to a job that fails, and only stored where they are declared.
        ...(random.chance(0.2) && { done: "{$self.input.data.missing}" }),
      },
    },
  };
}

/** Long enough for every jump of the clock. */
function drawExpire(trigger: Node, random: Prng): JsonObject {
  const begin = `{${trigger.id}.output.data`;
  const expire = random.pick<Json>([null, null, 5_000_000, "6000000", 0, call("math.add", `${begin}.n}`, 7_000_000)]);
  return expire === null ? {} : { expire };
}

function addEdge({ transitions }: Parts, { from, to, conditions }: DrawnEdge): void {
  link(transitions, from.id, conditions === null ? { to } : { to, conditions });
}

function link(transitions: Map<string, Json[]>, from: string, edge: Json): void {
  transitions.set(from, [...(transitions.get(from) ?? []), edge]);
}

/** Only one failure may stay unhandled in an app; whatever else goes wrong has an edge. */
function addRescue({ activities, transitions }: Parts, node: Node, { children }: GraphSpec): void {
  const troubles = node.kind === "bad" ? [500] : (children.get(node)?.troubles ?? []);
  if (troubles.length === 0) return;
  const id = `${node.id}rescue`;
  activities[id] = { type: "hook", job: { maps: { [id]: added(id, 1) } } };
  link(transitions, node.id, { to: id, conditions: { code: [...troubles] } });
}

function cycleTo(pivot: Node, random: Prng): JsonObject {
  const turn = call("math.add", call("conditional.nullish", `{${pivot.id}.output.data.turn}`, 1), 1);
  const got = random.chance(0.5) ? { got: drawText(pivot, random) } : {};
  return { type: "cycle", ancestor: pivot.id, input: { maps: { turn, ...got } } };
}

/** A signal that is certainly sent, by the graph itself. */
function addCaller({ activities, transitions }: Parts, node: Node, { net, signals }: GraphSpec): void {
  const id = `${node.id}call`;
  const maps = signalFor(passName(node), node.id);
  activities[id] = {
    type: "signal",
    subtype: "one",
    topic: signals,
    signal: { maps },
    job: { maps: { [id]: "sent" } },
  };
  link(transitions, net.trigger.id, { to: id });
}

/** The graph awaits itself, as deep as its payload says. */
function addDive({ activities, transitions }: Parts, { net, topic }: GraphSpec): void {
  const id = `${net.trigger.id}dive`;
  const begin = `{${net.trigger.id}.output.data`;
  const depth = call("math.subtract", `${begin}.depth}`, 1);
  const copied = Object.fromEntries(
    ["n", "lane", "flag", "list", "box", "word"].map((key) => [key, `${begin}.${key}}`]),
  );
  activities[id] = {
    type: "await",
    topic,
    input: { maps: { ...copied, id: passName({ id, loops: [] }), depth } },
    job: { maps: { [id]: "{$self.output.data.start}" } },
  };
  const isDeeper = { expected: true, actual: call("number.gt", `${begin}.depth}`, 0) };
  link(transitions, net.trigger.id, { to: id, conditions: { match: [isDeeper] } });
}

/** A signal to every job of an index. */
function addBroadcast({ activities, transitions }: Parts, { net }: GraphSpec): void {
  const id = `${net.trigger.id}horn`;
  const begin = `{${net.trigger.id}.output.data`;
  activities[id] = {
    type: "signal",
    subtype: "all",
    topic: "buoy.call",
    key_name: "colour",
    key_value: "red",
    resolver: { maps: { data: { bay: `${begin}.bay}` } } },
    signal: { maps: { tide: "high" } },
    job: { maps: { [id]: "told" } },
  };
  link(transitions, net.trigger.id, { to: id });
}

function addEnding({ activities, transitions }: Parts, { net }: GraphSpec, ending: Ending): void {
  const id = `${net.trigger.id}end`;
  const last = net.nodes.at(-1) ?? net.trigger;
  const job = { maps: { end: `end of ${id}`, steps: added("steps", 1) } };
  switch (ending) {
    case "says":
      activities[id] = { type: "hook", job };
      break;
    case "interrupts":
    case "stops":
      activities[id] = { type: "interrupt", throw: ending === "interrupts", reason: "over", code: interruptCode, job };
      break;
    case "kills":
      activities[id] = { type: "interrupt", target: "{$job.metadata.jid}", code: interruptCode, job };
  }
  link(transitions, last.id, { to: id, conditions: { code: net.codes.get(last) ?? 200 } });
}

function hooksOf({ net }: GraphSpec, random: Prng): readonly Json[] {
  const waits = net.nodes.filter(({ kind }) => kind === "wait");
  return waits.map((node) => {
    const byName = { expected: passName(node), actual: "{$self.hook.data.name}" };
    const byWord = { expected: `call for ${node.id}`, actual: "{$hook.data.word}" };
    const byOther = { expected: call("string.concat", passName(node), "+"), actual: "{$hook.data.other}" };
    const conditions = random.pick<Json>([
      { match: [byName] },
      { match: [byName, byWord], gate: "and" },
      { match: [byName, byOther], gate: "or" },
    ]);
    return { to: node.id, conditions };
  });
}
