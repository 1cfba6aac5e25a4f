import { type Plan, planIndex } from "@hotmesh/core";
import { prng } from "@hotmesh/core/testing";
import { expect, test } from "vitest";
import { randomApp } from "./random-app.js";

test("a seed draws the same app every time, and one with fewer activities is its beginning", () => {
  const draw = (activities: number) => randomApp(prng("seed 7"), activities).app.plans[0];
  const activitiesOf = ({ graphs }: Plan) => graphs[0]?.activities.map(({ id }) => id) ?? [];

  expect(draw(9)).toEqual(draw(9));
  expect(activitiesOf(draw(9)).length).toBeGreaterThan(activitiesOf(draw(3)).length);
  expect(activitiesOf(draw(9))).toEqual(expect.arrayContaining([...activitiesOf(draw(3))]));
});

test("random graphs use every part of the language", () => {
  const uses = new Map<string, number>();
  for (let seed = 1; seed <= 150; seed += 1) {
    const { app, document } = randomApp(prng(`app ${seed}`));
    const found = new Set([...usesOf(app.plans[0]), ...mentionsOf(JSON.stringify(document))]);
    for (const use of found) uses.set(use, (uses.get(use) ?? 0) + 1);
  }

  const rare = [...parts, ...spellings].filter((part) => (uses.get(part) ?? 0) < 3);
  expect(rare).toEqual([]);
});

const parts = [
  ...["worker", "await", "hook", "signal one", "signal all", "interrupt self", "interrupt other", "cycle"],
  ...["join all", "join any", "merge without join", "pivot", "nested pivots", "fan-out", "unconditional", "match"],
  ...["gate or", "several codes", "dynamic topic", "retry", "fire and forget", "itself", "sleep", "web hook", "race"],
  ...["escalation", "several rules", "rule of several matches", "rule of gate or", "emit", "persist", "threshold"],
  ...["slots", "search fields", "markers", "nested leaf", "expire", "validate", "stats", "entity", "error code"],
];

/** As they stand in a document. */
const spellings = ["@reduce", "maximumAttempts", "subtype", '"cycle":true', '"type":"activity"', '"gate":"and"'];

function mentionsOf(text: string): readonly string[] {
  return spellings.filter((spelling) => text.includes(spelling));
}

/** Which parts of the language the graphs of a plan use; those of the bystanders do not count. */
function usesOf(plan: Plan): readonly string[] {
  const graphs = plan.graphs.filter(({ topic }) => !/^(victim|buoy)/.test(topic));
  return graphs.flatMap((graph) => {
    const rules = new Map(graph.hooks.map((rule) => [rule.to, rule]));
    const uses: (string | false)[] = [
      rules.size > 1 && "several rules",
      graph.expire !== null && "expire",
      graph.inputSchema !== null && "validate",
    ];
    for (const rule of rules.values()) {
      uses.push(rule.match.length > 1 && "rule of several matches", rule.gate === "or" && "rule of gate or");
    }
    for (const activity of graph.activities) {
      uses.push(...usesOfActivity(activity, graph.topic), ...usesOfEdges(activity));
      const isWaiting = rules.has(activity.id);
      uses.push(isWaiting && "web hook");
      if (activity.type === "hook") {
        uses.push(
          activity.sleep !== null && (isWaiting ? "race" : "sleep"),
          activity.escalation !== null && "escalation",
        );
      }
      const above =
        planIndex(plan)
          .graphFor(graph.topic)
          ?.activities.filter(({ pivot }) => pivot) ?? [];
      uses.push(above.length > 1 && "nested pivots");
    }
    return uses.filter((use) => use !== false);
  });
}

type Activity = Plan["graphs"][number]["activities"][number];

function usesOfActivity(activity: Activity, topic: string): readonly (string | false)[] {
  const { writes, inbound, join, type } = activity;
  const kind = (): string => {
    if (activity.type === "signal") return `signal ${activity.subtype}`;
    return activity.type === "interrupt" ? `interrupt ${activity.target === null ? "self" : "other"}` : type;
  };
  return [
    kind(),
    join === null ? inbound.length > 1 && "merge without join" : `join ${join}`,
    activity.pivot && "pivot",
    activity.emit !== null && "emit",
    activity.persist !== null && "persist",
    activity.statusThreshold !== null && "threshold",
    writes.some(({ kind }) => kind === "slots") && "slots",
    writes.some((write) => write.kind === "marks" && write.mark === "_") && "search fields",
    writes.some((write) => write.kind === "marks" && write.mark === "-") && "markers",
    writes.some((write) => write.kind === "leaf" && write.path.length > 1) && "nested leaf",
    activity.type === "worker" && activity.retry.length > 0 && "retry",
    activity.type === "worker" && JSON.stringify(activity.topic).includes("lane") && "dynamic topic",
    activity.type === "await" && activity.awaits !== null && "fire and forget",
    activity.type === "await" && JSON.stringify(activity.topic).includes(`"${topic}"`) && "itself",
    activity.type === "trigger" && activity.stats.key !== null && "stats",
    activity.type === "trigger" && activity.entity !== null && "entity",
  ];
}

function usesOfEdges({ edges }: Activity): readonly (string | false)[] {
  return [
    edges.length > 1 && "fan-out",
    ...edges.flatMap(({ when }) => {
      if (when.on !== "code") return [when.on === "always" && "unconditional"];
      return [
        when.match !== null && "match",
        when.gate === "or" && "gate or",
        when.codes.length > 1 && "several codes",
        when.codes.includes("404") && "error code",
      ];
    }),
  ];
}
