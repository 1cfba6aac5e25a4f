import type { WorkflowFunction } from "./enter-options.js";
import { proxyActivities } from "./proxy-activities.js";
import { storedObject } from "./stored-object.js";
import { workflowFunctions as workflow } from "./workflow-functions.js";

/** Numbers below 1 that depend on the seed only. */
export type Draw = () => number;

/** A source of such numbers. */
export function drawn(seed: number): Draw {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Step = () => Promise<unknown>;

const activities = proxyActivities<Record<string, (given?: unknown) => string>>();
const combinators: readonly ((steps: readonly Promise<unknown>[]) => Promise<unknown>)[] = [
  (steps) => Promise.all(steps),
  (steps) => Promise.race(steps),
  (steps) => Promise.any(steps).catch(() => "none"),
  (steps) => Promise.allSettled(steps).then((settled) => settled.map(({ status }) => status)),
];

/**
 * A function of random shape: sequences, parallel parts and leaves of all kinds, what comes later depending on what
 * earlier ones came to. The names of its operations differ; those that begin with `fail` are meant to.
 */
export function randomFunction(seed: number, { stores }: { readonly stores: boolean }): WorkflowFunction {
  const draw = drawn(seed);
  let names = 0;
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(draw() * items.length)] as Item;
  const leaf = (): Step => {
    names += 1;
    const name = `${draw() < 0.2 ? "fail" : "do"}${names}`;
    const leaves: Step[] = [
      async () => activities[name]?.(names),
      async () => activities[name]?.(),
      () => workflow.condition(name),
      () => workflow.executeChild({ workflowName: name, args: [] }),
      () => workflow.startChild({ workflowName: name, args: [] }),
      () => workflow.signal(name, 1),
      async () => workflow.random(),
      () => workflow.patched(name),
      () => Promise.resolve().then(() => workflow.uuid4()),
      ...(stores ? [(): Promise<unknown> => storedObject("search").operate(name, "stored")] : []),
    ];
    return pick(leaves);
  };
  const node = (depth: number): Step => {
    if (depth === 0 || draw() < 0.2) return leaf();
    const parts = Array.from({ length: 2 + Math.floor(draw() * 2) }, () => node(depth - 1));
    if (draw() < 0.5) return inTurn(parts);
    const combine = pick(combinators);
    return () => combine(parts.map((part) => part()));
  };
  const whole = node(4);
  return async () => JSON.stringify(await kept(whole));
}

/** One after the other; an activity that is named for what each came to makes the order of outcomes matter. */
function inTurn(parts: readonly Step[]): Step {
  return async () => {
    const all: unknown[] = [];
    for (const part of parts) {
      const outcome = await kept(part);
      all.push(outcome);
      if (typeof outcome === "string" && outcome.length < 12) all.push(await activities[`after ${outcome}`]?.());
    }
    return all;
  };
}

async function kept(step: Step): Promise<unknown> {
  try {
    return await step();
  } catch (error) {
    return error instanceof Error ? error.message : "thrown";
  }
}
