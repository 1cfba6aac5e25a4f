import { describe, expect, test } from "vitest";
import type { Decision } from "../job/decision.js";
import type { JobEvent } from "../job/event.js";
import type { JobState } from "../job/state.js";
import type { Plan } from "../plan/plan.js";
import { answer, planOf, play, start } from "../testing/builders.js";
import { queryState } from "./query-state.js";
import { rawJob, valueText } from "./raw-job.js";

function step(on: Plan, from: JobState | null, event: JobEvent): Decision {
  return play(on, [event], { from });
}

const plan = planOf(`
    - subscribes: pot.throw
      activities:
        t1:
          type: trigger
          job: { maps: { batch: { n: '{$self.output.data.n}' }, tags: '{$self.output.data.tags}' } }
        k1: { type: worker, topic: kiln.fire, job: { maps: { temp: '{$self.output.data.temp}' } } }
      transitions: { t1: [ { to: k1 } ] }
`);
const fields = { _lot: "/true", "-seen": "yes", _: "nameless" };
const waiting = step(plan, null, start(plan, { n: 2, tags: ["matte"] }, { fields })).job;
const done = step(plan, waiting, answer("k1,0,0", { temp: 900 })).job;
if (done === null) throw new Error("the job did not start");
const { record, passes } = done;

describe("valueText", () => {
  test.each([
    ["red", "red"],
    ["", ""],
    ["/tmp", "//tmp"],
    ["/usr", "/usr"],
    ["//", "///"],
    ["/b64", "//b64"],
    [true, "/t"],
    [false, "/f"],
    [null, "/n"],
    [-1.5e-7, "/d-1.5e-7"],
    [["a", null, { b: 1 }], '/s["a",null,{"b":1}]'],
    [{}, "/s{}"],
    [{ $hotmesh: "date", v: 0 }, "1970-01-01T00:00:00.000Z"],
    [{ $hotmesh: "date", v: null }, "/n"],
    [{ $hotmesh: "number", v: "NaN" }, "/n"],
    [{ $hotmesh: "map", v: { $hotmesh: "own" } }, '/s{"$hotmesh":"own"}'],
    [{ $hotmesh: "codec", v: "c2VhbA==" }, "/bc2VhbA=="],
  ])("a value begins with the tag of its type: %j", (value, text) => {
    expect(valueText(value)).toBe(text);
  });
});

test("a value that the storage has encoded is one text, and is not looked into", () => {
  const sealed = { $hotmesh: "codec", v: "c2VhbA==" };

  const raw = rawJob(
    { ...record, data: { boat: sealed, n: 1 } },
    [...passes.values()].map((pass) => ({ ...pass, output: pass.activity === "k1" ? { kiln: sealed } : pass.output })),
  );

  expect(raw).toMatchObject({
    "data/boat": "/bc2VhbA==",
    "data/n": "/d1",
    "k1/output/data/kiln,0,0": "/bc2VhbA==",
  });
  expect(Object.keys(raw).filter((key) => /boat.|kiln[^,]/.test(key))).toEqual([]);
});

test("S65 S66 the raw record holds every value of a job and its passes, those of the engine too", () => {
  const raw = rawJob(record, [...passes.values()]);

  expect(raw).toMatchObject({
    ":": "0",
    _lot: "//true",
    "-seen": "yes",
    "data/batch/n": "/d2",
    "data/tags": '/s["matte"]',
    "data/temp": "/d900",
    "metadata/jid": "j1",
    "metadata/js": "/d0",
    "metadata/state": "completed",
    "t1/output/data/n,0": "/d2",
    "t1/output/metadata/atp,0": "trigger",
    "k1/output/data/temp,0,0": "/d900",
    "k1/output/metadata/stp,0,0": "kiln.fire",
  });
});

test("a raw record has as many keys as there are values", () => {
  const odd = { ...record, data: JSON.parse('{"__proto__":{"a":1},"none":null,"empty":{}}'), fields: {} };

  const raw = rawJob(odd, []);

  expect(Object.entries(raw).filter(([key]) => key.startsWith("data/"))).toEqual([
    ["data/__proto__/a", "/d1"],
    ["data/none", "/n"],
    ["data/empty", "/s{}"],
  ]);
});

describe("queryState", () => {
  test("S62 S63 gives the search fields that are named, as they were stored", () => {
    expect(queryState(record, ["lot", "", "colour"])).toEqual({ lot: "/true", "": "nameless", colour: null });
  });

  test('S64 ":" and what is in double quotes is read as it stands, and answered without the quotes', () => {
    expect(queryState(record, [":"])).toEqual({ ":": "0" });
    expect(queryState(record, ['":"', '"-seen"', '"_lot"', '"data/temp"', '"lot"', '"'])).toEqual({
      ":": "0",
      "-seen": "yes",
      _lot: "/true",
      "data/temp": "/d900",
      lot: null,
      '"': null,
    });
  });

  test("of no job every value is null", () => {
    expect(queryState(null, [":", "lot", '"-seen"'])).toEqual({ ":": null, lot: null, "-seen": null });
  });

  test("names such as those of every object are names like any other", () => {
    expect(queryState(record, ["toString", '"constructor"', "__proto__"])).toEqual(
      Object.fromEntries(["toString", "constructor", "__proto__"].map((name) => [name, null])),
    );
  });

  test("what is no list of texts is refused", () => {
    const wrong: unknown[] = ["lot", [1], undefined, { 0: "lot" }];
    for (const names of wrong) {
      expect(() => Reflect.apply(queryState, undefined, [null, names])).toThrowError(/expected a list of texts/);
    }
  });
});
