import { describe, expect, test } from "vitest";
import type { JobEvent } from "../job/event.js";
import type { Plan } from "../plan/plan.js";
import { answer, interrupt, planOf, play, published, signal, start } from "../testing/builders.js";
import { type LegObservation, observationOf } from "./observation.js";

const observer = { channel: "o", legs: true };
const broken = `{ '@pipe': [ ['{start.output.data.none}', '-'], ['{@string.split}'] ] }`;

const plan = planOf(`
    - subscribes: t
      expire: '{start.input.data.keep}'
      activities:
        start:
          type: trigger
          job: { maps: { n: 1 } }
          telemetry: { seen: '{$job.data.n}', who: '{$self.input.data.who}' }
        work:
          type: worker
          topic: w
          input: { maps: { n: 5 } }
          job: { maps: { n: '{$self.output.data.n}' } }
          telemetry:
            { n: '{$job.data.n}', got: '{$self.output.data}', text: plain, yes: true, none: null, deep: { a: 1 } }
        wait:
          type: hook
          output: { maps: { m: 3 } }
          telemetry: { m: '{wait.output.data.m}', by: '{$self.hook.data.by}' }
        note: { type: hook, telemetry: { err: '{work.output.metadata.err}' } }
      transitions:
        start: [ { to: work } ]
        work: [ { to: wait, conditions: { code: 200 } }, { to: note, conditions: { code: 500 } } ]
      hooks:
        go:
          - to: wait
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
`);

/** What the last of the events tells. */
function told(events: readonly JobEvent[], on: Plan = plan, observes = observer) {
  const decision = play(on, events, { observer: observes });
  return published(decision).flatMap(({ channel, body }) => (channel === "o" ? [observationOf(body)] : []));
}

const legs = (...events: JobEvent[]): readonly unknown[] =>
  told(events).flatMap((one) => (one?.kind === "leg" ? [[one.activity["aid"], one.leg, one.data]] : []));

describe("legs", () => {
  test("every leg is told with what telemetry makes of the data that the leg has left", () => {
    const began = start(plan, { who: "ann" });

    expect(legs(began)).toEqual([
      ["start", 1, { seen: 1, who: "ann" }],
      ["work", 1, { n: 1, text: "plain", yes: true }],
    ]);
    expect(legs(began, answer("work,0,0", { n: 2 }))).toEqual([
      ["work", 2, { n: 2, text: "plain", yes: true }],
      ["wait", 1, { m: 3 }],
    ]);
    expect(legs(began, answer("work,0,0", { n: 2 }), signal("wait,0,0,0", { by: "bob" }))).toEqual([
      ["wait", 2, { m: 3, by: "bob" }],
    ]);
  });

  test("a leg that failed is told with its error", () => {
    const failed = answer("work,0,0", { message: "no", code: 500 }, { status: "error" });

    expect(legs(start(plan), failed)).toEqual([
      ["work", 2, { n: 1, text: "plain", yes: true }],
      ["note", 1, { err: '{"message":"no","code":500}' }],
    ]);
    const [work] = told([start(plan), failed]);
    expect(work).toMatchObject({ type: "worker", activity: { err: '{"message":"no","code":500}', dad: ",0,0" } });
    expect(work).not.toHaveProperty("activity.$error");
  });

  test("a leg is told with the metadata of its job after it", () => {
    const [, last] = told([start(plan), answer("work,0,0", {}, { code: 206 })]);
    const [only] = told([start(plan), answer("work,0,0", {}, { code: 206 })]);

    expect(last).toBeUndefined();
    expect((only as LegObservation).job).toMatchObject({ jid: "j1", tpc: "t", js: 0, state: "completed" });
  });

  test("each turn of a loop is told as an answer to its pivot", () => {
    const looping = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        turn: { type: hook, telemetry: { n: '{$self.output.data.n}' } }
        work: { type: worker, topic: w }
        again: { type: cycle, ancestor: turn, input: { maps: { n: 2 } } }
      transitions:
        start: [ { to: turn } ]
        turn: [ { to: work } ]
        work: [ { to: again, conditions: { code: 206 } } ]
    `);
    const found = told([start(looping), answer("work,0,0,0", {}, { code: 206 })], looping);

    expect(found).toMatchObject([
      { type: "worker", leg: 2 },
      { type: "hook", leg: 2, data: { n: 2 }, activity: { dad: ",0,1" } },
      { type: "cycle", leg: 1 },
      { type: "worker", leg: 1, activity: { dad: ",0,1,0" } },
    ]);
  });
});

describe("telemetry", () => {
  test("it changes nothing of the job", () => {
    const events = [start(plan, { who: "ann" }), answer("work,0,0", { n: 2 }), signal("wait,0,0,0", { by: "bob" })];

    const seen = play(plan, events, { observer });
    const unseen = play(plan, events);

    expect(seen.job?.record).toEqual(unseen.job?.record);
    expect(seen.job?.passes).toEqual(unseen.job?.passes);
    expect(seen.effects.filter((one) => one.kind !== "publish" || one.publication.channel !== "o")).toEqual(
      unseen.effects,
    );
  });

  test("what throws in it is told and has no effect", () => {
    const failing = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        note: { type: hook, job: { maps: { n: 1 } }, telemetry: { a: 1, b: ${broken} } }
      transitions: { start: [ { to: note } ] }
    `);
    const decision = play(failing, [start(failing)], { observer });

    expect(decision.job?.record).toMatchObject({ phase: "completed", failure: null, data: { n: 1 } });
    expect(told([start(failing)], failing)).toMatchObject([
      { kind: "leg", type: "trigger" },
      {
        kind: "problem",
        job: "j1",
        activity: "note",
        address: ",0,0",
        message: expect.stringContaining('(at note.telemetry.b["@pipe"][1])'),
      },
      { kind: "leg", type: "hook", data: {} },
    ]);
  });

  test("without a listener for legs it is not looked at", () => {
    expect(told([start(plan)], plan, { channel: "o", legs: false })).toEqual([]);
    expect(published(play(plan, [start(plan)]))).toEqual([]);
  });
});

describe("problems", () => {
  test("an expire that throws is told once and counts as absent", () => {
    const failing = planOf(`
    - subscribes: t
      expire: ${broken}
      activities:
        start: { type: trigger }
        a: { type: worker, topic: w, job: { maps: { keep: '{$job.metadata.expire}' } } }
      transitions: { start: [ { to: a } ] }
    `);
    const events = [start(failing), answer("a,0,0")];

    expect(told(events, failing, { channel: "o", legs: false })).toMatchObject([
      { kind: "problem", activity: "a", message: expect.stringContaining('(at expire["@pipe"][1])') },
    ]);
    expect(told([...events.slice(0, 1), interrupt()], failing, { channel: "o", legs: false })).toHaveLength(1);
    expect(play(failing, events).job?.record).toMatchObject({ phase: "completed", data: null });
  });

  test("what is no observation is none", () => {
    expect([null, 1, [], {}, { kind: "leg" }, { kind: "else" }].map(observationOf)).toEqual(Array(6).fill(null));
  });
});
