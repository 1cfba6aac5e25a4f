import type { Json, JsonObject } from "@hotmesh/core";
import type { Prng } from "@hotmesh/core/testing";
import { failureCode } from "./draw-net.js";
import type { GraphSpec } from "./graph-spec.js";
import { isNamed, isRaced, type Node } from "./node.js";
import { call, drawTest, drawText, drawValue, orElse, passName, triggerOf, turnOf } from "./values.js";

/** Adds to a counter: in whatever order passes do that, it comes to the same. */
export function added(field: string, value: Json): Json {
  return call("math.add", orElse(`{$job.data.${field}}`, 0), value);
}

/** The activity's text in a document. */
export function activityOf(node: Node, around: GraphSpec, random: Prng): JsonObject {
  const join = node.join === null ? {} : { join: node.join };
  const early = around.speaks && random.chance(0.5) ? drawSpeech(node, random) : {};
  const threshold = around.net.request.isChain && random.chance(0.15) ? { statusThreshold: random.below(3) } : {};
  const pivot = node.turns > 1 && random.chance(0.5) ? { cycle: true } : {};
  const shared = { ...join, ...early, ...threshold, ...pivot };
  return { ...shared, ...ownOf(node, around, random), job: { maps: jobMaps(node, around, random) } };
}

function drawSpeech(node: Node, random: Prng): JsonObject {
  return random.pick<JsonObject>([
    { emit: true },
    { emit: drawTest(node, random) },
    { persist: true },
    { persist: drawTest(node, random) },
  ]);
}

function ownOf(node: Node, around: GraphSpec, random: Prng): JsonObject {
  const got: JsonObject = { output: { maps: { got: drawText(node, random), ...firstTurn(node) } } };
  switch (node.kind) {
    case "trigger":
      throw new Error(`${node.id} is a trigger`);
    case "worker":
      return workerOf(node, around, random);
    case "pass":
      return { type: random.pick(["hook", "hook", "activity"]), ...got, ...drawNoSleep(random) };
    case "sleep":
      return { type: "hook", sleep: drawSleep(node, random), ...got };
    case "wait":
      return { type: "hook", ...got, ...(isRaced(node) && { sleep: drawSleep(node, random) }), ...item(node, random) };
    case "await":
      return awaitOf(node, around, random);
    case "send":
      return { type: "signal", subtype: "one", ...got, ...signalOf(node, around) };
    case "halt":
      return { type: "interrupt", target: haltedBy(node, random), descend: true, ...got };
    case "bad": {
      const split: Json = { "@pipe": [[`{${triggerOf(node)}.output.data.none}`, "-"], ["{@string.split}"]] };
      return { type: "hook", output: { maps: { got: split } } };
    }
  }
}

function workerOf(node: Node, { net }: GraphSpec, random: Prng): JsonObject {
  const code = net.codes.get(node) ?? 200;
  const begin = `{${net.trigger.id}.output.data`;
  const isByCode = random.chance(0.6);
  const policy = { maximumAttempts: 4, backoffCoefficient: 1, maximumInterval: "2s", initialInterval: "1s" };
  return {
    type: "worker",
    [random.chance(0.9) ? "topic" : "subtype"]: random.pick([`${begin}.lane}`, "forge", "loom"]),
    ...(isByCode && { retry: { "503": [2], ...(random.chance(0.3) && { [String(code)]: [1] }) } }),
    input: {
      maps: {
        give: drawText(node, random),
        status: code === failureCode ? "error" : "success",
        code,
        flaky: random.below(3),
        more: { deep: [drawValue(node, random)] },
        ...(!isByCode && policy),
      },
    },
  };
}

function awaitOf(node: Node, { net, children }: GraphSpec, random: Prng): JsonObject {
  const child = children.get(node);
  const begin = `{${net.trigger.id}.output.data`;
  const maps: JsonObject = {
    id: passName(node),
    word: drawText(node, random),
    n: child?.isInvalid === true ? "many" : call("math.add", `${begin}.n}`, random.below(4)),
    lane: `${begin}.lane}`,
    flag: random.chance(0.5),
    list: `${begin}.list}`,
    box: { p: drawText(node, random), q: 2 },
    depth: call("math.subtract", orElse(`${begin}.depth}`, 0), 1),
  };
  const topic = child?.topic ?? "no.such";
  const isDynamic = random.chance(0.3);
  return {
    type: "await",
    [random.chance(0.9) ? "topic" : "subtype"]: isDynamic ? call("string.concat", topic, "") : topic,
    ...(child?.isAwaited === false && { await: random.pick<Json>([false, call("number.lt", 2, 1)]) }),
    input: { maps },
  };
}

/** Two waits of a graph tell themselves apart by their names. */
function signalOf(from: Node, { net, signals }: GraphSpec): JsonObject {
  const target = net.nodes.find((node) => node.kind === "wait" && sharesTurns(node, from));
  return target === undefined
    ? { topic: "victim.call", signal: { maps: { id: "nobody" } } }
    : { topic: signals, signal: { maps: signalFor(passName(target), target.id) } };
}

/** The payload of a signal: a function of the name alone, so that a second one like it changes nothing. */
export function signalFor(name: Json, activity: string): JsonObject {
  const other = typeof name === "string" ? `${name}+` : call("string.concat", name, "+");
  return { name, other, word: `call for ${activity}` };
}

/** Both run in the same turns, so that one can tell the other's name. */
function sharesTurns(node: Node, from: Node): boolean {
  return isNamed(from) && node.loops.every((pivot) => from.loops.includes(pivot));
}

function drawSleep(node: Node, random: Prng): Json {
  const seconds = 0.2 + random.below(4);
  return random.pick<Json>([
    seconds,
    String(seconds),
    true,
    call("math.add", `{${triggerOf(node)}.output.data.n}`, 0.5),
  ]);
}

/** A hook passes through when its sleep is no positive number. */
function drawNoSleep(random: Prng): JsonObject {
  return random.chance(0.2) ? { sleep: random.pick<Json>([0, -1, "soon", false]) } : {};
}

/** Now and then the wait is a work item for people too. */
function item(node: Node, random: Prng): JsonObject {
  if (!random.chance(0.4)) return {};
  return {
    escalation: {
      role: "clerk",
      type: drawText(node, random),
      priority: random.below(9),
      metadata: { text: drawText(node, random), fixed: [1, 2] },
    },
  };
}

function haltedBy(node: Node, random: Prng): Json {
  return random.pick<Json>([`{${triggerOf(node)}.output.data.victim}`, "nobody"]);
}

/** What a pivot says in its first turn; later the cycle says so. */
function firstTurn({ turns }: Node): JsonObject {
  return turns > 1 ? { turn: 1 } : {};
}

/** Every activity writes leaves of its own; what may run more than once only adds. */
function jobMaps(node: Node, { children }: GraphSpec, random: Prng): JsonObject {
  const child = children.get(node);
  if (child?.isAwaited === true && child.speaksOften) return { [node.id]: "{$self.output.data.end}" };
  const steps = { steps: added("steps", 1) };
  if (node.passes > 1) return { ...steps, ...manyTimes(node, random) };
  return { ...steps, ...once(node, random) };
}

function manyTimes(node: Node, random: Prng): JsonObject {
  const [pivot] = node.loops;
  const weight = pivot === undefined ? 1 : turnOf(pivot);
  if (!isNamed(node) || node.loops.length !== 1 || pivot === undefined || random.chance(0.5)) {
    return { [node.id]: added(node.id, weight) };
  }
  // In a loop of its own each turn has a slot of its own.
  return { [`${node.id}[8]`]: call("object.create", weight, received(node) ?? drawText(node, random)) };
}

function once(node: Node, random: Prng): JsonObject {
  const value = received(node) ?? drawValue(node, random);
  const [above] = node.readable.slice(1).filter(({ passes, kind }) => passes === 1 && kind !== "await");
  switch (random.below(8)) {
    case 0:
      return { [node.id]: { deep: { value, other: drawValue(node, random) }, list: [value, drawText(node, random)] } };
    case 1:
      return { [`${node.id}[3]`]: call("array.push", [], drawText(node, random), "two", value, "dropped") };
    case 2:
      return {
        [`${node.id}[-]`]: call("object.create", `-${node.id}`, drawText(node, random), "dropped", 1),
        [`${node.id}[_]`]: call("object.create", `_${node.id}`, drawText(node, random)),
      };
    case 3:
      return { [`_${node.id}`]: drawText(node, random), [node.id]: value };
    case 4:
      return above === undefined ? { [node.id]: value } : { [above.id]: { [`by${node.id}`]: value } };
    default:
      return { [node.id]: value };
  }
}

/** What the outside world told the activity. */
function received(node: Node): Json | null {
  if (node.kind === "worker") return "{$self.output.data.got}";
  if (node.kind === "await") return orElse("{$self.output.data.steps}", "{$self.output.data.job_id}");
  return node.kind === "wait" && !isRaced(node) ? "{$self.hook.data.word}" : null;
}
