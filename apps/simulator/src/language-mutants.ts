import type { ActivityPlan, Commit, Edge, GraphPlan, InboundMessage, Plan, Program, Snapshot } from "@hotmesh/core";
import type { Mutant } from "./mutants.js";

/** Parts of the language that an engine gets wrong: random graphs must find each of them. */
export const languageMutants: readonly Mutant[] = [
  edges("conditions are ignored", (edge) => ({ ...edge, when: { on: "always" } })),
  edges("an edge takes the first of its codes only", ({ to, when }) =>
    when.on === "code" ? { to, when: { ...when, codes: when.codes.slice(0, 1) } } : { to, when },
  ),
  edges("one match of several is enough", ({ to, when }) =>
    when.on === "code" ? { to, when: { ...when, gate: "or" } } : { to, when },
  ),
  activities("output maps are forgotten", (activity) =>
    "output" in activity ? { ...activity, output: null } : activity,
  ),
  activities("a cycle does not count its turns", (activity) =>
    activity.type === "cycle" ? { ...activity, input: { op: "literal", value: { turn: 99 } } } : activity,
  ),
  activities("slots are taken for lists", (activity) => ({
    ...activity,
    writes: activity.writes.map((write) =>
      write.kind === "slots" ? { kind: "leaf", path: [write.name], value: write.value } : write,
    ),
  })),
  activities("markers are not stored", (activity) => ({
    ...activity,
    writes: activity.writes.filter((write) => write.kind !== "marks" || write.mark !== "-"),
  })),
  activities("only the first leaf is written", (activity) => ({ ...activity, writes: activity.writes.slice(0, 1) })),
  activities("a parent waits for a child that it should forget", (activity) =>
    activity.type === "await" ? { ...activity, awaits: null } : activity,
  ),
  activities("thresholds are ignored", (activity) => ({ ...activity, statusThreshold: null })),
  activities("a job that persists says nothing", (activity) => ({ ...activity, persist: null })),
  activities("an interruption hits the wrong job", (activity) =>
    activity.type === "interrupt" ? { ...activity, target: null } : activity,
  ),
  activities("an interruption does not descend", (activity) =>
    activity.type === "interrupt" ? { ...activity, descend: null } : activity,
  ),
  activities("an interruption that should not throw does", (activity) =>
    activity.type === "interrupt" ? { ...activity, throws: null } : activity,
  ),
  activities("retries by code are forgotten", (activity) =>
    activity.type === "worker" ? { ...activity, retry: [] } : activity,
  ),
  activities("a wait with a timer waits for the signal alone", (activity) =>
    activity.type === "hook" ? { ...activity, sleep: null } : activity,
  ),
  graphs("only the first rule of a topic counts", (graph) => ({
    ...graph,
    hooks: graph.hooks.filter((rule, at) => graph.hooks.findIndex(({ topic }) => topic === rule.topic) === at),
  })),
  graphs("payloads are not validated", (graph) => ({ ...graph, inputSchema: null })),
  commits("a signal to an index reaches nobody", (commit) => ({
    ...commit,
    sends: commit.sends.filter(({ kind }) => kind !== "broadcast"),
  })),
  commits("one counter of a commit is counted", (commit) => ({ ...commit, counters: commit.counters.slice(0, 1) })),
  commits("one signal of a commit is sent", (commit) => ({ ...commit, signals: commit.signals.slice(0, 1) })),
  commits("one message of a commit is sent", (commit) => ({ ...commit, sends: commit.sends.slice(0, 1) })),
  snapshots("what a pass put out is forgotten between steps", (snapshot) => ({
    ...snapshot,
    passes: snapshot.passes.map((pass) => ({ ...pass, output: null })),
  })),
  snapshots("what a signal brought is forgotten between steps", (snapshot) => ({
    ...snapshot,
    passes: snapshot.passes.map((pass) => ({ ...pass, hook: null })),
  })),
];

function edges(name: string, change: (edge: Edge) => Edge): Mutant {
  return activities(name, (activity) => ({ ...activity, edges: activity.edges.map(change) }));
}

function activities(name: string, change: (activity: ActivityPlan) => ActivityPlan): Mutant {
  return graphs(name, (graph) => ({ ...graph, activities: graph.activities.map(change) }));
}

function graphs(name: string, change: (graph: GraphPlan) => GraphPlan): Mutant {
  return { name, plant: () => ({ plan: (plan: Plan) => ({ ...plan, graphs: plan.graphs.map(change) }) }) };
}

function commits(name: string, change: (commit: Commit) => Commit): Mutant {
  return programs(name, (original, messages, snapshot) => {
    const commit = original.decide(messages, snapshot);
    return "verdicts" in commit ? change(commit) : commit;
  });
}

function snapshots(name: string, change: (snapshot: Snapshot) => Snapshot): Mutant {
  return programs(name, (original, messages, snapshot) => original.decide(messages, change(snapshot)));
}

type Decide = (
  original: Program,
  messages: readonly InboundMessage[],
  snapshot: Snapshot,
) => ReturnType<Program["decide"]>;

function programs(name: string, decide: Decide): Mutant {
  const program = (original: Program): Program => ({
    reads: (messages) => original.reads(messages),
    decide: (messages, snapshot) => decide(original, messages, snapshot),
  });
  return { name, plant: () => ({ program }) };
}
