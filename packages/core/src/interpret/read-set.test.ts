import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { compileText } from "../compile/compile.js";
import { payloadCheck } from "../document/json-schema.js";
import type { Decision } from "../job/decision.js";
import type { JobEvent } from "../job/event.js";
import { isWithin, pathOf } from "../job/path.js";
import { type JobState, jobState } from "../job/state.js";
import type { Plan } from "../plan/plan.js";
import { joinReads, type PassReads } from "../ports/program.js";
import type { PassRecord } from "../ports/records.js";
import { answer, interrupt, now, planOf, play, resume, sent, start } from "../testing/builders.js";
import { PureHost } from "../testing/pure-host.js";
import { playScenario, scenariosOf } from "../testing/scenario.js";
import { decide } from "./decide.js";
import { defaultLimits, type Limits } from "./moment.js";
import { readsOf } from "./read-set.js";

/** What a storage gives for a read set: exact keys, and of each range the first two that have data. */
function read({ passes: keys, ranges }: PassReads, passes: readonly PassRecord[]): readonly PassRecord[] {
  const sorted = [...passes].sort((one, other) => (one.address < other.address ? -1 : 1));
  const exact = sorted.filter((pass) =>
    keys.some((key) => pathOf(key.activity, key.address) === pathOf(pass.activity, pass.address)),
  );
  const within = ranges.flatMap(({ activity, under }) =>
    sorted
      .filter((pass) => pass.activity === activity && isWithin(pass.address, under))
      .filter((pass) => pass.output !== null || pass.hook !== null)
      .slice(0, 2),
  );
  return [...exact, ...within];
}

/** Decides on everything, and checks that the row and what is read, in as many rounds as it takes, decide the same. */
const decideOnBoth: typeof decide = (...given) => {
  const [plan, job, event, moment] = given;
  const whole = decide(plan, job, event, moment);
  if (job === null) return whole;

  let asked: PassReads = readsOf(plan, event);
  let again: Decision;
  do {
    again = decide(plan, jobState(job.record, read(asked, [...job.passes.values()]), asked), event, moment);
    for (const key of again.wanted.passes) expect(job.passes.has(pathOf(key.activity, key.address))).toBe(true);
    for (const wanted of again.wanted.passes) expect(asked.passes).not.toContainEqual(wanted);
    for (const wanted of again.wanted.ranges) expect(asked.ranges).not.toContainEqual(wanted);
    asked = joinReads(asked, again.wanted);
    made.inAll += 1;
  } while (again.wanted.passes.length + again.wanted.ranges.length > 0);

  expect(whole.wanted).toEqual({ passes: [], ranges: [] });
  expect(shown(again)).toEqual(shown(whole));
  made.needed += 1;
  return whole;
};

/** Decisions that were needed, and those that were made for them. */
const made = { needed: 0, inAll: 0 };

function shown({ verdict, job, touched, effects }: Decision): object {
  const written = [...touched].map(([path, inputOf]) => [path, inputOf, job?.passes.get(path)]);
  return { verdict, record: job?.record, control: job?.control, written, effects };
}

describe("what is read suffices", () => {
  const folder = new URL("../testing/", import.meta.url);
  const plans = new Map<string, Plan>();
  const document = (name: string): string => readFileSync(new URL(name, folder), "utf8");

  test.each([1_000, 1])("in every scenario, with at most %i hops in a step", async (hopsMax) => {
    const limits = { ...defaultLimits, hopsMax };
    const scenarios = scenariosOf(parse(document("scenarios/catalogue.yaml")));
    expect(scenarios.length).toBeGreaterThan(30);

    for (const scenario of scenarios) {
      const text = scenario.document.includes("\n") ? scenario.document : document(scenario.document);
      const plan = plans.get(text) ?? compileText(text).plan;
      plans.set(text, plan);
      const host = new PureHost(scenario, plan, { now, limits, violations: payloadCheck, decide: decideOnBoth });

      for (const { step, expected, found } of await playScenario(scenario, host)) {
        expect(found, `${scenario.name} ${JSON.stringify(step)}`).toEqual(expected);
      }
    }
  });

  test("in generated graphs whose arrivals are passes of their own", () => {
    fc.assert(
      fc.property(shapes("none"), (shape) => playAll(shape)),
      { numRuns: 30 },
    );
  });

  test("in generated graphs whose arrivals are joined", () => {
    fc.assert(
      fc.property(shapes("all"), shapes("any"), (one, other) => {
        playAll(one);
        playAll(other);
      }),
      { numRuns: 20 },
    );
  });

  test("and what is foreseen suffices for nearly every decision", () => {
    expect(made.needed).toBeGreaterThan(200);
    expect(made.inAll / made.needed).toBeLessThan(1.1);
  });
});

/** A graph without loops: what leads to each activity, whether it waits, what it reads; and how it is played. */
interface Shape {
  readonly join: "none" | "all" | "any";
  readonly activities: readonly {
    readonly from: readonly number[];
    readonly waits: boolean;
    readonly reads: readonly number[];
  }[];
  readonly answers: readonly { readonly pick: number; readonly code: number }[];
  readonly hopsMax: number;
}

function shapes(join: Shape["join"]): fc.Arbitrary<Shape> {
  const activity = fc.record({
    from: fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 3 }),
    waits: fc.boolean(),
    reads: fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 3 }),
  });
  return fc.record({
    join: fc.constant(join),
    activities: fc.array(activity, { minLength: 3, maxLength: 7 }),
    answers: fc.array(fc.record({ pick: fc.nat(20), code: fc.constantFrom(200, 200, 206) }), { maxLength: 20 }),
    hopsMax: fc.constantFrom(1, 3, 1_000),
  });
}

function planOfShape({ join, activities }: Shape): Plan {
  const sources = activities.map(({ from }, index) => [...new Set(from.map((source) => source % (index + 1)))]);
  const definitions = activities.map(({ waits, reads }, index) => {
    const seen = reads.map((other) => `m${other}: '{a${other % (activities.length + 1)}.output.data.n}'`).join(", ");
    const joined = join !== "none" && (sources[index]?.length ?? 0) > 1 ? `join: ${join}, ` : "";
    const kind = waits ? "type: worker, topic: w" : `type: hook, output: { maps: { n: ${index + 1} } }`;
    return `        a${index + 1}: { ${joined}${kind}, job: { maps: { a${index + 1}: { ${seen} } } } }`;
  });
  const edges = ["a0", ...activities.map((_, index) => `a${index + 1}`)].map((id, source) => {
    const targets = sources.flatMap((from, index) =>
      from.includes(source) ? [`{ to: a${index + 1}, conditions: { code: 200 } }`] : [],
    );
    return `        ${id}: [ ${targets.join(", ")} ]`;
  });
  return planOf(`
    - subscribes: t
      activities:
        a0: { type: trigger }
${definitions.join("\n")}
      transitions:
${edges.join("\n")}
  `);
}

function playAll(shape: Shape): void {
  const plan = planOfShape(shape);
  const limits: Limits = { ...defaultLimits, hopsMax: shape.hopsMax };
  const moment = { now, active: plan, violations: null, limits };
  const decided = (job: JobState | null, event: JobEvent): Decision => {
    let decision = decideOnBoth(plan, job, event, moment);
    for (let [again] = sent(decision).filter(({ kind }) => kind === "resume"); again !== undefined; ) {
      const body: unknown = again.body;
      decision = decideOnBoth(plan, decision.job, resume(body as Parameters<typeof resume>[0]), moment);
      [again] = sent(decision).filter(({ kind }) => kind === "resume");
    }
    return decision;
  };
  let { job } = decided(null, start(plan, { n: 0 }));
  for (const [n, { pick, code }] of shape.answers.entries()) {
    const open = [...(job?.control.open.keys() ?? [])];
    const path = open[pick % Math.max(open.length, 1)];
    if (path === undefined) break;
    const decision = decided(job, answer(path, { n: n + 10 }, { code, key: `answer ${n}` }));
    expect(decision.verdict.outcome).toBe("applied");
    job = decision.job;
  }
}

describe("what is read", () => {
  const plan = planOf(`
    - subscribes: t
      expire: '{start.output.data.keep}'
      activities:
        start: { type: trigger }
        work: { type: worker, topic: w, input: { maps: { n: '{start.output.data.n}' } } }
        other: { type: worker, topic: w, job: { maps: { n: '{work.output.data.n}' } } }
      transitions: { start: [ { to: work }, { to: other } ] }
    - subscribes: u
      activities: { begin: { type: trigger } }
  `);
  const trigger = { job: "j1", activity: "start", address: ",0" };

  test("a resumed job reads its trigger, whichever graph it is of", () => {
    expect(readsOf(plan, resume())).toEqual({
      passes: [trigger, { job: "j1", activity: "begin", address: ",0" }],
      ranges: [],
    });
  });

  test("an interrupted job reads its trigger, when its expiry depends on something", () => {
    expect(readsOf(plan, interrupt())).toEqual({ passes: [trigger], ranges: [] });
  });

  test("a start reads nothing", () => {
    expect(readsOf(plan, start(plan))).toEqual({ passes: [], ranges: [] });
  });

  test("an arrival that was left over reads what its target mentions", () => {
    expect(readsOf(plan, resume({ at: [["other", ",0"]] }))).toEqual({
      passes: [trigger],
      ranges: [{ job: "j1", activity: "work", under: ",0" }],
    });
  });

  test("an answer reads its own pass, ancestors by their keys and others by ranges", () => {
    expect(readsOf(plan, answer("other,0,0"))).toEqual({
      passes: [{ job: "j1", activity: "other", address: ",0,0" }, trigger],
      ranges: [
        { job: "j1", activity: "work", under: ",0" },
        { job: "j1", activity: "work", under: ",0,0" },
      ],
    });
  });

  test("a job that was pending goes on with what was read", () => {
    const { job } = play(plan, [start(plan, { n: 7 }, { pendingSeconds: 5 })]);

    const decision = decideOnBoth(plan, job, resume(), { now, active: plan, violations: null, limits: defaultLimits });

    expect(sent(decision)).toMatchObject([{ body: { n: 7 } }, { body: {} }]);
  });
});
