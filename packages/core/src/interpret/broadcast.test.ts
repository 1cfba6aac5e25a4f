import { describe, expect, test } from "vitest";
import { instant, jobId, messageKey } from "../brand.js";
import { compileText } from "../compile/compile.js";
import { keyAfter } from "../job/keys.js";
import type { InboundMessage } from "../ports/message.js";
import type { Commit, Snapshot } from "../ports/program.js";
import type { CounterRecord } from "../ports/records.js";
import { counterName, facetPrefix, fieldText, indexPrefix } from "../statistics/counter-field.js";
import { graphProgram } from "./batch.js";
import { broadcastMessage } from "./broadcast.js";
import type { BroadcastBody } from "./event-codec.js";

const now = instant(1_780_000_000_000);
const moor = (version: string, topic = "call") =>
  compileText(
    `
app:
  id: harbor
  version: '${version}'
  graphs:
    - subscribes: moor
      activities:
        anchor: { type: trigger }
        bob: { type: hook }
      transitions: { anchor: [ { to: bob } ] }
      hooks:
        ${topic}:
          - { to: bob, conditions: { match: [ { expected: '{$job.metadata.jid}', actual: '{$hook.data.id}' } ] } }
        crash:
          - to: bob
            conditions:
              match: [ { expected: 1, actual: { '@pipe': [ [ '{$hook.data.id}' ], [ '{@json.parse}' ] ] } } ]
`.replace("{@math.no}", "{@json.parse}"),
  ).plan;
const plan = moor("1");
const reds = {
  name: counterName("moor", "north"),
  from: "0",
  to: "0",
  prefix: facetPrefix({ label: "color", value: "red" }),
};

const broadcast = (
  change: Partial<BroadcastBody> = {},
  source: InboundMessage["source"] = "stored",
  key = "b1",
): InboundMessage => {
  const begun = broadcastMessage(messageKey(key), {
    topic: "call",
    data: { tide: "high", id: "overwritten" },
    status: "success",
    code: 200,
    plans: [plan.id],
    list: reds,
    scrub: false,
  });
  const body = { ...(begun.body as BroadcastBody), ...change };
  return { ...begun, body, source, plan: null, request: null };
};

const listed = (job: string, rank = 0, slice = "0"): CounterRecord => ({
  name: reds.name,
  slice,
  field: fieldText({ kind: "index", label: "color", value: "red", job: jobId(job), rank }),
  value: 1,
});

const program = (broadcastPage = 2, plans = [plan]) =>
  graphProgram({ plans: new Map(plans.map((each) => [each.id, each])), policy: null, limits: { broadcastPage } });

function seen(pages: Record<string, readonly CounterRecord[]>): Snapshot {
  return {
    now,
    jobs: new Map(),
    passes: [],
    asked: { passes: [], ranges: [] },
    activation: { version: "1", plan: plan.id, epoch: 1 },
    counters: new Map(Object.entries(pages)),
  };
}

function committed(messages: readonly InboundMessage[], pages: Record<string, readonly CounterRecord[]>): Commit {
  const commit = program().decide(messages, seen(pages));
  if (!("verdicts" in commit)) throw new Error("it was not shown enough");
  return commit;
}

describe("a broadcast", () => {
  test("of a caller becomes work for any engine, and reads nothing", () => {
    const brought = broadcast({}, "event");
    const commit = committed([brought], {});

    expect(program().reads([brought])).toEqual({ passes: [], ranges: [], activation: false });
    expect(commit.sends).toMatchObject([{ key: "b1", kind: "broadcast", job: null, body: brought.body }]);
    expect(commit.signals).toEqual([]);
    expect(commit.verdicts).toEqual([{ outcome: "applied", job: null }]);
  });

  test("reads the active version and a page of its list, after the one before", () => {
    const after = { slice: "0", field: listed("Y1").field };

    expect(program().reads([broadcast({ after })])).toEqual({
      passes: [],
      ranges: [],
      activation: true,
      counters: new Map([["b1", { ...reds, after, limit: 2 }]]),
    });
  });

  test("shares the page of a step with the others of its batch, and takes one job at least", () => {
    const many = ["b1", "b2", "b3"].map((key) => broadcast({}, "stored", key));
    const limits = (page: number) => {
      const reads = program(page).reads(many);
      return "missing" in reads ? [] : [...(reads.counters?.values() ?? [])].map(({ limit }) => limit);
    };

    expect([limits(500), limits(2)]).toEqual([
      [166, 166, 166],
      [1, 1, 1],
    ]);
  });

  test("signals each job of its page with the job's id as id", () => {
    const commit = committed([broadcast({ status: "pending", code: 206 })], { b1: [listed("Y1")] });

    expect(commit.signals).toMatchObject([
      {
        topic: "call",
        keys: ['["bob","Y1"]'],
        body: { data: { tide: "high", id: "Y1" }, status: "pending", code: 206 },
        kept: { data: { tide: "high", id: "Y1" }, status: "success", code: 200 },
        closes: false,
        keepUntil: now + 600_000,
        id: keyAfter(messageKey("b1"), "broadcast", "Y1"),
      },
    ]);
    expect(commit.sends).toEqual([]);
  });

  test("goes on after a full page, in a message of its own key", () => {
    const first = committed([broadcast()], { b1: [listed("Y1"), listed("Y2")] });
    const [next] = first.sends;

    expect(next).toMatchObject({
      key: keyAfter(messageKey("b1"), "page", 1),
      kind: "broadcast",
      body: { id: "b1", page: 1, after: { slice: "0", field: listed("Y2").field } },
    });
    expect(committed([broadcast()], { b1: [] })).toMatchObject({ sends: [], signals: [] });
  });

  test("signals a job once, in whatever slices and lists it is found", () => {
    const everyList = broadcast({ list: { ...reds, prefix: indexPrefix } });
    const found = { b1: [listed("Y1"), listed("Y2", 1), listed("Y1", 0, "1")] };

    expect(committed([everyList], found).signals.map(({ keys }) => keys)).toEqual([['["bob","Y1"]']]);
    expect(committed([broadcast()], found).signals.map(({ keys }) => keys)).toEqual([
      ['["bob","Y1"]'],
      ['["bob","Y2"]'],
    ]);
  });

  test("has the same ids for its signals on whatever page they are", () => {
    const onPage = (page: number, key: string) =>
      committed([broadcast({ page }, "stored", key)], { [key]: [listed("Y1")] }).signals.map(({ id }) => id);

    expect(onPage(3, "b1")).toEqual(onPage(0, "b1"));
    expect(onPage(0, "b2")).not.toEqual(onPage(0, "b1"));
  });

  test("that scrubs forgets what it has read, and nothing else", () => {
    const commit = committed([broadcast({ scrub: true })], { b1: [listed("Y1"), listed("Y2")] });

    expect(commit.countersDropped).toEqual(
      ["Y1", "Y2"].map((job) => ({ name: reds.name, from: "0", to: "0", prefix: listed(job).field })),
    );
    expect(committed([broadcast()], { b1: [listed("Y1")] })).not.toHaveProperty("countersDropped");
  });

  test("counts the rules of every plan it names, and asks for plans that are not at hand", () => {
    const other = moor("2", "shout");
    const body = { topic: "shout", plans: [other.id] };
    const found = seen({ b1: [listed("Y1")] });

    expect(program(2, [plan]).decide([broadcast(body)], found)).toEqual({ missing: [other.id] });
    expect(program(2, [plan, other]).decide([broadcast(body)], found)).toMatchObject({
      signals: [{ topic: "shout", keys: ['["bob","Y1"]'] }],
    });
  });

  test("whose rule throws stays for people to see, and has signalled nobody", () => {
    const commit = committed([broadcast({ topic: "crash" })], { b1: [listed("1"), listed("Y2")] });

    expect(commit).toMatchObject({ signals: [], sends: [], parked: [{ position: 0 }] });
  });

  test("whose index was not read is not taken for one of an empty index", () => {
    expect(committed([broadcast()], {}).parked).toMatchObject([
      { position: 0, reason: expect.stringContaining("was not read") },
    ]);
  });
});
