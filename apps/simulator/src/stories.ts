import type { JsonObject } from "@hotmesh/core";
import type { Prng, Scenario } from "@hotmesh/core/testing";

/** One thing a client does. */
export type Action =
  | { readonly kind: "start"; readonly topic: string; readonly payload: JsonObject; readonly pending: boolean }
  | { readonly kind: "resume"; readonly job: string }
  | { readonly kind: "signal"; readonly topic: string; readonly data: JsonObject }
  | { readonly kind: "interrupt"; readonly job: string }
  /** Answers the worker message of the job that its worker left open. */
  | { readonly kind: "add"; readonly job: string; readonly data: JsonObject };

/** What a client wants of the app: jobs whose outcome is known beforehand. */
export interface Story {
  readonly name: string;
  /** Graphs that take part, besides those that are started. */
  readonly children: readonly string[];
  readonly actions: readonly Action[];
}

type Tell = (id: string, prng: Prng) => readonly Action[];

const children: Readonly<Record<string, readonly string[]>> = {
  nest: ["nest.middle", "chain.run"],
  stop: ["stop.child"],
  forget: ["chain.run"],
};

const written: Readonly<Record<string, Tell>> = {
  chain: (id, prng) => [start("chain.run", { id, n: prng.below(3), flaky: prng.below(4) })],
  fan: (id, prng) => [start("fan.run", { id, flaky: prng.below(3) })],
  race: (id) => [start("race.run", { id })],
  nap: (id, prng) => [start("nap.run", { id, secs: prng.below(4) })],
  wait: (id, prng) =>
    eitherWay(prng, start("wait.run", { id }), { kind: "signal", topic: "wait.call", data: { id, word: "hello" } }),
  timeout: (id, prng) =>
    eitherWay(prng, start("timeout.run", { id, secs: 1 + prng.below(3) }), {
      kind: "signal",
      topic: "timeout.call",
      data: { id },
    }),
  nest: (id, prng) => [start("nest.run", { id, n: prng.below(3) })],
  loop: (id) => [start("loop.run", { id })],
  error: (id, prng) => [start("error.run", { id, ...(prng.chance(0.5) && { status: "error", code: 451 }) })],
  stop: (id) => [start("stop.run", { id }), { kind: "interrupt", job: id }],
  tell: (id, prng) => eitherWay(prng, start("wait.run", { id }), start("tell.run", { id: `${id}.t`, target: id })),
  add: (id) => [start("add.run", { id }), { kind: "add", job: id, data: { got: "injected" } }],
  forget: (id) => [start("forget.run", { id })],
  short: (id) => [start("short.run", { id })],
  pending: (id, prng) => [
    { ...start("chain.run", { id, n: prng.below(3), flaky: 0 }), pending: true },
    { kind: "resume", job: id },
  ],
};

/** A story of the written app. */
export function tellStory(id: string, prng: Prng): Story {
  const [name, tell] = prng.pick(Object.entries(written));
  return { name, children: children[name] ?? [], actions: tell(id, prng) };
}

/** Every graph that the stories touch. */
export function topicsOf(stories: readonly Story[]): ReadonlySet<string> {
  return new Set(
    stories.flatMap((story) => [
      ...story.children,
      ...story.actions.flatMap((action) => (action.kind === "start" ? [action.topic] : [])),
    ]),
  );
}

export function start(topic: string, payload: JsonObject): Extract<Action, { kind: "start" }> {
  return { kind: "start", topic, payload, pending: false };
}

function eitherWay(prng: Prng, first: Action, second: Action): readonly Action[] {
  return prng.chance(0.5) ? [first, second] : [second, first];
}

const answer: JsonObject = {
  status: "{input.status}",
  code: "{input.code}",
  data: { got: "{input.give}", message: "broken", code: "{input.code}" },
};

/** What the workers of the app answer: a function of the message alone. */
export const workers: Scenario["workers"] = { forge: answer, loom: answer };
