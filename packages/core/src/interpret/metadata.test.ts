import { describe, expect, test } from "vitest";
import { generationId, instant, jobId, messageKey, pathText } from "../brand.js";
import { jobOutput } from "../job/output.js";
import type { JsonObject } from "../json.js";
import type { Plan } from "../plan/plan.js";
import {
  answer,
  generation,
  interrupt,
  job,
  now,
  type PlayOptions,
  planOf,
  play,
  signal,
  start,
} from "../testing/builders.js";

const time = "20260528202640.000";

/** A graph in which a pass-through hook stores the job's whole metadata, and the trigger its own view of it. */
function echo(properties = "", trigger = ""): Plan {
  return planOf(`
    - subscribes: t
      ${properties}
      activities:
        start: { type: trigger${trigger}, job: { maps: { first: '{$job.metadata}' } } }
        note: { type: hook, job: { maps: { meta: '{$job.metadata}' } } }
      transitions: { start: [ { to: note } ] }
  `);
}

function meta(plan: Plan, payload: JsonObject = {}, change = {}, options: PlayOptions = {}) {
  const { job: state } = play(plan, [start(plan, payload, change)], options);
  const data: JsonObject = state?.record.data ?? {};
  return { seen: data["meta"], first: data["first"], shown: state === null ? {} : jobOutput(state.record).metadata };
}

describe("fields of a job's metadata", () => {
  test("what every job has, in maps and in results", () => {
    const { seen, shown } = meta(echo());

    const common = { tpc: "t", app: "shop", vrs: "1", jid: "j1", gid: "G1", aid: "start", jc: time, ju: time };
    expect(seen).toEqual({ ...common, ts: "202605282025", js: 1, trc: "0".repeat(32) });
    expect(shown).toEqual({ ...common, ts: "202605282025", js: 0, state: "completed" });
  });

  test("jid is a number when stats.id gives one", () => {
    const plan = echo("", ", stats: { id: '{$self.input.data.n}' }");
    const id = (n: number | string) => {
      const event = { ...start(plan, { n }), job: jobId(String(n)) };
      const { job: state } = play(plan, [event]);
      return [state?.record.id, state && jobOutput(state.record).metadata["jid"], state?.record.data?.["meta"]];
    };

    expect(id(7)).toEqual(["7", 7, expect.objectContaining({ jid: 7 })]);
    expect(id("7")).toEqual(["7", "7", expect.objectContaining({ jid: "7" })]);
    expect(id("7a")).toEqual(["7a", "7a", expect.objectContaining({ jid: "7a" })]);
  });

  test("key is what stats.key gives, and absent when that is empty", () => {
    expect(meta(echo("", ", stats: { key: '{$self.input.data.k}' }"), { k: "eu" }).seen).toMatchObject({ key: "eu" });
    expect(meta(echo("", ", stats: { key: '{$self.input.data.k}' }"), { k: "" }).seen).not.toHaveProperty("key");
  });

  test.each([
    ["5m", "202605282025"],
    ["10m", "202605282020"],
    ["15m", "202605282015"],
    ["30m", "202605282000"],
    ["1h", "202605282000"],
    ["infinity", "0"],
  ])("ts is the time of creation cut to %s", (granularity, slice) => {
    const { seen, shown } = meta(echo("", `, stats: { granularity: ${granularity} }`));

    expect([seen, shown]).toEqual([expect.objectContaining({ ts: slice }), expect.objectContaining({ ts: slice })]);
  });

  test("ju moves with the job and jc does not", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        work: { type: worker, topic: w }
        more: { type: worker, topic: w, job: { maps: { ju: '{$job.metadata.ju}', jc: '{$job.metadata.jc}' } } }
      transitions: { start: [ { to: work } ], work: [ { to: more } ] }
    `);
    const begun = play(plan, [start(plan)]);
    const later = play(plan, [answer("work,0,0")], { from: begun.job, now: instant(now + 1_000) });
    const last = play(plan, [answer("more,0,0,0")], { from: later.job, now: instant(now + 2_000) });

    expect(last.job?.record.data).toEqual({ ju: "20260528202641.000", jc: time });
    expect(last.job && jobOutput(last.job.record).metadata).toMatchObject({ ju: "20260528202642.000", jc: time });
  });

  test("pj, pg, pd, pa are there for children alone, px for those nobody awaits", () => {
    const parent = { job: jobId("P1"), generation: generationId("GP"), path: pathText("call,0,0"), awaits: true };
    const { seen, shown } = meta(echo(), {}, { parent });
    const link = { pj: "P1", pg: "GP", pd: ",0,0", pa: "call" };

    expect([seen, shown]).toEqual([expect.objectContaining(link), expect.objectContaining(link)]);
    expect(seen).not.toHaveProperty("px");
    expect(meta(echo(), {}, { parent: { ...parent, awaits: false } }).seen).toMatchObject({ ...link, px: true });
  });

  test("ngn is the instance whose caller waits", () => {
    const { seen, shown } = meta(echo(), {}, { waiter: "HE1" });

    expect([seen, shown]).toEqual([expect.objectContaining({ ngn: "HE1" }), expect.objectContaining({ ngn: "HE1" })]);
  });

  test("trc is the caller's trace, and zeros in maps when there is none", () => {
    const { seen, shown } = meta(echo(), {}, { trace: "abc" });

    expect([seen, shown]).toEqual([expect.objectContaining({ trc: "abc" }), expect.objectContaining({ trc: "abc" })]);
  });

  test("err is the text of the job's error", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        a: { type: worker, topic: w }
        b: { type: worker, topic: w, job: { maps: { err: '{$job.metadata.err}' } } }
      transitions: { start: [ { to: a }, { to: b } ] }
    `);
    const failed = answer("a,0,0", { message: "no", code: 500 }, { status: "error" });
    const { job: state } = play(plan, [start(plan), failed, answer("b,0,0")]);

    const err = '{"message":"no","code":500,"is_stream_error":true}';
    expect(state?.record.data).toEqual({ err });
    expect(state && jobOutput(state.record).metadata).toMatchObject({ err, state: "failed", js: 0 });
  });

  test("err of an interruption has its own fields", () => {
    const plan = planOf(`
    - subscribes: t
      activities: { start: { type: trigger }, a: { type: worker, topic: w } }
      transitions: { start: [ { to: a } ] }
    `);
    const { job: state } = play(plan, [start(plan), interrupt({ code: 423, reason: "closed" })]);

    expect(state && jobOutput(state.record).metadata).toMatchObject({
      err: '{"code":423,"message":"closed","stack":"","job_id":"j1"}',
      state: "interrupted",
      js: -999_999_999,
    });
  });

  test("expire is there in maps, but neither on the trigger nor in results", () => {
    const { seen, first, shown } = meta(echo("expire: '{start.output.data.keep}'"), { keep: 60 });

    expect(seen).toMatchObject({ expire: 60 });
    expect(first).not.toHaveProperty("expire");
    expect(shown).not.toHaveProperty("expire");
  });

  test("guid is the message being processed, in maps alone", () => {
    const { seen, first, shown } = meta(echo(), {}, {}, { message: messageKey("m1") });

    expect([seen, first]).toEqual([expect.objectContaining({ guid: "m1" }), expect.objectContaining({ guid: "m1" })]);
    expect(shown).not.toHaveProperty("guid");
  });

  test("persistent is what the graph sets, resolved once its trigger has mapped", () => {
    const fixed = meta(echo("persistent: true"));
    const mapped = meta(echo("persistent: '{start.input.data.keep}'"), { keep: { n: 1 } });

    for (const seen of [fixed.first, fixed.seen, fixed.shown]) expect(seen).toMatchObject({ persistent: true });
    for (const seen of [mapped.seen, mapped.shown]) expect(seen).toMatchObject({ persistent: { n: 1 } });
    expect(meta(echo("persistent: '{start.input.data.keep}'")).shown).not.toHaveProperty("persistent");
  });

  test("a persistent that throws counts as absent and is told", () => {
    const plan = echo("persistent: { '@pipe': [ ['{start.input.data.none}', '-'], ['{@string.split}'] ] }");
    const decision = play(plan, [start(plan)], { observer: { channel: "o", legs: false } });

    expect(decision.job?.record.phase).toBe("completed");
    expect(decision.effects).toContainEqual({
      kind: "publish",
      publication: {
        channel: "o",
        exclusive: true,
        vouched: true,
        body: {
          kind: "problem",
          job,
          activity: "start",
          address: ",0",
          message: expect.stringContaining('(at persistent["@pipe"][1])'),
        },
      },
    });
  });
});

describe("fields of an activity's metadata", () => {
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        work: { type: worker, topic: kiln.heat, job: { maps: { worker: '{$self.output.metadata}' } } }
        wait: { type: hook, job: { maps: { hook: '{$self.output.metadata}' } } }
        send: { type: signal, topic: go, job: { maps: { signal: '{$self.output.metadata}' } } }
        note: { type: hook, job: { maps: { start: '{start.output.metadata}', seen: '{work.output.metadata}' } } }
      transitions:
        start: [ { to: work } ]
        work: [ { to: wait, conditions: { code: [200, 202] } }, { to: note, conditions: { code: 500 } } ]
        wait: [ { to: send, conditions: { code: 202 } } ]
      hooks:
        go:
          - to: wait
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
  `);

  test("aid, atp, stp, dad, ac and au of a first pass", () => {
    const waiting = play(plan, [start(plan), answer("work,0,0")], { now });
    const sent = play(plan, [signal("wait,0,0,0", {}, { status: "pending", code: 202 })], { from: waiting.job });

    expect(sent.job?.record.data).toMatchObject({
      worker: { aid: "work", atp: "worker", stp: "kiln.heat", dad: ",0,0", ac: time, au: time },
      hook: { aid: "wait", atp: "hook", stp: "go", dad: ",0,0,0", ac: time, au: time },
      signal: { aid: "send", atp: "signal", stp: "one", dad: ",0,0,0,0", ac: time, au: time },
    });
  });

  test("further passes have dad and au alone", () => {
    const interim = answer("work,0,0", {}, { status: "pending", code: 206, key: "interim" });
    const last = play(plan, [start(plan), interim]);
    const later = play(plan, [answer("work,0,0", {}, { code: 206 })], { from: last.job, now: instant(now + 1_000) });

    expect(later.job?.record.data).toEqual({ worker: { dad: ",0,1", au: "20260528202641.000" } });
  });

  test("err is stored with the pass, $error is for its own maps alone", () => {
    const failed = answer("work,0,0", { message: "no", code: 500 }, { status: "error" });
    const data = play(plan, [start(plan), failed]).job?.record.data;

    const err = '{"message":"no","code":500}';
    expect(data?.["worker"]).toMatchObject({ err, $error: { message: "no", code: 500, is_stream_error: true } });
    expect(data?.["seen"]).toMatchObject({ err });
    expect(data?.["seen"]).not.toHaveProperty("$error");
    expect(data?.["start"]).toEqual({ aid: "start", atp: "trigger", dad: ",0", ac: time, au: time });
  });
});

describe("lineage", () => {
  const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        call: { type: await, topic: u, input: { maps: { x: '{start.output.data.x}' } } }
      transitions: { start: [ { to: call } ] }
    - subscribes: u
      activities: { child: { type: trigger } }
  `);
  const childOf = (change = {}) => {
    const [first] = play(plan, [start(plan, {}, change)]).effects;
    return first?.kind === "send" ? first.message.body : null;
  };

  test("a child's origin is the first of its parents", () => {
    expect(childOf()).toMatchObject({ origin: "j1" });
    expect(childOf({ origin: "root" })).toMatchObject({ origin: "root" });
  });

  test("payload fields name the origin and the parent of any job", () => {
    const named = play(plan, [start(plan, { originJobId: "O1", parentWorkflowId: "W1" }, { origin: "root" })]);
    const plainly = play(plan, [start(plan)]);

    expect(named.job?.record).toMatchObject({ origin: "O1", generation, control: { parent: "W1" } });
    expect(plainly.job?.record).toMatchObject({ origin: null });
    expect(plainly.job?.record.control).not.toHaveProperty("parent");
  });

  test("an awaiting pass keeps the payload it sent as its input, open until it is answered", () => {
    const sent = play(plan, [start(plan, { x: 5 })]);
    const path = pathText("call,0,0");

    expect(sent.job?.passes.get(path)).toMatchObject({ input: { x: 5 }, topic: "u", open: true, completedAt: null });

    const done = play(plan, [answer("call,0,0", { y: 6 })], { from: sent.job, now: instant(now + 1_000) });
    expect(done.job?.passes.get(path)).toMatchObject({
      input: { x: 5 },
      output: { y: 6 },
      open: false,
      startedAt: now,
      completedAt: instant(now + 1_000),
    });
  });
});
