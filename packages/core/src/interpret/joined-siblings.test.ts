import { expect, test } from "vitest";
import type { Decision } from "../job/decision.js";
import type { JobEvent } from "../job/event.js";
import type { Plan } from "../plan/plan.js";
import { answer, planOf, play, sent, start } from "../testing/builders.js";
import { eventOf } from "./event-codec.js";

/** Decides events one after the other, and after each what it has left over, in steps of so many hops. */
function playInHops(plan: Plan, events: readonly JobEvent[], hopsMax: number): Decision {
  let decision: Decision | null = null;
  for (const event of events) {
    for (let next: JobEvent | null = event; next !== null; next = leftOver(decision, plan)) {
      decision = play(plan, [next], { from: decision?.job ?? null, limits: { hopsMax } });
    }
  }
  if (decision === null) throw new Error("there was nothing to decide");
  return decision;
}

function leftOver(decision: Decision | null, plan: Plan): JobEvent | null {
  const message = decision === null ? undefined : sent(decision).find(({ kind }) => kind === "resume");
  return message === undefined ? null : eventOf({ ...message, source: "stored", request: null, plan: plan.id });
}

test.each([1, 2, 3, 1_000])("below a join its siblings can be read, in steps of %d hops", (hopsMax) => {
  // The edge from b to c never fires: b is no ancestor of c, yet the only pass of its kind below a.
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: worker, topic: w }
        b: { type: hook, join: all, output: { maps: { n: 7 } } }
        c: { type: worker, topic: w, join: all }
        d: { type: hook, job: { maps: { n: '{b.output.data.n}' } } }
      transitions:
        start: [ { to: a }, { to: b } ]
        a: [ { to: b }, { to: c } ]
        b: [ { to: c, conditions: { match: [ { expected: 1, actual: 2 } ] } } ]
        c: [ { to: d } ]
  `);

  const { job } = playInHops(plan, [start(plan), answer("a,0,0"), answer("c,0,0,0,0")], hopsMax);

  expect(job?.record.data).toEqual({ n: 7 });
});

test.each([1, 1_000])("a join that waits keeps what stands beside its arrivals, in steps of %d hops", (hopsMax) => {
  // b is done, and nothing below a is open but the join, which waits for e.
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        deeper: { type: hook }
        a: { type: worker, topic: w }
        b: { type: hook, join: all, output: { maps: { n: 7 } } }
        e: { type: worker, topic: w }
        c: { type: hook, join: all, job: { maps: { n: '{b.output.data.n}' } } }
      transitions:
        start: [ { to: deeper }, { to: b }, { to: e } ]
        deeper: [ { to: a } ]
        a: [ { to: b }, { to: c } ]
        b: [ { to: c, conditions: { match: [ { expected: 1, actual: 2 } ] } } ]
        e: [ { to: c, conditions: { code: 200 } } ]
  `);

  const { job } = playInHops(plan, [start(plan), answer("a,0,0,0"), answer("e,0,0")], hopsMax);

  expect(job?.record.phase).toBe("completed");
  expect(job?.record.data).toEqual({ n: 7 });
});
