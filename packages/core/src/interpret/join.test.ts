import { describe, expect, test } from "vitest";
import type { Plan } from "../plan/plan.js";
import { answer, passesOf, planOf, play, sent, start } from "../testing/builders.js";

const error = { status: "error", code: 402 } as const;

/** Two workers that meet; `l` also arrives with what is not final. */
const diamond = (join: string): Plan =>
  planOf(`
    - subscribes: t
      expire: 60
      activities:
        start: { type: trigger }
        l: { type: worker, topic: left }
        r: { type: worker, topic: right }
        j:
          type: hook
          join: ${join}
          output: { maps: { l: '{l.output.data.n}', r: '{r.output.data.n}' } }
          job: { maps: { seen: '{$self.output.data}' } }
      transitions:
        start: [ { to: l }, { to: r } ]
        l: [ { to: j, conditions: { code: [200, 202] } } ]
        r: [ { to: j, conditions: { code: 200 } } ]
  `);

describe("join: all", () => {
  const plan = diamond("all");
  const left = answer("l,0,0", { n: 1 });
  const right = answer("r,0,0", { n: 2 });

  test("the activity is entered once, when every edge has arrived, below the fork as deep as the longest path", () => {
    const first = play(plan, [start(plan), left]);
    const both = play(plan, [right], { from: first.job });

    expect([first.job?.record.status, passesOf(first, "j")]).toEqual([2, []]);
    expect([both.job?.record.status, passesOf(both, "j")]).toEqual([0, [",0,0,0"]]);
    expect(both.job?.record.data).toEqual({ seen: { l: 1, r: 2 } });
  });

  test("the order of the arrivals does not matter", () => {
    const one = play(plan, [start(plan), left, right]);
    const other = play(plan, [start(plan), right, left]);

    expect(other.job?.record.data).toEqual(one.job?.record.data);
    expect(other.job?.record.status).toBe(0);
  });

  test("an edge that can no longer arrive is settled empty", () => {
    const decision = play(plan, [start(plan), left, answer("r,0,0", { n: 2 }, { code: 404 })]);

    expect(decision.job?.record).toMatchObject({ phase: "completed", status: 0 });
    expect(passesOf(decision, "j")).toHaveLength(1);
  });

  test("when all edges settle empty the activity is not entered", () => {
    const empty = { code: 404 };
    const decision = play(plan, [start(plan), answer("l,0,0", {}, empty), answer("r,0,0", {}, empty)]);

    expect(decision.job?.record).toMatchObject({ phase: "completed", status: 0, data: null });
    expect(passesOf(decision, "j")).toEqual([]);
  });

  test("an arrival after the entry releases its obligation and enters nothing", () => {
    const interim = answer("l,0,0", { n: 1 }, { status: "pending", code: 202, key: "interim" });
    const entered = play(plan, [start(plan), interim, right]);
    const late = play(plan, [answer("l,0,0", { n: 3 })], { from: entered.job });

    expect([entered.job?.record.status, passesOf(entered, "j")]).toEqual([1, [",0,0,0"]]);
    expect([late.job?.record.status, passesOf(late, "j")]).toEqual([0, [",0,0,0"]]);
    expect(late.job?.record).toMatchObject({ phase: "completed", data: { seen: { l: 1, r: 2 } } });
  });

  test("an error that no edge takes fails the job at once, and the join still runs with the others", () => {
    const failed = play(plan, [start(plan), answer("r,0,0", { message: "no", code: 402 }, error)]);
    const decision = play(plan, [left], { from: failed.job });

    expect(failed.job?.record).toMatchObject({ phase: "failed", status: 1 });
    expect(decision.job?.record).toMatchObject({ phase: "failed", status: 0, data: { seen: { l: 1 } } });
  });

  test("an activity sees the pass that arrived, where its source has had several", () => {
    const interim = answer("r,0,0", { n: 8 }, { status: "pending", code: 206, key: "interim" });

    const decision = play(plan, [start(plan), interim, right, left]);

    expect(passesOf(decision, "r")).toEqual([",0,0", ",0,1"]);
    expect(decision.job?.record.data).toEqual({ seen: { l: 1, r: 2 } });
  });
});

describe("join: any", () => {
  const plan = diamond("any");

  test("the first arrival enters, the later one releases its obligation", () => {
    const first = play(plan, [start(plan), answer("r,0,0", { n: 2 })]);
    const late = play(plan, [answer("l,0,0", { n: 1 })], { from: first.job });

    expect(first.job?.record).toMatchObject({ status: 1, data: { seen: { r: 2 } } });
    expect(late.job?.record).toMatchObject({ phase: "completed", status: 0, data: { seen: { r: 2 } } });
    expect(passesOf(late, "j")).toEqual([",0,0,0"]);
  });
});

describe("what a join waits for", () => {
  test("an activity further up from which the source can be reached", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        l: { type: worker, topic: w }
        m: { type: worker, topic: w }
        r: { type: worker, topic: w }
        j: { type: hook, join: all }
      transitions: { start: [ { to: l }, { to: r } ], l: [ { to: m } ], m: [ { to: j } ], r: [ { to: j } ] }
    `);

    const right = play(plan, [start(plan), answer("r,0,0")]);
    const left = play(plan, [answer("l,0,0")], { from: right.job });
    const middle = play(plan, [answer("m,0,0,0")], { from: left.job });

    expect([right, left, middle].map((decision) => passesOf(decision, "j"))).toEqual([[], [], [",0,0,0,0"]]);
    expect(middle.job?.record.status).toBe(0);
  });

  test("a loop that can still bring the edge", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        turn: { type: hook }
        work: { type: worker, topic: w }
        again: { type: cycle, ancestor: turn }
        r: { type: worker, topic: w }
        j: { type: hook, join: all }
      transitions:
        start: [ { to: turn }, { to: r } ]
        turn: [ { to: work } ]
        work: [ { to: again, conditions: { code: 206 } }, { to: j, conditions: { code: 200 } } ]
        r: [ { to: j } ]
    `);

    const right = play(plan, [start(plan), answer("r,0,0")]);
    const turned = play(plan, [answer("work,0,0,0", {}, { code: 206 })], { from: right.job });
    const last = play(plan, [answer("work,0,1,0")], { from: turned.job });

    expect([right, turned, last].map((decision) => passesOf(decision, "j").length)).toEqual([0, 0, 1]);
    expect(last.job?.record.status).toBe(0);
  });

  test("a join that waits itself, and the edges that have fired already", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: worker, topic: w }
        b: { type: worker, topic: w }
        inner: { type: hook, join: all }
        c: { type: hook }
        outer: { type: hook, join: all }
        after: { type: worker, topic: last }
      transitions:
        start: [ { to: a }, { to: b }, { to: c } ]
        a: [ { to: inner } ]
        b: [ { to: inner } ]
        inner: [ { to: outer } ]
        c: [ { to: outer } ]
        outer: [ { to: after } ]
    `);

    const first = play(plan, [start(plan), answer("a,0,0")]);
    const both = play(plan, [answer("b,0,0")], { from: first.job });

    expect([passesOf(first, "inner"), passesOf(first, "outer")]).toEqual([[], []]);
    expect([passesOf(both, "inner"), passesOf(both, "outer")]).toEqual([[",0,0,0"], [",0,0,0,0"]]);
    expect(sent(both)).toMatchObject([{ topic: "last", path: "after,0,0,0,0,0" }]);
  });

  test("arrivals under way are waited for: the pass has them all among its ancestors", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        l: { type: hook }
        r: { type: hook }
        j: { type: hook, join: all }
        after: { type: worker, topic: w }
      transitions: { start: [ { to: l }, { to: r } ], l: [ { to: j } ], r: [ { to: j } ], j: [ { to: after } ] }
    `);

    const decision = play(plan, [start(plan)]);

    expect([...(decision.job?.control.open.values() ?? [])].map(({ via }) => via)).toEqual([
      ["start", "l", "r,0,0", "j,0,0,0"],
    ]);
  });
});

describe("loops around fork and join", () => {
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        turn: { type: hook }
        l: { type: worker, topic: w }
        r: { type: worker, topic: w }
        j: { type: hook, join: all, output: { maps: { sum: [ '{l.output.data.n}', '{r.output.data.n}' ] } } }
        again: { type: cycle, ancestor: turn }
        out: { type: hook, job: { maps: { sum: '{j.output.data.sum}' } } }
      transitions:
        start: [ { to: turn } ]
        turn: [ { to: l }, { to: r } ]
        l: [ { to: j } ]
        r: [ { to: j } ]
        j:
          - { to: again, conditions: { match: [ { expected: true, actual: '{r.output.data.again}' } ] } }
          - { to: out, conditions: { match: [ { actual: '{r.output.data.again}' } ] } }
  `);

  test("each turn joins anew, with the data of that turn", () => {
    const turned = play(plan, [start(plan), answer("l,0,0,0", { n: 1 }), answer("r,0,0,0", { n: 2, again: true })]);
    const first = play(plan, [answer("r,0,1,0", { n: 4 })], { from: turned.job });
    const last = play(plan, [answer("l,0,1,0", { n: 3 })], { from: first.job });

    expect([turned, first, last].map((decision) => passesOf(decision, "j").length)).toEqual([1, 1, 2]);
    expect(last.job?.record).toMatchObject({ status: 0, data: { sum: [3, 4] } });
    expect(last.job?.control.joins.size).toBe(0);
  });
});
