import type { Json } from "../../json.js";
import { type Fault, faultSentences } from "./fault.js";
import type { SimulatedCall, Simulation } from "./simulation.js";
import { shown } from "./story-teller.js";

/** A run with one crash that came to something else than without it. */
export interface CounterExample {
  readonly fault: Fault;
  readonly expected: Compared;
  readonly found: Compared;
}

/** What a run came to. */
export interface Compared {
  readonly simulation: Simulation;
  /** By name: effects, jobs, what was refused. */
  readonly what: { readonly [name: string]: Json };
  readonly text: string;
}

/** A crash changes what comes of a run. Its message tells the story. */
export class CrashUnsafeError extends Error {
  override readonly name = "CrashUnsafeError";
  /** What went wrong, such as `worker-dies-after-effect`. */
  readonly crash: string;
  /** What happened, a line each. */
  readonly story: readonly string[];

  constructor(example: CounterExample) {
    super(messageOf(example));
    this.crash = example.fault.kind;
    this.story = example.found.simulation.story;
  }
}

function messageOf({ fault, expected, found }: CounterExample): string {
  const names = new Set([...Object.keys(expected.what), ...Object.keys(found.what)]);
  const differences = [...names].flatMap((name) => differenceOf(name, expected.what[name], found.what[name]));
  const lines = [
    `It matters that ${faultSentences[fault.kind]}.`,
    "",
    ...differences,
    "",
    "What happened:",
    "",
    ...found.simulation.story,
    ...hintOf(fault, found.simulation.calls),
  ];
  return lines.join("\n");
}

function differenceOf(name: string, expected: Json | undefined, found: Json | undefined): readonly string[] {
  const [wanted, got] = [expected, found].map((value) => (value === undefined ? "nothing" : shown(value)));
  return wanted === got ? [] : [`${name}:`, `  without it  ${wanted}`, `  with it     ${got}`];
}

/** Calls for the same pass and attempt are calls for one message. */
function hintOf({ kind }: Fault, calls: readonly SimulatedCall[]): readonly string[] {
  if (kind !== "worker-dies-after-effect" && kind !== "lease-lost") return [];
  const names = calls.map(({ topic, activity, job, attempt, data }) =>
    JSON.stringify([topic, activity, job, attempt, data]),
  );
  const twice = calls.find((_, at) => names.indexOf(names[at] ?? "") < at);
  if (twice === undefined) return [];
  const { topic } = twice;
  return [
    "",
    `The callback of ${topic} ran twice for one message, which no engine can prevent. It has to notice: metadata.jid,`,
    "metadata.dad and metadata.aid together are the same each time, and make a good idempotency key.",
  ];
}
