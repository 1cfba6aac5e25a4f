import { describe, expect, test } from "vitest";
import { compileText } from "../compile/compile.js";
import { planIndex } from "./plan-index.js";

/** `a → b → c` written as the targets of each source; every activity is a hook unless said otherwise. */
function indexOf(
  transitions: Readonly<Record<string, readonly string[]>>,
  kinds: Readonly<Record<string, object>> = {},
) {
  const ids = new Set([
    "start",
    ...Object.keys(transitions),
    ...Object.values(transitions).flat(),
    ...Object.keys(kinds),
  ]);
  const activities = Object.fromEntries([...ids].map((id) => [id, { type: "hook", ...kinds[id] }]));
  const graph = {
    subscribes: "t",
    activities: { ...activities, start: { type: "trigger" } },
    transitions: Object.fromEntries(
      Object.entries(transitions).map(([from, list]) => [from, list.map((to) => ({ to, conditions: { code: 200 } }))]),
    ),
    hooks: { "door.opened": [{ to: "start" }, { to: [...ids].find((id) => id !== "start") }] },
  };
  const text = JSON.stringify({ app: { id: "demo", version: "1", graphs: [graph] } });
  const { plan } = compileText(text);
  return { plan, index: planIndex(plan) };
}

const diamond = {
  start: ["fork"],
  fork: ["left", "right"],
  left: ["join"],
  right: ["extra"],
  extra: ["join"],
  join: ["end"],
};

describe("looking up", () => {
  const { plan, index } = indexOf({ start: ["wait", "work"] }, { work: { type: "worker", topic: "w" } });

  test("activities and graphs are found by id and topic", () => {
    expect(index.activity("work")).toBe(plan.graphs[0]?.activities.find(({ id }) => id === "work"));
    expect(index.graphOf("wait")).toBe(plan.graphs[0]);
    expect(index.graphFor("t")).toBe(plan.graphs[0]);
    expect([index.activity("x"), index.graphOf("x"), index.graphFor("x")]).toEqual([undefined, undefined, undefined]);
  });

  test("rules are found by topic and by hook; a rule for another type is not there", () => {
    expect(index.rulesOn("door.opened")).toEqual([{ graph: plan.graphs[0], rule: plan.graphs[0]?.hooks[0], place: 0 }]);
    expect(index.rulesFor("wait")).toEqual(index.rulesOn("door.opened"));
    expect([index.rulesOn("x"), index.rulesFor("work")]).toEqual([[], []]);
  });

  test("workers, awaits and the targets of rules wait", () => {
    expect(["start", "wait", "work", "x"].map(index.waits)).toEqual([false, true, true, false]);
  });

  test("a plan has one index", () => {
    expect(planIndex(plan)).toBe(index);
  });
});

describe("the shape of a graph", () => {
  test("ancestors are all activities on any path from the trigger", () => {
    const { index } = indexOf({ ...diamond, lost: ["join"] });

    expect([...index.ancestors("join")].sort()).toEqual(["extra", "fork", "left", "right", "start"]);
    expect([...index.ancestors("start")]).toEqual([]);
    expect([...index.ancestors("lost")]).toEqual([]);
  });

  test("the fork is the nearest activity on every path", () => {
    const { index } = indexOf(diamond);

    expect(["start", "fork", "left", "extra", "join", "end"].map(index.fork)).toEqual([
      null,
      "start",
      "fork",
      "right",
      "fork",
      "join",
    ]);
    expect(index.span("join")).toBe(3);
  });

  test("without join an activity has the depth of each path to it", () => {
    const { index } = indexOf(diamond);

    expect(["start", "fork", "join", "end"].map((id) => [...index.depths(id)].sort())).toEqual([
      [1],
      [2],
      [4, 5],
      [5, 6],
    ]);
  });

  test("a joined activity is as deep as the longest path from its fork", () => {
    const { index } = indexOf(diamond, { join: { join: "all" } });

    expect(["join", "end"].map((id) => [...index.depths(id)])).toEqual([[5], [6]]);
  });

  test("what cannot be reached has no depth", () => {
    expect([...indexOf({ lost: ["far"] }).index.depths("far")]).toEqual([]);
  });

  test("a large ladder is answered at once", () => {
    const ladder = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [n === 0 ? "start" : `s${n}`, [`l${n}`, `r${n}`]]),
    );
    for (let n = 0; n < 100; n++) Object.assign(ladder, { [`l${n}`]: [`s${n + 1}`], [`r${n}`]: [`s${n + 1}`] });
    const { index } = indexOf(ladder);

    expect(index.ancestors("s100").size).toBe(300);
    expect(index.fork("s100")).toBe("s99");
    expect([...index.depths("s100")]).toEqual([201]);
  });
});
