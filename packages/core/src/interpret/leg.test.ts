import { describe, expect, test } from "vitest";
import type { Decision } from "../job/decision.js";
import type { JobEvent } from "../job/event.js";
import type { Plan } from "../plan/plan.js";
import { answer, now, passesOf, planOf, play, published, sent, signal, start } from "../testing/builders.js";
import type { BegunSpan, LegStart, SpanSource } from "./span-source.js";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const callerSpan = "b7ad6b7169203331";
const traceparent = (span: string, flags = "01"): string => `00-${traceId}-${span}-${flags}`;
const trace = traceparent(callerSpan);

/** Gives legs the spans 1, 2, 3, ..., and remembers who asked. */
function source(over: { readonly skips?: readonly string[]; readonly span?: Partial<BegunSpan> } = {}) {
  const asked: LegStart[] = [];
  const span: SpanSource = (leg) => {
    if (over.skips?.includes(leg.activity) === true) return null;
    asked.push(leg);
    const { parent } = leg;
    const spanId = String(asked.length).padStart(16, "0");
    return {
      traceId: parent?.traceId ?? traceId,
      spanId,
      sampled: parent?.sampled ?? true,
      isRecorded: true,
      ...over.span,
    };
  };
  /** Legs as `activity/leg`, each with the leg it follows from. */
  const tree = (): readonly (readonly [string, string])[] => {
    const names = new Map(asked.map((leg, at) => [String(at + 1).padStart(16, "0"), `${leg.activity}/${leg.leg}`]));
    const above = ({ parent }: LegStart): string => {
      if (parent === null) return "-";
      return names.get(parent.spanId ?? "") ?? parent.spanId ?? "a trace";
    };
    return asked.map((leg) => [`${leg.activity}/${leg.leg}`, above(leg)]);
  };
  return { asked, tree, observer: { channel: "o", legs: false, span } };
}

const id = (number: number): string => String(number).padStart(16, "0");
const metadataOf = (decision: Decision, path: string) =>
  [...(decision.job?.passes ?? [])].find(([at]) => at === path)?.[1].metadata;

const chain = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        work: { type: worker, topic: w }
        note: { type: hook }
        wait: { type: hook }
        last: { type: worker, topic: w }
      transitions: { start: [ { to: work } ], work: [ { to: note } ], note: [ { to: wait } ], wait: [ { to: last } ] }
      hooks:
        go:
          - to: wait
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
`);
const run = (plan: Plan): readonly JobEvent[] => [
  start(plan, {}, { trace }),
  answer("work,0,0"),
  signal("wait,0,0,0,0"),
  answer("last,0,0,0,0,0"),
];

describe("a span source", () => {
  test("is asked once for each leg: leg 1 follows the previous activity's last leg, leg 2 its own leg 1", () => {
    const { observer, tree } = source();

    play(chain, run(chain), { observer });

    expect(tree()).toEqual([
      ["start/1", callerSpan],
      ["work/1", "start/1"],
      ["work/2", "work/1"],
      ["note/1", "work/2"],
      ["wait/1", "note/1"],
      ["wait/2", "wait/1"],
      ["last/1", "wait/2"],
      ["last/2", "last/1"],
    ]);
  });

  test("hears what is known of a leg when it begins", () => {
    const { observer, asked } = source();

    play(chain, [start(chain)], { observer });

    expect(asked).toEqual([
      { app: "shop", graph: "t", activity: "start", type: "trigger", leg: 1, parent: null },
      {
        ...{ app: "shop", graph: "t", activity: "work", type: "worker", leg: 1 },
        parent: { traceId, spanId: id(1), sampled: true },
      },
    ]);
  });

  test("that leaves legs out has later ones follow from what those would have followed from", () => {
    const { observer, tree } = source({ skips: ["work", "note", "wait"] });

    play(chain, run(chain), { observer });

    expect(tree()).toEqual([
      ["start/1", callerSpan],
      ["last/1", "start/1"],
      ["last/2", "last/1"],
    ]);
  });

  test("that gives the same answers makes the same decision", () => {
    const [first, second] = [source(), source()];

    const decisions = [first, second].map(({ observer }) => play(chain, run(chain), { observer }));

    expect(decisions[0]).toEqual(decisions[1]);
    expect(first.asked).toEqual(second.asked);
  });

  test("is asked for no leg by a message that changes nothing", () => {
    const { observer, asked } = source();
    const done = play(chain, run(chain).slice(0, 2), { observer });
    asked.length = 0;

    const late = play(chain, [answer("work,0,0", {}, { key: "late" })], { observer, from: done.job });

    expect(late.verdict.outcome).not.toBe("applied");
    expect(asked).toEqual([]);
  });
});

describe("loops and joins", () => {
  test("the turns of a loop hang under the first leg of their pivot", () => {
    const looping = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        turn: { type: hook }
        work: { type: worker, topic: w }
        again: { type: cycle, ancestor: turn }
      transitions:
        start: [ { to: turn } ]
        turn: [ { to: work } ]
        work: [ { to: again, conditions: { code: 206 } } ]
    `);
    const { observer, tree } = source();
    const turns = [answer("work,0,0,0", {}, { code: 206 }), answer("work,0,1,0", {}, { code: 206 })];

    play(looping, [start(looping), ...turns], { observer });

    expect(tree().filter(([leg]) => leg === "turn/1" || leg === "turn/2")).toEqual([
      ["turn/1", "start/1"],
      ["turn/2", "turn/1"],
      ["turn/2", "turn/1"],
    ]);
  });

  test("a join hangs under the leg that was there first", () => {
    const joined = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: worker, topic: w }
        b: { type: worker, topic: w }
        both: { type: hook, join: all }
      transitions: { start: [ { to: a }, { to: b } ], a: [ { to: both } ], b: [ { to: both } ] }
    `);
    const { observer, tree } = source();

    const last = play(joined, [start(joined), answer("b,0,0"), answer("a,0,0")], { observer });

    expect(passesOf(last, "both")).toHaveLength(1);
    expect(tree().filter(([leg]) => leg === "both/1")).toEqual([["both/1", "b/2"]]);
  });
});

describe("what is stored", () => {
  test("the trace of the job, and the spans of each activity's legs", () => {
    const done = play(chain, run(chain), { observer: source().observer });

    expect(done.job?.record.trace).toBe(traceId);
    expect(metadataOf(done, "start,0")).toMatchObject({ l1s: id(1) });
    expect(metadataOf(done, "work,0,0")).toMatchObject({ l1s: id(2), l2s: id(3) });
    expect(metadataOf(done, "last,0,0,0,0,0")).toMatchObject({ l1s: id(7), l2s: id(8) });
  });

  test("the first span of a job that has no trace names it", () => {
    const began = play(chain, [start(chain)], { observer: source().observer });

    expect(began.job?.record.trace).toBe(traceId);
  });

  test("without a source nothing but the caller's trace", () => {
    const untraced = play(chain, [start(chain)]);
    const traced = play(chain, run(chain));

    expect([untraced.job?.record.trace, traced.job?.record.trace]).toEqual([null, traceId]);
    for (const pass of [...(traced.job?.passes.values() ?? [])]) {
      expect(pass.metadata).not.toHaveProperty("l1s");
      expect(pass.metadata).not.toHaveProperty("l2s");
    }
  });
});

describe("messages", () => {
  const begin = (options: Parameters<typeof source>[0], change = {}) =>
    play(chain, [start(chain, {}, { trace, ...change })], { observer: source(options).observer });

  test("a worker gets the traceparent of its activity's first leg", () => {
    expect(sent(begin({})).map((message) => message.trace)).toEqual([traceparent(id(2))]);
  });

  test("a worker whose activity has no span gets that of what it follows from", () => {
    expect(sent(begin({ skips: ["work"] })).map((message) => message.trace)).toEqual([traceparent(id(1))]);
    expect(sent(begin({ skips: ["start", "work"] })).map((message) => message.trace)).toEqual([trace]);
  });

  test("what is not sampled stays so, in later steps too", () => {
    const { observer, asked } = source();
    const events = [start(chain, {}, { trace: traceparent(callerSpan, "00") }), ...run(chain).slice(1, 3)];

    const decision = play(chain, events, { observer });

    expect(asked.map(({ parent }) => parent?.sampled)).toEqual(Array(7).fill(false));
    expect(sent(decision).map((message) => message.trace)).toEqual([traceparent(id(7), "00")]);
  });

  test("a child continues the trace of its parent, under the leg that called it", () => {
    const family = planOf(`
    - subscribes: t
      activities: { start: { type: trigger }, call: { type: await, topic: child, await: false } }
      transitions: { start: [ { to: call } ] }
    - subscribes: child
      activities: { begin: { type: trigger } }
    `);
    const decision = play(family, [start(family, {}, { trace })], { observer: source().observer });
    const carried = decision.effects.flatMap((effect) => ("message" in effect ? [effect.message.trace] : []));

    expect(carried).toContain(traceparent(id(2)));
    expect(new Set(carried)).toEqual(new Set([traceparent(id(2))]));
    const child = start(family, {}, { topic: "child", trace: carried[0] ?? null });
    const { observer, asked } = source();
    expect(play(family, [child], { observer }).job?.record.trace).toBe(traceId);
    expect(asked[0]?.parent).toEqual({ traceId, spanId: id(2), sampled: true });
  });
});

describe("telling", () => {
  const legs = (isRecorded: boolean): readonly unknown[] => {
    const { observer } = source({ span: { isRecorded } });
    return published(play(chain, [start(chain)], { observer, now })).map(({ body }) => body);
  };

  test("a leg whose span is recorded is told with its id, though nobody asks for legs", () => {
    expect(legs(true)).toMatchObject([
      { kind: "leg", leg: 1, span: id(1) },
      { kind: "leg", leg: 1, span: id(2) },
    ]);
  });

  test("a leg whose span is not recorded is not told", () => {
    expect(legs(false)).toEqual([]);
  });
});
