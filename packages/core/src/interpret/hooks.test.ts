import { describe, expect, test } from "vitest";
import { compileText } from "../compile/compile.js";
import type { Plan } from "../plan/plan.js";
import { planIndex } from "../plan/plan-index.js";
import { answer, now, opened, passesOf, planOf, play, sent, signal, start, wake } from "../testing/builders.js";
import { hookKeys } from "./hook-keys.js";

const environment = (document: object) => ({
  root: (name: string): unknown => (name === "$self" ? { hook: { data: document } } : undefined),
  now: 0,
  random: () => 0,
});

const waiting = (rules: string, hook = ""): Plan =>
  planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        wait: { type: hook${hook} }
      transitions: { start: [ { to: wait } ] }
      hooks:
        go:
${rules}
  `);

const rule = (...match: readonly string[]): string =>
  `          - { to: wait, conditions: { match: [ ${match.join(", ")} ] } }`;
const entry = (field: string): string =>
  `{ expected: '{start.output.data.${field}}', actual: '{$hook.data.${field}}' }`;

function keysOf(plan: Plan, document: object): readonly string[] {
  const self = environment(document);
  const root = (name: string): unknown => (name === "$hook" ? { data: document } : self.root(name));
  return planIndex(plan)
    .rulesOn("go")
    .flatMap((each) => hookKeys(each, "actual", { ...self, root }));
}

describe("keys", () => {
  test("a wait and a signal agree as text", () => {
    const plan = waiting(rule(entry("n")));
    const decision = play(plan, [start(plan, { n: 7 })]);

    expect(opened(decision).map(({ key }) => key)).toEqual(keysOf(plan, { n: "7" }));
    expect(keysOf(plan, { n: 7 })).toEqual(keysOf(plan, { n: "7" }));
    expect(keysOf(plan, { n: 8 })).not.toEqual(keysOf(plan, { n: 7 }));
  });

  test("with gate and, all values make one key; with gate or, each makes its own", () => {
    const and = waiting(rule(entry("a"), entry("b")));
    const or = waiting(rule(entry("a"), entry("b")).replace("conditions: {", "conditions: { gate: or,"));

    expect(opened(play(and, [start(and, { a: 1, b: 2 })]))).toHaveLength(1);
    expect(keysOf(and, { a: 1 })).toEqual([]);
    expect(opened(play(or, [start(or, { a: 1, b: 2 })]))).toHaveLength(2);
    expect(keysOf(or, { b: 2 })).toEqual(keysOf(or, { a: 1, b: 2 }).slice(1));
  });

  test("an undefined value never matches: the wait is open and nothing is registered", () => {
    const plan = waiting(rule(entry("n")));
    const decision = play(plan, [start(plan)]);

    expect([opened(decision), decision.job?.record.status]).toEqual([[], 1]);
    expect(keysOf(plan, {})).toEqual([]);
  });

  test("null and objects are compared by their text", () => {
    const plan = waiting(rule(entry("n")));

    expect(keysOf(plan, { n: null })).toEqual(keysOf(plan, { n: "null" }));
    expect(keysOf(plan, { n: { a: 1 } })).toEqual(keysOf(plan, { n: '{"a":1}' }));
  });

  test("two rules of one topic for one hook have keys of their own", () => {
    const plan = waiting(`${rule(entry("a"))}\n${rule(entry("b"))}`);
    const keys = opened(play(plan, [start(plan, { a: "x", b: "y" })])).map(({ key }) => key);

    expect(new Set(keys).size).toBe(2);
    expect(keysOf(plan, { a: "y" }).some((key) => keys.includes(key))).toBe(false);
    expect(keysOf(plan, { b: "y" }).some((key) => keys.includes(key))).toBe(true);
  });

  test("a rule gives the same keys in every version that has it", () => {
    const plan = waiting(rule(entry("a")));
    const other = compileText(`
app:
  id: shop
  version: '2'
  graphs:
    - subscribes: other
      activities: { begin: { type: trigger }, wait: { type: hook } }
      transitions: { begin: [ { to: wait } ] }
      hooks: { go: [ { to: wait, conditions: { match: [ { expected: 1, actual: '{$self.hook.data.a}' } ] } } ] }
`).plan;

    expect(keysOf(other, { a: "x" })).toEqual(keysOf(plan, { a: "x" }));
  });
});

describe("a wait", () => {
  test("expected sees what the maps of the same leg have written", () => {
    const plan = waiting(
      "          - { to: wait, conditions: { match: [ { expected: '{$job.data.k}', actual: '{$hook.data.k}' } ] } }",
      ", output: { maps: { o: 1 } }, job: { maps: { k: '{$self.output.data.o}' } }",
    );

    expect(opened(play(plan, [start(plan)])).map(({ key }) => key)).toEqual(keysOf(plan, { k: 1 }));
  });

  test("what output.maps made can be read by others while the hook waits", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        wait: { type: hook, output: { maps: { door: 5 } } }
        work: { type: worker, topic: w, job: { maps: { door: '{wait.output.data.door}' } } }
      transitions: { start: [ { to: wait }, { to: work } ] }
      hooks: { go: [ { to: wait, conditions: { match: [ { expected: 1, actual: '{$hook.data.n}' } ] } } ] }
    `);

    const decision = play(plan, [start(plan), answer("work,0,0")]);

    expect(decision.job?.record).toMatchObject({ status: 1, data: { door: 5 } });
  });

  const again = waiting(rule(entry("n")), ", sleep: 60, job: { maps: { last: '{$self.hook.data.x}' } }");
  const pending = { status: "pending", code: 202 } as const;

  test("pending signals keep the hook and its timer, and each has an address of its own", () => {
    const one = play(again, [start(again, { n: 1 }), signal("wait,0,0", { x: 1 }, pending)]);
    const two = play(again, [signal("wait,0,0", { x: 2 }, pending)], { from: one.job });

    expect([one.effects, two.effects]).toEqual([[], []]);
    expect(two.job?.record).toMatchObject({ status: 1, data: { last: 2 } });
    expect(passesOf(two, "wait")).toEqual([",0,0", ",0,1"]);
  });

  test("what closes it takes its registration and its timer along", () => {
    const events = [start(again, { n: 1 }), signal("wait,0,0", { x: 1 }, pending)];
    const closed = play(again, [...events, signal("wait,0,0", { x: 9 }, { code: 206 })]);

    expect(closed.effects.filter(({ kind }) => kind !== "publish")).toMatchObject([
      { kind: "cancel", cancel: { by: "key" } },
      { kind: "close-hook", hook: { job: "j1", path: "wait,0,0" } },
    ]);
    expect(closed.job?.record).toMatchObject({ phase: "completed", data: { last: 9 } });
    expect(passesOf(closed, "wait")).toEqual([",0,0", ",0,1"]);
  });

  test("the same pending signal counts once", () => {
    const event = signal("wait,0,0", { x: 1 }, pending);

    expect(play(again, [start(again, { n: 1 }), event, event]).verdict).toEqual({ outcome: "duplicate" });
  });

  test("a timer that runs out after a pending signal closes the wait", () => {
    const events = [start(again, { n: 1 }), signal("wait,0,0", { x: 1 }, pending), wake("wait,0,0")];

    const decision = play(again, events);

    expect(decision.job?.record).toMatchObject({ phase: "completed", status: 0, data: { last: 1 } });
    expect(decision.effects).toContainEqual({ kind: "close-hook", hook: { job: "j1", path: "wait,0,0" } });
  });

  test("S52 an answer that names its pass resumes it, as a signal would", () => {
    const begun = start(again, { n: 1 });

    expect(play(again, [begun, answer("wait,0,0", { x: 1 })])).toEqual(
      play(again, [begun, signal("wait,0,0", { x: 1 })]),
    );
    expect(play(again, [begun, answer("wait,0,1", { x: 1 })]).verdict).toEqual({ outcome: "stale", reason: "closed" });
  });

  test("a pivot's first row is closed when an answer with an address of its own closes the wait", () => {
    const plan = waiting(rule(entry("n")), ", cycle: true, output: { maps: { o: 1 } }");
    const decision = play(plan, [start(plan, { n: 1 }), signal("wait,0,0", {})]);

    expect([...(decision.job?.passes.values() ?? [])].filter(({ activity }) => activity === "wait")).toMatchObject([
      { address: ",0,0", open: false, completedAt: now },
      { address: ",0,1", open: false },
    ]);
  });
});

describe("sleep", () => {
  const sleeping = (sleep: string): Plan =>
    planOf(`
    - subscribes: t
      activities: { start: { type: trigger }, nap: { type: hook, sleep: ${sleep} } }
      transitions: { start: [ { to: nap } ] }
    `);

  test.each([
    ["2", 2_000],
    ["0.25", 250],
    ["'1.5'", 1_500],
    ["true", 1_000],
  ])("%s seconds wait that long", (sleep, ms) => {
    const plan = sleeping(sleep);

    expect(sent(play(plan, [start(plan)]))).toMatchObject([{ kind: "wake", visibleAt: now + ms }]);
  });

  test.each(["0", "-1", "''", "soon", "[1]", "'{start.output.data.no}'", "false"])("%s passes through", (sleep) => {
    const plan = sleeping(sleep);

    expect(play(plan, [start(plan)]).job?.record).toMatchObject({ phase: "completed", status: 0 });
  });
});
