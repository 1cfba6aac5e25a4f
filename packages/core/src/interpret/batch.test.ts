import { describe, expect, test } from "vitest";
import { generationId, instant, type JobId, jobId, messageKey, pathText, planId } from "../brand.js";
import { compileText } from "../compile/compile.js";
import type { JsonObject } from "../json.js";
import type { Plan } from "../plan/plan.js";
import type { InboundMessage, OutgoingMessage, RetryPolicy } from "../ports/message.js";
import type { Commit, Program, Snapshot } from "../ports/program.js";
import type { JobRecord, PassRecord } from "../ports/records.js";
import { graphProgram } from "./batch.js";
import { signalRequestKind } from "./event-codec.js";
import { interruptMessage } from "./interrupt-job.js";
import { prepareStart } from "./start-event.js";

const now = instant(1_780_000_000_000);
const plan = compileText(`
app:
  id: shop
  version: '1'
  graphs:
    - subscribes: order.place
      activities:
        start:
          type: trigger
          stats:
            id: '{$self.input.data.id}'
            key: eu
            measures:
              - { measure: count, target: '{$self.input.data.kind}' }
              - { measure: sum, target: '{$self.input.data.cents}' }
        pack: { type: worker, topic: store.pack, input: { maps: { item: '{start.output.data.item}' } } }
        ship:
          type: worker
          topic: store.ship
          input: { maps: { box: '{pack.output.data.box}', item: '{start.output.data.item}' } }
        hold: { type: hook }
        pay:
          type: await
          topic: order.pay
          input: { maps: { id: '{start.output.data.pay}' } }
          job: { maps: { paid: '{$self.output.data.ok}' } }
      transitions:
        start: [ { to: pack }, { to: pay } ]
        ship: [ { to: hold } ]
        pack: [ { to: ship, conditions: { code: 200 } } ]
      hooks:
        order.hold:
          - to: hold
            conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$self.hook.data.id}' } ] }
    - subscribes: order.pay
      input: { schema: { type: object } }
      activities:
        payStart: { type: trigger, stats: { id: '{$self.input.data.id}' }, job: { maps: { ok: true } } }
`).plan;
const policy: RetryPolicy = {
  maximumAttempts: 5,
  backoffCoefficient: 2,
  maximumIntervalSeconds: 300,
  initialIntervalSeconds: 1,
};

describe("reads", () => {
  test("an answer reads its own pass and the ancestors its next hops mention, by exact keys", () => {
    const answer = message({ kind: "complete", job: jobId("o1"), path: "pack,0,0", plan, body: answerBody({}) });

    expect(program().reads([answer])).toEqual({
      passes: [
        { job: "o1", activity: "pack", address: ",0,0" },
        { job: "o1", activity: "start", address: ",0" },
      ],
      ranges: [],
      activation: true,
    });
  });

  test("a job that is resumed from outside reads the trigger it goes on from, whichever graph it runs", () => {
    const resume = message({ kind: "resume", job: jobId("o1"), plan, body: {} });

    expect(program().reads([resume])).toMatchObject({
      passes: expect.arrayContaining([
        { job: "o1", activity: "start", address: ",0" },
        { job: "o1", activity: "payStart", address: ",0" },
      ]),
    });
  });

  test("hops that were left over read the passes above the place they go on at", () => {
    const resume = message({ kind: "resume", job: jobId("o1"), plan, body: { at: [["ship", ",0,0"]] } });

    expect(program().reads([resume])).toMatchObject({
      passes: [
        { job: "o1", activity: "start", address: ",0" },
        { job: "o1", activity: "pack", address: ",0,0" },
      ],
    });
  });

  test("an answer on a plan that is not at hand reports the plan, and so does a decision", () => {
    const unknown = planId("elsewhere");
    const answer = { ...message({ kind: "complete", job: jobId("o1"), path: "pack,0,0", body: {} }), plan: unknown };
    const record = { ...recordOf(started("o1")), plan: unknown };

    expect(program().reads([answer])).toEqual({ missing: [unknown] });
    expect(program().decide([answer], snapshot([record]))).toEqual({ missing: [unknown] });
  });

  test("a start whose active plan is not at hand reports it", () => {
    const other = { ...snapshot([]), activation: { version: "2", plan: planId("other"), epoch: 2 } };

    expect(program().decide([start("o1")], other)).toEqual({ missing: ["other"] });
  });
});

describe("decide", () => {
  test("the policy of the engine is stamped on worker messages and on nothing else", () => {
    const { sends } = started("o1");

    expect(sends.map(({ topic, policy: stamped }) => [topic, stamped])).toEqual([
      ["store.pack", policy],
      [null, null],
    ]);
  });

  test("two messages of one job in one batch are folded into one row", () => {
    const begun = started("o1");
    const path = "pack,0,0";
    const first = message({ kind: "complete", job: jobId("o1"), path, plan, body: answerBody({ box: 7 }), key: "a" });
    const again = { ...first, key: messageKey("b") };

    const commit = decided(program(), [first, again], snapshot([recordOf(begun)], begun.passes));

    expect(commit.jobs).toHaveLength(1);
    expect(commit.jobs[0]).toMatchObject({ expected: 1, record: { revision: 2, status: 2 } });
    expect(commit.verdicts.map(({ outcome }) => outcome)).toEqual(["applied", "stale"]);
    expect(commit.sends).toMatchObject([{ topic: "store.ship", body: { box: 7 } }]);
  });

  test("a decision that looks at a pass nobody asked for wants it, and is made once it was asked for", () => {
    const begun = [started("o1"), started("o2")];
    const answers = ["o1", "o2"].map((id) =>
      message({ kind: "complete", job: jobId(id), path: "pack,0,0", plan, body: answerBody({ box: 7 }) }),
    );
    const blind = snapshot(begun.map(recordOf));
    const wanted = begun.map(({ jobs }) => ({ job: jobs[0]?.record.id, activity: "start", address: ",0" }));

    expect(program().decide(answers, blind)).toEqual({ wanted: { passes: wanted, ranges: [] } });

    const passes = begun.flatMap((commit) => commit.passes);
    const commit = decided(program(), answers, snapshot(begun.map(recordOf), passes));
    expect(commit.sends.map(({ job, body }) => [job, body])).toEqual([
      ["o1", { box: 7, item: "kite" }],
      ["o2", { box: 7, item: "kite" }],
    ]);
  });

  test("a stored message that cannot be read is parked with the reason; later ones of its job wait", () => {
    const bad = message({ kind: "nonsense", job: jobId("o1"), body: {} });
    const later = message({ kind: "complete", job: jobId("o1"), path: "pack,0,0", plan, body: answerBody({}) });
    const other = message({ kind: "complete", job: jobId("o2"), path: "pack,0,0", plan, body: answerBody({}) });
    const begun = [started("o1"), started("o2")];
    const seen = snapshot(
      begun.map(recordOf),
      begun.flatMap(({ passes }) => passes),
    );

    const commit = decided(program(), [bad, later, other], seen);

    expect(commit.parked).toEqual([{ position: 0, reason: expect.stringContaining("kind nonsense") }]);
    expect(commit.deferred).toEqual([1]);
    expect(commit.jobs.map(({ record }) => record.id)).toEqual(["o2"]);
    expect(commit.verdicts.map((verdict) => verdict.outcome)).toEqual(["rejected", "rejected", "applied"]);
  });

  test("an answer of this process whose decision throws is not lost: its request stays", () => {
    const answer = { ...message({ kind: "nonsense", job: jobId("o1"), body: {} }), source: "answer" as const };

    const commit = decided(program(), [answer, answer], snapshot([recordOf(started("o1"))]));

    expect(commit.parked.map(({ position }) => position)).toEqual([0]);
    expect(commit.deferred).toEqual([1]);
  });

  test("an event that cannot be read is rejected and parks nothing", () => {
    const bad: InboundMessage = { ...message({ kind: "nonsense", job: jobId("o1"), body: {} }), source: "event" };

    const commit = decided(program(), [bad], snapshot([]));

    expect(commit).toMatchObject({ parked: [], verdicts: [{ outcome: "rejected", kind: "decision-failed" }] });
  });

  test("what a batch sends and then cancels is never sent", () => {
    const interrupt: InboundMessage = inbound(interruptMessage(messageKey("i"), jobId("o1"), interruptBody));

    const commit = decided(program(), [start("o1"), interrupt], snapshot([]));

    expect(commit.sends.map(({ kind }) => kind)).toEqual(["start"]);
    expect(commit.jobs[0]?.record.phase).toBe("interrupted");
  });

  test("statistics are counted once per start, summed over the batch", () => {
    const commit = decided(program(), [start("o1"), start("o2")], snapshot([]));

    const name = '["order.place","eu"]';
    const slice = "202605282025";
    expect(commit.counters).toEqual([
      { name, slice, field: 'm["total"]', add: 2 },
      { name, slice, field: 'm["count","kind","toy"]', add: 2 },
      { name, slice, field: 'm["sum","cents"]', add: 10 },
    ]);
  });

  test("without an active version a start is refused", () => {
    const commit = decided(program(), [start("o1")], { ...snapshot([]), activation: null });

    expect(commit.verdicts).toMatchObject([{ outcome: "rejected", kind: "not-active", failure: { code: 409 } }]);
  });
});

describe("children", () => {
  test("a child whose id is taken answers its parent with 409", () => {
    const taken = recordOf(decided(program(), [start("o9", "order.pay")], snapshot([])));

    const commit = decided(program(), [childStart("o9")], snapshot([taken]));

    expect(commit.sends).toMatchObject([
      { kind: "complete", job: "o1", body: { status: "error", code: 409, data: { message: "Duplicate job: o9" } } },
    ]);
  });

  test("a child that this very pass has started is awaited already: silence", () => {
    const first = decided(program(), [childStart("o9")], snapshot([]));

    const commit = decided(program(), [childStart("o9")], snapshot([recordOf(first)]));

    expect(commit).toMatchObject({ verdicts: [{ outcome: "duplicate" }], sends: [] });
  });

  test("a child whose version is not active any more is addressed anew on the active one", () => {
    const other = compileText(
      "app: { id: shop, version: '2', graphs: [ { subscribes: order.pay, activities: { s: { type: trigger } } } ] }",
    ).plan;
    const both = graphProgram({ plans: new Map([plan, other].map((each) => [each.id, each])), policy: null });
    const active = { ...snapshot([]), activation: { version: "2", plan: other.id, epoch: 2 } };

    const commit = decided(both, [childStart("o9")], active);

    expect(commit.jobs).toEqual([]);
    expect(commit.sends).toMatchObject([{ kind: "start", body: { plan: other.id, topic: "order.pay" } }]);
  });

  test("a child that has the same id on the version that is active by now starts on it at once", () => {
    const id = "stats: { id: '{$self.input.data.id}' }";
    const graph = `{ subscribes: order.pay, activities: { s: { type: trigger, ${id} } } }`;
    const other = compileText(`app: { id: shop, version: '2', graphs: [ ${graph} ] }`).plan;
    const both = graphProgram({ plans: new Map([plan, other].map((each) => [each.id, each])), policy: null });
    const active = { ...snapshot([]), activation: { version: "2", plan: other.id, epoch: 2 } };

    const commit = decided(both, [childStart("o9")], active);

    expect(commit.jobs).toMatchObject([{ record: { id: "o9", plan: other.id, phase: "completed" } }]);
  });

  test("a child whose graph is gone answers its parent with 500", () => {
    const other = compileText(
      "app: { id: shop, version: '2', graphs: [ { subscribes: order.else, activities: { s: { type: trigger } } } ] }",
    ).plan;
    const both = graphProgram({ plans: new Map([plan, other].map((each) => [each.id, each])), policy: null });
    const active = { ...snapshot([]), activation: { version: "2", plan: other.id, epoch: 2 } };

    const commit = decided(both, [childStart("o9")], active);

    expect(commit.sends).toMatchObject([{ kind: "complete", job: "o1", body: { status: "error", code: 500 } }]);
  });
});

describe("signals", () => {
  const request = (topic: string): InboundMessage => ({
    ...message({
      kind: signalRequestKind,
      job: null,
      body: { topic, data: { id: "o1" }, status: "success", code: 200 },
    }),
    source: "event",
  });

  test("a signal is handed to the storage with the keys its rules give", () => {
    const commit = decided(program(), [request("order.hold")], snapshot([]));

    expect(commit.signals).toMatchObject([
      { topic: "order.hold", keys: ['["hold","o1"]'], closes: true, keepUntil: now + 600_000 },
    ]);
  });

  test("a signal on an unknown topic is refused and names the known ones", () => {
    const commit = decided(program(), [request("order.lost")], snapshot([]));

    expect(commit.verdicts).toMatchObject([
      { outcome: "rejected", kind: "no-hook-rule", failure: { message: expect.stringContaining("known: order.hold") } },
    ]);
  });
});

const interruptBody = { reason: null, code: 410, throws: true, stack: "", expireSeconds: null, descend: false };

function program(): Program {
  return graphProgram({ plans: new Map([[plan.id, plan]]), policy });
}

function decided(on: Program, messages: readonly InboundMessage[], seen: Snapshot): Commit {
  const commit = on.decide(messages, seen);
  if (!("verdicts" in commit)) throw new Error("it was not shown enough");
  return commit;
}

function started(id: string): Commit {
  return decided(program(), [start(id)], snapshot([]));
}

function recordOf(commit: Commit): JobRecord {
  const record = commit.jobs[0]?.record;
  if (record === undefined) throw new Error("nothing was written");
  return record;
}

function start(id: string, topic = "order.place"): InboundMessage {
  return inbound(
    prepareStart(plan, {
      topic,
      payload: { id, kind: "toy", cents: 5, item: "kite" },
      generatedId: jobId("drawn"),
      generation: generationId(`G-${id}`),
      key: messageKey(`start-${id}`),
      now,
    }),
  );
}

function childStart(id: string): InboundMessage {
  return {
    ...inbound(
      prepareStart(plan, {
        topic: "order.pay",
        payload: { id },
        generatedId: jobId("drawn"),
        generation: generationId(`GC-${id}`),
        key: messageKey(`child-${id}`),
        now,
        parent: { job: jobId("o1"), generation: generationId("G-o1"), path: pathText("pay,0,0"), awaits: true },
      }),
    ),
    source: "stored",
  };
}

function inbound(outgoing: OutgoingMessage): InboundMessage {
  return { ...outgoing, source: "event", plan: null, request: null };
}

function answerBody(data: JsonObject): JsonObject {
  return { status: "success", code: 200, data };
}

function message(of: {
  kind: string;
  job: JobId | null;
  path?: string;
  plan?: Plan;
  body: JsonObject;
  key?: string;
}): InboundMessage {
  return {
    key: messageKey(of.key ?? "m"),
    topic: null,
    kind: of.kind,
    job: of.job,
    generation: of.job === null ? null : generationId(`G-${of.job}`),
    path: of.path === undefined ? null : pathText(of.path),
    body: of.body,
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
    source: "stored",
    plan: of.plan?.id ?? null,
    request: null,
  };
}

function snapshot(records: readonly JobRecord[], passes: readonly PassRecord[] = []): Snapshot {
  return {
    now,
    jobs: new Map(records.map((record) => [record.id, record])),
    passes,
    asked: { passes, ranges: [] },
    activation: { version: "1", plan: plan.id, epoch: 1 },
  };
}
