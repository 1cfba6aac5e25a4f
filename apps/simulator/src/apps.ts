import { readFileSync } from "node:fs";
import { type Plan, planId } from "@hotmesh/core";
import { compileText } from "@hotmesh/core/compiler";

/** An app that can be simulated: two versions of the same workflows, so that a switch changes nothing but plans. */
export interface SimulatedApp {
  readonly plans: readonly [Plan, Plan];
}

export function simulatedApp(text: string): SimulatedApp {
  const { plan } = compileText(text);
  return { plans: [plan, { ...plan, id: planId(`${plan.id}-2`), version: "2" }] };
}

/** The hand-written workflows, compiled once. */
export const writtenApp: SimulatedApp = simulatedApp(readFileSync(new URL("./graphs.yaml", import.meta.url), "utf8"));

const parts = new WeakMap<SimulatedApp, Map<string, SimulatedApp>>();

/** The app with some of its graphs only: a world deploys no more than its stories need. */
export function partOf(app: SimulatedApp, topics: ReadonlySet<string>): SimulatedApp {
  const known = parts.get(app) ?? new Map<string, SimulatedApp>();
  parts.set(app, known);
  const name = [...topics].sort().join(" ");
  const cut = (plan: Plan): Plan => ({
    ...plan,
    id: planId(`${plan.version} ${name}`),
    graphs: plan.graphs.filter((graph) => topics.has(graph.topic)),
  });
  const part = known.get(name) ?? { plans: [cut(app.plans[0]), cut(app.plans[1])] };
  known.set(name, part);
  return part;
}
