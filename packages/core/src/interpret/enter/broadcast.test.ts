import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../json.js";
import type { Plan } from "../../plan/plan.js";
import { counterName, facetPrefix, indexPrefix } from "../../statistics/counter-field.js";
import { now, planOf, play, published, sent, signalled, start } from "../../testing/builders.js";

const calling = (signal: string, granularity = "infinity"): Plan =>
  planOf(`
    - subscribes: announce
      activities:
        horn: { type: trigger, job: { maps: { n: 1 } } }
        blast: { type: signal, subtype: all, ${signal} }
        after: { type: hook, job: { maps: { after: true } } }
      transitions:
        horn: [ { to: blast } ]
        blast: [ { to: after, conditions: { code: 200 } } ]
    - subscribes: moor
      activities:
        anchor:
          type: trigger
          stats:
            key: '{$self.input.data.bay}'
            granularity: ${granularity}
            measures: [ { measure: index, target: '{$self.input.data.color}' } ]
        bob: { type: hook }
      transitions:
        anchor: [ { to: bob } ]
      hooks:
        call: [ { to: bob, conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$hook.data.id}' } ] } } ]
  `);

const toReds = "topic: call, key_name: color, key_value: '{horn.output.data.color}'";
const north = "resolver: { maps: { data: { bay: '{horn.output.data.bay}' } } }";
const payload = { color: "red", bay: "north", tide: "high" };
const playing = (plan: Plan, data: JsonObject = payload, active: Plan | null = plan) =>
  play(plan, [start(plan, data)], { active });

describe("a signal to every job of an index", () => {
  test("becomes one message that says all there is to know, and the activity goes on at once", () => {
    const plan = calling(`${toReds}, ${north}, job: { maps: { n: 2 } }, signal: { maps: { tide: '{$job.data.n}' } }`);
    const decision = playing(plan);

    expect(sent(decision)).toMatchObject([
      {
        kind: "broadcast",
        topic: null,
        job: null,
        body: {
          topic: "call",
          data: { tide: 2 },
          status: "success",
          code: 200,
          plans: [plan.id],
          list: {
            name: counterName("moor", "north"),
            from: "0",
            to: "0",
            prefix: facetPrefix({ label: "color", value: "red" }),
          },
          scrub: false,
          after: null,
          page: 0,
        },
      },
    ]);
    expect(signalled(decision)).toEqual([]);
    expect(decision.job?.record).toMatchObject({ phase: "completed", data: { n: 2, after: true } });
  });

  test("tells the mesh that there is work", () => {
    expect(published(playing(calling(`${toReds}, ${north}`)))).toEqual([
      { channel: "quorum", body: { type: "work", originator: "j1" } },
    ]);
  });

  test("has the same key whenever it is decided again", () => {
    const plan = calling(`${toReds}, ${north}`);

    expect(sent(playing(plan))).toEqual(sent(playing(plan)));
  });

  test("carries status and code", () => {
    const plan = calling(`${toReds}, ${north}, status: pending, code: 206`);

    expect(sent(playing(plan))).toMatchObject([{ body: { status: "pending", code: 206 } }]);
  });

  test("names a value in the way the index has it", () => {
    const plan = calling(`${toReds}, ${north}`);
    const prefixes = [7, { a: 1 }, "7"].map((color) => sent(playing(plan, { ...payload, color }))[0]?.body);

    expect(prefixes).toMatchObject(
      ["7", '{"a":1}', "7"].map((value) => ({ list: { prefix: facetPrefix({ label: "color", value }) } })),
    );
  });

  test("without a key goes to all lists", () => {
    expect(sent(playing(calling(`topic: call, ${north}`)))).toMatchObject([
      { body: { list: { prefix: indexPrefix } } },
    ]);
  });

  test.each([
    [`${toReds}, scrub: true, ${north}`, true],
    [`${toReds}, scrub: '{horn.output.data.tide}', ${north}`, false],
    [`${toReds}, resolver: { maps: { scrub: true, data: { bay: north } } }`, true],
  ])("scrubs the index when the activity or its resolver says so: %s", (signal, scrub) => {
    expect(sent(playing(calling(signal)))).toMatchObject([{ body: { scrub } }]);
  });

  test("is about the time that its resolver names, unless the index has no slices", () => {
    const at = new Date(now).toISOString();
    const resolver = `resolver: { maps: { data: { bay: north }, start: '${at}', range: 1h } }`;

    expect(sent(playing(calling(`${toReds}, ${resolver}`, "30m")))).toMatchObject([
      { body: { list: { from: "202605282000", to: "202605282100" } } },
    ]);
    expect(sent(playing(calling(`${toReds}, ${resolver}`)))).toMatchObject([
      { body: { list: { from: "0", to: "0" } } },
    ]);
  });

  test("goes to the graph that waits for the topic in the active version, and else to that of its own", () => {
    const plan = calling(`${toReds}, ${north}`);
    const renamed = planOf(`
    - subscribes: dock
      activities:
        tie: { type: trigger, stats: { key: 'all of {$self.input.data.bay}', granularity: infinity } }
        wait: { type: hook }
      transitions: { tie: [ { to: wait } ] }
      hooks: { call: [ { to: wait, conditions: { match: [ { expected: 1, actual: 1 } ] } } ] }
    `);
    const bare = planOf("    - { subscribes: bare, activities: { only: { type: trigger } } }");
    const startIn = (active: Plan | null) => {
      const begun = play(plan, [start(plan, payload)], { active: plan, limits: { hopsMax: 0 } });
      const [goOn] = sent(begun);
      return { begun, goOn, active };
    };
    const plans = [renamed, bare, null].map((active) => {
      const { begun, goOn } = startIn(active);
      const event = { kind: "resume", job: begun.job?.record.id, generation: null, body: goOn?.body };
      if (event.job === undefined) throw new Error("nothing was begun");
      const resumed = play(plan, [{ ...event, kind: "resume", job: event.job, body: { turn: 0 } }], {
        active,
        from: begun.job,
      });
      return sent(resumed)[0]?.body;
    });

    expect(plans).toMatchObject([
      { plans: [renamed.id, plan.id], list: { name: counterName("dock", "all of {$self.input.data.bay}") } },
      { plans: [bare.id, plan.id], list: { name: counterName("moor", "north") } },
      { plans: [plan.id], list: { name: counterName("moor", "north") } },
    ]);
  });
});

describe("an error of the activity is", () => {
  test.each([
    ["topic: gone", "no hook rule for topic gone; known: call"],
    [
      `${toReds.replace("color, key", "'{horn.output.data.none}', key")}, ${north}`,
      "signal blast: key_name is absent; expected the path of an index",
    ],
    [
      `${toReds.replace("data.color", "data.none")}, ${north}`,
      "signal blast: key_value is absent; expected a value of index color",
    ],
    [`topic: call, key_value: red, ${north}`, "signal blast: key_name is absent; expected the path of an index"],
  ])("what cannot be meant: %s", (signal, message) => {
    const { job, effects } = playing(calling(signal));

    expect(job?.record).toMatchObject({ phase: "failed", data: { n: 1 }, failure: { code: 500, message } });
    expect(effects.filter(({ kind }) => kind === "send")).toEqual([]);
  });

  test("a time that cannot be meant", () => {
    const { job } = playing(calling(`${toReds}, ${north}`, "5m"));

    expect(job?.record.failure).toMatchObject({
      code: 500,
      message: expect.stringMatching(/^Invalid combination of start, end, and range values/),
    });
  });
});
