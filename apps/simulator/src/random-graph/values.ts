import type { Json } from "@hotmesh/core";
import type { Prng } from "@hotmesh/core/testing";
import { isRaced, type Node } from "./node.js";

/** A function of the mapping language over values that may be pipes themselves. */
export function call(name: string, ...values: readonly Json[]): Json {
  const rows: readonly Json[] = values.some(isPipe) ? values.map(asPipe) : [values];
  return { "@pipe": [...rows, [`{@${name}}`]] };
}

export function orElse(value: Json, otherwise: Json): Json {
  return call("conditional.nullish", value, otherwise);
}

function isPipe(value: Json): boolean {
  return typeof value === "object" && value !== null && "@pipe" in value;
}

function asPipe(value: Json): Json {
  return isPipe(value) ? value : { "@pipe": [[value]] };
}

/** Which turn of a pivot this is. */
export function turnOf(pivot: Node): Json {
  return orElse(`{${pivot.id}.output.data.turn}`, 1);
}

/** A name for this pass that no other pass of the app has, and that a client can tell beforehand: {@link passNames}. */
export function passName(node: Pick<Node, "id" | "loops">): Json {
  const turns = node.loops.flatMap((pivot): Json[] => [".", turnOf(pivot)]);
  return call("string.concat", "{$job.metadata.jid}", ".", node.id, ...turns);
}

/** Every name that {@link passName} may give in this job. */
export function passNames(node: Node, job: string): readonly string[] {
  return node.loops.reduce<readonly string[]>(
    (names, { turns }) => names.flatMap((name) => Array.from({ length: turns }, (_, turn) => `${name}.${turn + 1}`)),
    [`${job}.${node.id}`],
  );
}

/** The text that an activity leaves to those below it. */
export function textOf(node: Node): string {
  if (node.kind === "trigger") return `{${node.id}.output.data.word}`;
  if (node.kind === "wait" && !isRaced(node)) return `{${node.id}.hook.data.word}`;
  return node.kind === "await" ? `{${node.id}.output.data.steps}` : `{${node.id}.output.data.got}`;
}

const textMax = 40;

/** A text made of what the activity may read. */
export function drawText(node: Pick<Node, "readable" | "id">, random: Prng): Json {
  const read = (): Json => (node.readable.length === 0 ? node.id : orElse(textOf(nearby(node, random)), "-"));
  switch (random.below(6)) {
    case 0:
      return node.id;
    case 1:
      return read();
    case 2:
      return call("conditional.ternary", drawTest(node, random), read(), node.id);
    case 3:
      return cut(call("string.concat", read(), "{$self.output.metadata.aid}"));
    default:
      return cut(call("string.concat", node.id, "<", read(), random.chance(0.5) ? read() : "", ">"));
  }
}

/** A pipe that gives true or false. */
export function drawTest(node: Pick<Node, "readable">, random: Prng): Json {
  const begin = `{${triggerOf(node)}.output.data`;
  const read = node.readable.length === 0 ? `${begin}.word}` : textOf(nearby(node, random));
  switch (random.below(4)) {
    case 0:
      return call("number.lt", `${begin}.n}`, random.below(10));
    case 1:
      return call("conditional.strict_equality", `${begin}.lane}`, random.pick(["forge", "loom"]));
    case 2:
      return call("number.isEven", call("math.add", `${begin}.n}`, `${begin}.list.length}`));
    default:
      return call("string.includes", call("string.concat", orElse(read, ""), ""), random.pick(["1", "2", "n", "<"]));
  }
}

/** Any value: scalars, lists, objects, and pipes that make them. */
export function drawValue(node: Pick<Node, "readable" | "id">, random: Prng): Json {
  const begin = `{${triggerOf(node)}.output.data`;
  const sum: Json = { "@reduce": [["{$output}", "{$item}"], ["{@math.add}"]] };
  const pairs: Json = { "@reduce": [["{$output}", "{$key}", "=", "{$item}", ";"], ["{@string.concat}"]] };
  switch (random.below(10)) {
    case 0:
      return random.pick<Json>([null, "", 0, false, "/text", [], [1, [null, "{x"]]]);
    case 1:
      return [random.below(5), drawText(node, random), null, { deep: drawText(node, random) }];
    case 2:
      return { "@pipe": [[`${begin}.list}`, 0], sum] };
    case 3:
      return { "@pipe": [[`${begin}.box}`, ""], pairs] };
    case 4:
      return call("object.create", "text", drawText(node, random), "test", drawTest(node, random));
    case 5:
      return call("array.push", `${begin}.list}`, drawText(node, random));
    case 6:
      return random.pick([`${begin}.box}`, `${begin}.list}`, `${begin}.none}`, `${begin}.list.1}`]);
    case 7:
      return random.pick(["{$job.metadata.jid}", "{$job.metadata.tpc}", "{$self.output.metadata.atp}"]);
    default:
      return drawText(node, random);
  }
}

export function triggerOf({ readable }: Pick<Node, "readable">): string {
  return readable[0]?.id ?? "$self";
}

/** Mostly from close by; what a signal brought is worth a longer way. */
function nearby({ readable }: Pick<Node, "readable">, random: Prng): Node {
  const waits = readable.filter(({ kind }) => kind === "wait");
  return random.pick(waits.length > 0 && random.chance(0.4) ? waits : readable.slice(-3));
}

function cut(text: Json): Json {
  return call("string.slice", text, 0, textMax);
}
