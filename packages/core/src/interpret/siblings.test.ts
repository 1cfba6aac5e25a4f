import { describe, expect, test } from "vitest";
import { answer, passesOf, planOf, play, start } from "../testing/builders.js";

describe("passes side by side share their address", () => {
  // Both a and b are at ,0,0; mark is reached from both, and ask stands below a alone.
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: hook }
        b: { type: hook }
        mark: { type: worker, topic: w }
        ask: { type: worker, topic: w }
        note: { type: hook, job: { maps: { n: '{mark.output.data.n}' } } }
        again: { type: cycle, ancestor: a }
      transitions:
        start: [ { to: a }, { to: b } ]
        a:
          - { to: ask }
          - { to: mark, conditions: { match: [ { expected: true, actual: '{start.input.data.own}' } ] } }
        b: [ { to: mark, conditions: { match: [ { expected: true, actual: '{start.input.data.other}' } ] } } ]
        ask: [ { to: note, conditions: { code: 200 } }, { to: again, conditions: { code: 206 } } ]
  `);
  const marks = (...numbers: number[]) => numbers.map((n, index) => answer(`mark,0,0,${index}`, { n }));

  test("what a sibling has led to is not below", () => {
    const { job } = play(plan, [start(plan, { other: true }), ...marks(5), answer("ask,0,0,0")]);

    expect(job?.record.data).toBeNull();
    expect(job?.control.lineages.size).toBe(0);
  });

  test("the only one that is below is found beside those that are not", () => {
    const both = play(plan, [start(plan, { own: true, other: true }), ...marks(1, 2)]);
    expect(passesOf(both, "mark")).toEqual([",0,0,0", ",0,0,1"]);
    expect([...(both.job?.control.lineages ?? [])]).toEqual([
      ["mark,0,0,0", ["start", "a"]],
      ["mark,0,0,1", ["start", "b"]],
    ]);

    const { job } = play(plan, [answer("ask,0,0,0")], { from: both.job });

    expect(job?.record.data).toEqual({ n: 1 });
  });

  test("what stems from a deeper pass of the same activity is not below", () => {
    // c is at ,0,0 and, by way of h, at ,0,0,0, which is where a child of the first would be.
    const deeper = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        h: { type: hook }
        c: { type: hook, output: { maps: { dad: '{$self.output.metadata.dad}' } } }
        x: { type: worker, topic: w }
        r: { type: worker, topic: w, job: { maps: { n: '{x.output.data.n}' } } }
      transitions:
        start: [ { to: h }, { to: c } ]
        h: [ { to: c } ]
        c: [ { to: x }, { to: r } ]
    `);
    const begun = [start(deeper), answer("x,0,0,0,0", { n: 1 })];
    expect(passesOf(play(deeper, [start(deeper)]), "c")).toEqual([",0,0", ",0,0,0"]);

    expect(play(deeper, [...begun, answer("r,0,0,0")]).job?.record.data).toBeNull();
    expect(play(deeper, [...begun, answer("r,0,0,0,0")]).job?.record.data).toEqual({ n: 1 });
  });

  test("in the next turn it is the passes of that turn", () => {
    const turned = play(plan, [start(plan, { own: true }), ...marks(1), answer("ask,0,0,0", {}, { code: 206 })]);
    const { job } = play(plan, [answer("mark,0,1,0", { n: 2 }), answer("ask,0,1,0")], { from: turned.job });

    expect(job?.record.data).toEqual({ n: 2 });
  });
});

test("a join does not wait for what stands beside its fork", () => {
  // slow is below b, which is as far down as the join's fork a, and leads back above both.
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        turn: { type: hook }
        a: { type: hook }
        b: { type: hook }
        quick: { type: worker, topic: w }
        never: { type: hook }
        done: { type: hook, join: all, job: { maps: { joined: true } } }
        slow: { type: worker, topic: w }
        again: { type: cycle, ancestor: turn }
      transitions:
        start: [ { to: turn } ]
        turn: [ { to: a }, { to: b } ]
        a: [ { to: quick }, { to: never, conditions: { code: 404 } } ]
        quick: [ { to: done, conditions: { code: 200 } } ]
        never: [ { to: done } ]
        b: [ { to: slow } ]
        slow: [ { to: again, conditions: { code: 206 } } ]
  `);

  const { job } = play(plan, [start(plan), answer("quick,0,0,0,0")]);

  expect(job?.record).toMatchObject({ data: { joined: true }, status: 1 });
});
