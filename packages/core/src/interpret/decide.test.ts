import { describe, expect, test } from "vitest";
import { generationId, instant, jobId, messageKey, pathText } from "../brand.js";
import { compileText } from "../compile/compile.js";
import { encodeControl } from "../job/control-codec.js";
import type { Decision } from "../job/decision.js";
import type { CompleteEvent, JobEvent, SignalEvent, StartEvent } from "../job/event.js";
import type { JobState } from "../job/state.js";
import type { JsonObject } from "../json.js";
import type { Plan } from "../plan/plan.js";
import type { OutgoingMessage } from "../ports/message.js";
import { decide } from "./decide.js";
import { defaultLimits, type Limits } from "./moment.js";

const now = instant(1_780_000_000_000);
const id = jobId("j1");
const generation = generationId("G1");

const charge = planOf(`
    - subscribes: order.charge
      publishes: order.charged
      expire: 60
      activities:
        start: { type: trigger }
        charge:
          type: worker
          topic: card.charge
          input: { maps: { cents: '{start.output.data.cents}' } }
          job: { maps: { receipt: '{$self.output.data.receipt}' } }
        note: { type: hook, job: { maps: { interim: '{charge.output.data.receipt}' } } }
        done: { type: hook, job: { maps: { paid: true } } }
      transitions:
        start: [ { to: charge } ]
        charge:
          - { to: done, conditions: { code: 200 } }
          - { to: note, conditions: { code: 202 } }
`);

describe("start", () => {
  test("a start runs the trigger and everything up to the next wait in one decision", () => {
    const decision = run(charge, null, start({ cents: 500 }));

    expect(decision.job?.record).toMatchObject({ phase: "running", status: 1, data: null, revision: 0 });
    expect(sent(decision)).toMatchObject([
      {
        topic: "card.charge",
        kind: "work",
        path: "charge,0,0",
        body: { cents: 500 },
        attempt: 0,
        workflow: "order.charge",
      },
    ]);
    expect([...decision.touched.keys()]).toEqual(["start,0"]);
  });

  test("the same start decided again makes the same keys", () => {
    expect(run(charge, null, start({}))).toEqual(run(charge, null, start({})));
  });

  test("a start over a live job is a duplicate and changes nothing", () => {
    const { job } = run(charge, null, start({}));

    expect(run(charge, job, start({}))).toEqual({
      verdict: { outcome: "duplicate" },
      job,
      touched: new Map(),
      effects: [],
      wanted: { passes: [], ranges: [] },
    });
  });

  test("a start that was prepared for another version is superseded", () => {
    const event = start({});
    const stale: StartEvent = { ...event, body: { ...event.body, plan: plan2().id } };

    expect(run(charge, null, stale).verdict).toEqual({ outcome: "stale", reason: "superseded" });
  });

  test("a start of an unknown topic is rejected with what was looked for", () => {
    const event = start({});
    const lost: StartEvent = { ...event, body: { ...event.body, topic: "order.lost" } };

    expect(run(charge, null, lost).verdict).toEqual({
      outcome: "rejected",
      kind: "topic-not-found",
      failure: { code: 404, message: "no subscription found for topic order.lost in app shop for app version 1" },
    });
  });

  test("a trigger whose maps throw starts nothing", () => {
    const plan = planOf(`
    - subscribes: order.charge
      activities:
        start:
          type: trigger
          job: { maps: { x: { '@pipe': [ ['{start.output.data.no}', '-'], ['{@string.split}'] ] } } }
`);

    const decision = run(plan, null, start({}, plan));

    expect(decision).toMatchObject({
      verdict: { outcome: "rejected", kind: "mapping-failed" },
      job: null,
      effects: [],
    });
  });

  test("a pending start has status -1, announces nothing and goes on when it is resumed", () => {
    const event = start({ cents: 1 });
    const pending = run(charge, null, { ...event, body: { ...event.body, pendingSeconds: 30 } });

    expect(pending.job?.record).toMatchObject({ phase: "pending", status: -1, expireAt: now + 30_000 });
    expect(pending.effects).toEqual([]);

    const resumed = run(charge, pending.job, { kind: "resume", job: id, generation: null, body: {} });

    expect(resumed.job?.record).toMatchObject({ phase: "running", status: 1, expireAt: null });
    expect(sent(resumed)).toMatchObject([{ kind: "work", body: { cents: 1 } }]);
  });
});

describe("answer", () => {
  test("an answer closes its pass, and the job when nothing else is open", () => {
    const { job } = run(charge, null, start({}));

    const decision = run(charge, job, complete({ receipt: "r1" }));

    expect(decision.job?.record).toMatchObject({
      phase: "completed",
      status: 0,
      data: { receipt: "r1", paid: true },
      expireAt: now + 60_000,
    });
    expect(decision.job?.control.open.size).toBe(0);
    expect(published(decision)).toMatchObject([
      { channel: "job", body: { job: "j1", topic: "order.charged", final: true } },
    ]);
  });

  test("a late answer changes nothing", () => {
    const { job } = run(charge, run(charge, null, start({})).job, complete({ receipt: "r1" }));

    expect(run(charge, job, complete({ receipt: "r2" }, { key: "other" }))).toEqual({
      verdict: { outcome: "stale", reason: "closed" },
      job,
      touched: new Map(),
      effects: [],
      wanted: { passes: [], ranges: [] },
    });
  });

  test("an answer for another incarnation of the job changes nothing", () => {
    const { job } = run(charge, null, start({}));

    const decision = run(charge, job, { ...complete({}), generation: generationId("G0") });

    expect(decision).toMatchObject({ verdict: { outcome: "stale", reason: "not-found" }, effects: [] });
    expect(decision.job).toBe(job);
  });

  test("an answer for a job that is gone is stale", () => {
    expect(run(charge, null, complete({})).verdict).toEqual({ outcome: "stale", reason: "not-found" });
  });

  test("a pending answer keeps the pass open, and the same one counts once", () => {
    const { job } = run(charge, null, start({}));

    const first = run(charge, job, complete({ receipt: "soon" }, { status: "pending", code: 202, key: "a1" }));
    const again = run(charge, first.job, complete({ receipt: "soon" }, { status: "pending", code: 202, key: "a1" }));
    const last = run(charge, again.job, complete({ receipt: "r9" }, { key: "a2", request: null }));

    expect(first.job?.record).toMatchObject({ status: 1, data: { receipt: "soon", interim: "soon" } });
    expect(again.verdict).toEqual({ outcome: "duplicate" });
    expect(last.job?.record).toMatchObject({ status: 0, data: { receipt: "r9", interim: "soon", paid: true } });
    expect(last.job?.passes.get(pathText("charge,0,1"))?.output).toEqual({ receipt: "r9" });
    expect(last.effects).toContainEqual({ kind: "cancel", cancel: { by: "path", job: id, path: "charge,0,0" } });
  });

  test("an error that no edge takes fails the job with status 0", () => {
    const { job } = run(charge, null, start({}));

    const decision = run(charge, job, complete({ message: "no funds", code: 402 }, { status: "error", code: 402 }));

    expect(decision.job?.record).toMatchObject({
      phase: "failed",
      status: 0,
      data: null,
      failure: { message: "no funds", code: 402, is_stream_error: true },
    });
  });

  test("the request's input goes with the pass it answered", () => {
    const { job } = run(charge, null, start({}));

    const decision = run(charge, job, complete({ receipt: "r1" }, { request: "work-1" }));

    expect(decision.touched.get(pathText("charge,0,0"))).toBe("work-1");
  });
});

describe("interrupt", () => {
  const interrupt = (body: Partial<JsonObject> = {}): JobEvent => ({
    kind: "interrupt",
    job: id,
    generation: null,
    body: { reason: null, code: 410, throws: true, stack: "", expireSeconds: null, descend: false, ...body },
  });

  test("an interruption removes everything that is open", () => {
    const { job } = run(charge, null, start({}));

    const decision = run(charge, job, interrupt());

    expect(decision.job?.record).toMatchObject({
      phase: "interrupted",
      status: -999_999_999,
      failure: { code: 410, message: "job [j1] interrupted", stack: "", job_id: "j1" },
    });
    expect(decision.effects.slice(0, 2)).toEqual([
      { kind: "cancel", cancel: { by: "job", job: id } },
      { kind: "close-hook", hook: { job: id, path: null } },
    ]);
    expect(run(charge, decision.job, complete({})).verdict).toEqual({ outcome: "stale", reason: "closed" });
  });

  test("of two interruptions one wins", () => {
    const first = run(charge, run(charge, null, start({})).job, interrupt());

    expect(run(charge, first.job, interrupt()).verdict).toEqual({ outcome: "stale", reason: "closed" });
    expect(run(charge, null, interrupt()).verdict).toEqual({ outcome: "stale", reason: "not-found" });
  });

  test("descend interrupts the awaited children too", () => {
    const plan = planOf(`
    - subscribes: order.charge
      activities:
        start: { type: trigger }
        child: { type: await, topic: order.ship }
      transitions: { start: [ { to: child } ] }
    - subscribes: order.ship
      activities: { ship: { type: trigger } }
`);
    const { job, effects } = run(plan, null, start({}, plan));
    const child = effects.find((effect) => effect.kind === "send")?.message.job;

    const decision = run(plan, job, interrupt({ descend: true }));

    expect(sent(decision)).toMatchObject([{ kind: "interrupt", job: child, body: { descend: true } }]);
  });

  test("descend takes back the start of a child that has not begun", () => {
    const plan = planOf(`
    - subscribes: order.charge
      activities:
        start: { type: trigger }
        child: { type: await, topic: order.ship }
      transitions: { start: [ { to: child } ] }
    - subscribes: order.ship
      activities: { ship: { type: trigger } }
`);
    const { job, effects } = run(plan, null, start({}, plan));
    const key = effects.find((effect) => effect.kind === "send")?.message.key;

    const decision = run(plan, job, interrupt({ descend: true }));

    expect(decision.effects).toContainEqual({ kind: "cancel", cancel: { by: "key", key } });
  });
});

describe("loops", () => {
  const spinning = planOf(`
    - subscribes: order.charge
      activities:
        start: { type: trigger }
        spin: { type: hook, output: { maps: { n: 0 } } }
        check:
          type: hook
          output:
            maps: { more: { '@pipe': [ ['{spin.output.data.n}', '{start.output.data.turns}'], ['{@number.lt}'] ] } }
        route: { type: hook }
        again:
          type: cycle
          ancestor: spin
          input: { maps: { n: { '@pipe': [ ['{spin.output.data.n}', 1], ['{@math.add}'] ] } } }
        out: { type: hook, job: { maps: { n: '{spin.output.data.n}' } } }
      transitions:
        start: [ { to: spin } ]
        spin: [ { to: check } ]
        check: [ { to: route } ]
        route:
          - { to: again, conditions: { match: [ { expected: true, actual: '{check.output.data.more}' } ] } }
          - { to: out, conditions: { match: [ { expected: false, actual: '{check.output.data.more}' } ] } }
`);

  test("a step that reaches its hop limit goes on in the job's next step", () => {
    const first = run(spinning, null, start({ turns: 5 }, spinning), { hopsMax: 4 });

    expect(first.job?.record.status).toBe(1);
    expect(sent(first)).toMatchObject([{ kind: "resume", topic: null, job: "j1" }]);

    let { job } = first;
    for (let turn = 0; turn < 10 && job?.record.status !== 0; turn += 1) {
      job = run(spinning, job, { kind: "resume", job: id, generation, body: { turn } }, { hopsMax: 4 }).job;
    }

    expect(job?.record).toMatchObject({ status: 0, phase: "completed" });
    expect(job?.passes.get(pathText("spin,0,5"))?.output).toEqual({ n: 5 });
  });

  test("an answer that comes while hops are left over goes on with them, in the step that reads for all", () => {
    const forked = planOf(`
    - subscribes: order.charge
      activities:
        start: { type: trigger }
        pick: { type: worker, topic: store.pick }
        wrap: { type: hook, output: { maps: { paper: red } } }
        tie: { type: hook, job: { maps: { paper: '{wrap.output.data.paper}' } } }
        picked: { type: hook, job: { maps: { picked: true } } }
      transitions:
        start: [ { to: pick }, { to: wrap } ]
        wrap: [ { to: tie } ]
        pick: [ { to: picked, conditions: { code: 200 } } ]
`);
    const first = run(forked, null, start({}, forked), { hopsMax: 2 });
    const event: CompleteEvent = { ...complete({}), path: pathText("pick,0,0") };

    const answered = run(forked, first.job, event, { hopsMax: 2 });

    const places = [
      ["tie", ",0,0"],
      ["picked", ",0,0"],
    ];
    expect(sent(answered)).toMatchObject([{ kind: "resume", body: { at: places, turn: 1 } }]);
    expect(answered.job?.record).toMatchObject({ status: 2, data: null });
    const overtaken = run(forked, answered.job, { kind: "resume", job: id, generation, body: { turn: 0 } });
    expect(overtaken.verdict).toEqual({ outcome: "stale", reason: "closed" });
    const last = run(forked, answered.job, { kind: "resume", job: id, generation, body: { turn: 1 } });
    expect(last.job?.record).toMatchObject({ status: 0, data: { paper: "red", picked: true } });
  });

  test("a pivot that is entered too often fails the cycle, once", () => {
    const decision = run(spinning, null, start({ turns: 100 }, spinning), { cyclesMax: 10 });

    expect(decision.job?.record).toMatchObject({ phase: "failed", status: 0 });
    expect(decision.job?.record.failure).toMatchObject({
      code: 500,
      message: expect.stringContaining("spin was entered 10 times"),
    });
  });

  test("what the job remembers does not grow with the turns of a loop", () => {
    const worker = planOf(`
    - subscribes: order.charge
      activities:
        start: { type: trigger }
        spin: { type: hook }
        work: { type: worker, topic: w }
        again: { type: cycle, ancestor: spin }
      transitions:
        start: [ { to: spin } ]
        spin: [ { to: work } ]
        work: [ { to: again, conditions: { code: 200 } } ]
`);
    let { job } = run(worker, null, start({}, worker));
    const size = () => JSON.stringify(job === null ? null : encodeControl(job.control)).length;
    const turn = () => {
      const path = [...(job?.control.open.keys() ?? [])][0] ?? pathText("");
      job = run(worker, job, { ...complete({}), path }).job;
    };
    turn();
    const early = size();
    for (let count = 0; count < 50; count += 1) turn();

    expect(size()).toBeLessThanOrEqual(early + 4);
    expect(job?.control.counters.size).toBe(1);
  });
});

describe("signals", () => {
  const waiting = planOf(`
    - subscribes: order.charge
      activities:
        start: { type: trigger }
        wait:
          type: hook
          sleep: 60
          job: { maps: { by: '{$self.hook.data.by}', at: '{$self.hook.data.timestamp}' } }
      transitions: { start: [ { to: wait } ] }
      hooks:
        order.go:
          - to: wait
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
`);
  const signal: SignalEvent = {
    kind: "signal",
    job: id,
    generation,
    path: pathText("wait,0,0"),
    key: messageKey("s1"),
    body: {
      topic: "order.go",
      keys: ["k"],
      status: "success",
      code: 200,
      data: { id: "j1", by: "ann" },
      keepMs: 1_000,
    },
  };

  test("a wait registers its key and arms its timer in one decision", () => {
    const decision = run(waiting, null, start({}, waiting));

    expect(decision.effects).toMatchObject([
      { kind: "open-hook", hook: { topic: "order.go", key: '["wait","j1"]', timeoutAt: now + 60_000 } },
      { kind: "send", message: { kind: "wake", visibleAt: now + 60_000 } },
    ]);
  });

  test("a signal disarms the timer; a late timer changes nothing", () => {
    const { job } = run(waiting, null, start({}, waiting));

    const decision = run(waiting, job, signal);
    const late = run(waiting, decision.job, {
      kind: "wake",
      job: id,
      generation,
      path: pathText("wait,0,0"),
      body: { armedAt: now },
    });

    expect(decision.job?.record).toMatchObject({ status: 0, data: { by: "ann" } });
    expect(decision.effects.map((effect) => effect.kind).slice(0, 2)).toEqual(["cancel", "close-hook"]);
    expect(late.verdict).toEqual({ outcome: "stale", reason: "closed" });
  });

  test("a timer resumes with the time it was armed at; a late signal is an early one for the next wait", () => {
    const { job } = run(waiting, null, start({}, waiting));

    const decision = run(waiting, job, {
      kind: "wake",
      job: id,
      generation,
      path: pathText("wait,0,0"),
      body: { armedAt: now },
    });
    const late = run(waiting, decision.job, signal);

    expect(decision.job?.record).toMatchObject({ status: 0, data: { at: now } });
    expect(late).toMatchObject({
      verdict: { outcome: "stale", reason: "closed" },
      effects: [{ kind: "signal", dispatch: { topic: "order.go", keys: ["k"], keepUntil: now + 1_000 } }],
    });
  });
});

describe("reserved inputs", () => {
  test("a retry policy in the payload goes with the message, and counts its own way", () => {
    const plan = planOf(`
    - subscribes: card.charge-order
      activities:
        start: { type: trigger }
        work:
          type: worker
          topic: card.charge
          retry: { '503': [2] }
          input: { maps: { maximumAttempts: 3, maximumInterval: 2m } }
      transitions: { start: [ { to: work } ] }
`);

    const event = start({}, plan);
    const decision = run(plan, null, { ...event, body: { ...event.body, topic: "card.charge-order" } });

    expect(sent(decision)).toMatchObject([
      {
        policy: { maximumAttempts: 4, backoffCoefficient: 10, maximumIntervalSeconds: 120, initialIntervalSeconds: 1 },
        codeRetries: [{ code: "503", retries: 2 }],
        workflow: "order",
      },
    ]);
  });

  test("a worker whose topic is no text fails with code 500, and dispatches nothing", () => {
    const plan = planOf(`
    - subscribes: order.charge
      activities:
        start: { type: trigger }
        work: { type: worker, topic: '{start.output.data.lane}' }
      transitions: { start: [ { to: work } ] }
`);

    const decision = run(plan, null, start({ lane: 5 }, plan));

    expect(sent(decision)).toEqual([]);
    expect(decision.job?.record).toMatchObject({ phase: "failed", failure: { code: 500 } });
  });
});

function planOf(graphs: string): Plan {
  return compileText(`app:\n  id: shop\n  version: '1'\n  graphs:\n${graphs}`).plan;
}

function plan2(): Plan {
  return compileText(
    "app: { id: shop, version: '2', graphs: [ { subscribes: order.charge, activities: { s: { type: trigger } } } ] }",
  ).plan;
}

function start(payload: JsonObject, plan: Plan = charge): StartEvent {
  return {
    kind: "start",
    job: id,
    generation,
    key: messageKey("start"),
    body: {
      plan: plan.id,
      topic: "order.charge",
      payload,
      parent: null,
      origin: null,
      fields: {},
      entity: null,
      waiter: null,
      trace: null,
      pendingSeconds: null,
    },
  };
}

function complete(
  data: JsonObject,
  answer: { status?: CompleteEvent["body"]["status"]; code?: number; key?: string; request?: string | null } = {},
): CompleteEvent {
  const { status = "success", code = 200, key = "answer", request = null } = answer;
  return {
    kind: "complete",
    job: id,
    generation,
    path: pathText("charge,0,0"),
    body: { status, code, data },
    key: messageKey(key),
    request: request === null ? null : messageKey(request),
  };
}

function run(plan: Plan, job: JobState | null, event: JobEvent, options: Partial<Limits> = {}): Decision {
  const limits = { ...defaultLimits, ...options };
  return decide(plan, job, event, { now, active: plan, limits, violations: null });
}

function sent(decision: Decision): readonly OutgoingMessage[] {
  return decision.effects.flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));
}

function published(decision: Decision): readonly object[] {
  return decision.effects.flatMap((effect) => (effect.kind === "publish" ? [effect.publication] : []));
}
