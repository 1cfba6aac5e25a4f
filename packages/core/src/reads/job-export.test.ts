import { describe, expect, test } from "vitest";
import { instant, pathText } from "../brand.js";
import { encodeControl } from "../job/control-codec.js";
import type { Decision } from "../job/decision.js";
import type { JobEvent } from "../job/event.js";
import type { JobState } from "../job/state.js";
import type { JsonObject } from "../json.js";
import type { Plan } from "../plan/plan.js";
import type { AttemptRecord } from "../ports/records.js";
import { answer, now, planOf, play, start } from "../testing/builders.js";
import { activityDetails } from "./activity-details.js";
import { jobExport } from "./job-export.js";

function step(on: Plan, from: JobState | null, event: JobEvent): Decision {
  return play(on, [event], { from });
}

const plan = planOf(`
    - subscribes: pot.throw
      activities:
        t1: { type: trigger }
        k1: { type: worker, topic: kiln.fire, job: { maps: { fired: '{$self.output.data.fired}' } } }
      transitions: { t1: [ { to: k1, conditions: { code: 200 } } ] }
`);
const path = pathText("k1,0,0");
const at = (ms: number) => instant(now + ms);
const iso = (ms: number): string => new Date(now + ms).toISOString();

function begun(): JobState {
  const { job } = step(plan, null, start(plan, { clay: "red" }));
  if (job === null) throw new Error("the job did not start");
  return job;
}

function ended(change: Parameters<typeof answer>[2] = {}, data: JsonObject = { fired: true }): JobState {
  const { job } = play(plan, [answer("k1,0,0", data, change)], { from: begun(), now: at(50) });
  if (job === null) throw new Error("the job is gone");
  return job;
}

function detailsOf(job: JobState, attempts: readonly AttemptRecord[]) {
  const record = { ...job.record, control: encodeControl(job.control) };
  return activityDetails({ record, passes: [...job.passes.values()], attempts, plan });
}

function attempt(number: number, change: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    ...{ path, attempt: number, outcome: "answered", input: { clay: "red" }, failure: null },
    ...{ startedAt: at(10), endedAt: at(50), ...change },
  };
}

describe("jobExport", () => {
  test("nests passes by their addresses, and the job under its topic", () => {
    const job = ended();

    const exported = jobExport(job.record, [...job.passes.values()]);

    expect(exported).toEqual({
      dependencies: [],
      status: "0",
      process: {
        "0": {
          t1: { output: { metadata: expect.objectContaining({ aid: "t1", dad: ",0" }), data: { clay: "red" } } },
          "0": {
            k1: {
              output: {
                metadata: expect.objectContaining({ dad: ",0,0", aid: "k1", atp: "worker", stp: "kiln.fire" }),
                data: { fired: true },
              },
            },
          },
        },
        "$pot.throw": { data: { fired: true }, metadata: expect.objectContaining({ tpc: "pot.throw", js: 0 }) },
      },
    });
  });

  test("shows what a hook was woken with beside its output, and values as callers see them", () => {
    const job = ended();
    const [first] = job.passes.values();
    if (first === undefined) throw new Error("the trigger left no pass");
    const pass = {
      ...first,
      output: { at: { $hotmesh: "date", v: 0 } },
      hook: { said: { $hotmesh: "number", v: "NaN" } },
    };

    const { process } = jobExport({ ...job.record, data: null }, [pass]);

    expect(process).toMatchObject({
      "0": { t1: { output: { data: { at: "1970-01-01T00:00:00.000Z" } }, hook: { data: { said: null } } } },
    });
    expect(process["$pot.throw"]).not.toHaveProperty("data");
  });

  test("of no job it is empty", () => {
    expect(jobExport(null, [])).toEqual({ dependencies: [], process: {}, status: undefined });
  });
});

describe("activityDetails", () => {
  const trigger = {
    ...{ name: "t1", type: "trigger", dimension: "0", input: null, output: { clay: "red" }, retry_attempt: 0 },
    ...{ started_at: iso(0), completed_at: iso(0), duration_ms: 0, error: null },
  };
  const worker = { name: "k1", type: "worker", dimension: "0/0", input: { clay: "red" }, error: null };

  test("there is one per attempt, with its own times and error", () => {
    const failure = { message: "glaze ran", code: 503 };
    const failed = attempt(0, { outcome: "failed", failure, startedAt: at(2), endedAt: at(5) });

    const details = detailsOf(ended(), [attempt(1), failed]);

    expect(details).toEqual([
      trigger,
      {
        ...worker,
        ...{ started_at: iso(2), completed_at: iso(5), duration_ms: 3, retry_attempt: 0, error: failure },
      },
      {
        ...worker,
        ...{ output: { fired: true }, started_at: iso(10), completed_at: iso(50), duration_ms: 40, retry_attempt: 1 },
      },
    ]);
  });

  test("an activity that waits is shown without an end, and an attempt that is under way too", () => {
    const open = attempt(0, { outcome: "open", endedAt: null });
    const late = { ...worker, retry_attempt: 0 };

    expect(detailsOf(begun(), [])).toEqual([trigger, { ...late, input: null, started_at: iso(0) }]);
    expect(detailsOf(begun(), [open])).toEqual([trigger, { ...late, started_at: iso(10) }]);
  });

  test("an answer with an error is its attempt, once", () => {
    const failure = { message: "glaze ran", code: 422 };
    const job = ended({ status: "error", code: 422 }, failure);

    const details = detailsOf(job, [attempt(0, { outcome: "failed", failure })]);

    expect(details.slice(1)).toMatchObject([{ name: "k1", retry_attempt: 0, error: failure, completed_at: iso(50) }]);
    expect(details[1]).not.toHaveProperty("output");
  });

  test("what was answered from outside after a failure is shown beside it", () => {
    const failed = attempt(0, { outcome: "failed", failure: "odd", endedAt: at(20) });

    expect(detailsOf(ended(), [failed]).slice(1)).toMatchObject([
      { name: "k1", started_at: iso(0), completed_at: iso(50), output: { fired: true }, error: null },
      { name: "k1", started_at: iso(10), completed_at: iso(20), error: { message: "odd" } },
    ]);
  });

  test("activities of a loop name its round", () => {
    const looping = planOf(`
    - subscribes: pot.turn
      activities:
        t1: { type: trigger }
        spin: { type: hook, cycle: true }
        shape: { type: worker, topic: wheel }
        again: { type: cycle, ancestor: spin }
      transitions:
        t1: [ { to: spin } ]
        spin: [ { to: shape } ]
        shape:
          - to: again
            conditions: { code: 200, match: [ { expected: true, actual: '{shape.output.data.more}' } ] }
`);
    const first = step(looping, null, start(looping)).job;
    const second = step(looping, first, answer("shape,0,0,0", { more: true })).job;
    if (second === null) throw new Error("the job is gone");

    const rounds = activityDetails({ ...second, passes: [...second.passes.values()], attempts: [], plan: looping });

    const shapes = rounds.filter(({ name }) => name === "shape").map((one) => [one.dimension, one.cycle_iteration]);
    expect(shapes).toEqual(
      expect.arrayContaining([
        ["0/0/0", 0],
        ["0/1/0", 1],
      ]),
    );
    expect(rounds.find(({ name }) => name === "t1")).not.toHaveProperty("cycle_iteration");
  });
});
