import { describe, expect, test } from "vitest";
import { type PathText, pathText } from "../brand.js";
import { decodeControl, encodeControl } from "../job/control-codec.js";
import type { Decision } from "../job/decision.js";
import { waitOf } from "../job/escalation.js";
import { isJsonObject, type Json, type JsonObject } from "../json.js";
import type { Plan } from "../plan/plan.js";
import { planIndex } from "../plan/plan-index.js";
import type { EscalationClose, EscalationRecord } from "../ports/records.js";
import {
  answer,
  generation,
  interrupt,
  job,
  opened,
  planOf,
  play,
  sent,
  signal,
  start,
  wake,
} from "../testing/builders.js";

const byId =
  "{ to: ask, conditions: { match: [ { expected: '{start.output.data.id}', actual: '{$hook.data.id}' } ] } }";

/** A hook that asks people, with an `escalation` block in YAML. */
function asking(escalation: string, { rules = byId, hook = "", job: maps = "{ ok: '{$self.hook.data.ok}' }" } = {}) {
  return planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        ask: { type: hook, escalation: ${escalation}, job: { maps: ${maps} }${hook} }
        sorry: { type: hook, job: { maps: { why: '{ask.output.metadata.err}' } } }
      transitions: { start: [ { to: ask } ], ask: [ { to: sorry, conditions: { code: [409, 500] } } ] }
      hooks: { go: [ ${rules} ] }
  `);
}

function items(decision: Decision): readonly EscalationRecord[] {
  return decision.effects.flatMap((effect) => (effect.kind === "open-escalation" ? [effect.escalation] : []));
}

function closes(decision: Decision): readonly EscalationClose[] {
  return decision.effects.flatMap((effect) => (effect.kind === "close-escalation" ? [effect.close] : []));
}

const waitAt = (path: string): string => waitOf({ generation, path: pathText(path) });
const ask = pathText("ask,0,0");
const blank = {
  subtype: null,
  entity: null,
  description: null,
  envelope: null,
  originId: null,
  parentId: null,
  initiatedBy: null,
  traceId: null,
  spanId: null,
  taskQueue: null,
  workflowType: null,
  expiresAt: null,
};

function content(block: string, payload: JsonObject = {}): EscalationRecord | undefined {
  const plan = asking(block);
  return items(play(plan, [start(plan, { id: "k1", ...payload })]))[0];
}

describe("an item", () => {
  test("is opened in the decision that opens the wait, with the key that the wait expects", () => {
    const plan = asking("{ role: clerk, type: refund, metadata: { cents: 5 } }");

    const decision = play(plan, [start(plan, { id: 7 })]);

    expect(opened(decision)).toHaveLength(1);
    expect(items(decision)).toEqual([
      {
        ...blank,
        wait: waitAt(ask),
        key: "7",
        topic: "go",
        job,
        role: "clerk",
        type: "refund",
        priority: 5,
        metadata: { cents: 5 },
      },
    ]);
    expect(decision.job?.control.open.get(ask)?.escalation).toBe("7");
  });

  test("every field is taken from the block, scalars as text", () => {
    const names = ["role", "type", "subtype", "entity", "description", "originId", "parentId"];
    const more = ["initiatedBy", "traceId", "spanId", "taskQueue", "workflowType"];
    const all = [...names, ...more];
    const block = `{ ${all.map((name) => `${name}: '${name} of it'`).join(", ")}, priority: 1, envelope: { a: [1] } }`;

    expect(content(block)).toMatchObject({
      ...Object.fromEntries(all.map((name) => [name, `${name} of it`])),
      priority: 1,
      metadata: null,
      envelope: { a: [1] },
    });
    expect(content("{ role: 7, type: true, entity: null, description: '{start.output.data.none}' }")).toMatchObject({
      role: "7",
      type: "true",
      entity: null,
      description: null,
    });
  });

  test("references and pipes are evaluated, also deep in metadata, and see what the maps of this leg wrote", () => {
    const sum = "{ '@pipe': [ [ 2, '{start.output.data.n}' ], [ '{@math.add}' ] ] }";
    const letter = "{ '@pipe': [ [ '{start.output.data.letter}' ] ] }";
    const fields = ["role: '{start.output.data.role}'", `metadata: { sum: ${sum}, job: '{$job.data.x}' }`];
    const block = `{ ${fields.join(", ")}, envelope: ${letter} }`;
    const plan = asking(block, { job: "{ x: written }" });

    expect(items(play(plan, [start(plan, { id: "k", role: "clerk", n: 3, letter: { to: "you" } })]))).toMatchObject([
      { role: "clerk", metadata: { sum: 5, job: "written" }, envelope: { to: "you" } },
    ]);
  });

  test.each<[string, Json, number]>([
    ["a number", 2, 2],
    ["a numeric text", "3", 3],
    ["a fraction is rounded", 1.6, 2],
    ["what is no number", "high", 5],
    ["an empty text", "", 5],
    ["what no storage can hold", 1e300, 2_147_483_647],
  ])("its priority: %s", (_name, given, expected) => {
    expect(content("{ priority: '{start.output.data.p}' }", { p: given })?.priority).toBe(expected);
  });

  test.each<[string, Json, number | null]>([
    ["ISO text", "2026-05-28T20:26:40Z", 1_780_000_000_000],
    ["ISO text without zone, which is UTC", "2026-05-28T20:26:40", 1_780_000_000_000],
    ["epoch milliseconds", 1_780_000_000_000, 1_780_000_000_000],
    ["another text", "tomorrow", null],
    ["a day that does not exist", "2026-02-30", null],
    ["a list", [1], null],
    ["what lies beyond the calendar", 9e15, null],
    ["null", null, null],
  ])("its expiresAt: %s", (_name, given, expected) => {
    expect(content("{ role: r, expiresAt: '{start.output.data.at}' }", { at: given })?.expiresAt).toBe(expected);
  });

  test("its expiresAt: a Date", () => {
    const block = "{ role: r, expiresAt: { '@pipe': [ [ '{start.output.data.at}' ], [ '{@date.fromISOString}' ] ] } }";

    expect(content(block, { at: "2026-05-28T20:26:40Z" })?.expiresAt).toBe(1_780_000_000_000);
  });

  test.each<[string, Json]>([
    ["text", "m"],
    ["a list", [1]],
    ["null", null],
  ])("metadata and envelope that are no objects are absent: %s", (_name, given) => {
    const block = "{ role: r, metadata: '{start.output.data.m}', envelope: '{start.output.data.m}' }";

    expect(content(block, { m: given })).toMatchObject({ metadata: null, envelope: null });
  });

  test.each(["role", "type", "priority"])("%s alone makes an item", (field) => {
    expect(content(`{ ${field}: 1 }`)?.key).toBe("k1");
  });

  test("metadata alone makes an item", () => {
    expect(content("{ metadata: {} }")).toMatchObject({ role: null, type: null, priority: 5, metadata: {} });
  });

  test("without role, type, priority and metadata there is a wait and no item", () => {
    const plan = asking("{ role: null, type: '{start.output.data.none}', subtype: s, description: d, envelope: {} }");

    const decision = play(plan, [start(plan, { id: "k" })]);

    expect([opened(decision).length, items(decision)]).toEqual([1, []]);
    expect(closes(play(plan, [start(plan, { id: "k" }), signal(ask)]))).toEqual([]);
  });

  test("a key that is undefined, or that no rule asks for, makes no item: nobody could finish it", () => {
    const plan = asking("{ role: r }");
    const any = asking("{ role: r }", { rules: "{ to: ask }" });

    expect(items(play(plan, [start(plan)]))).toEqual([]);
    expect(items(play(any, [start(any, { id: "k" })]))).toEqual([]);
  });

  test("of several rules and entries the first that a signal can meet gives the key", () => {
    const entry = (field: string) => `{ expected: '{start.output.data.${field}}', actual: '{$hook.data.${field}}' }`;
    const rule = (...fields: readonly string[]) =>
      `{ to: ask, conditions: { match: [ ${fields.map(entry).join(", ")} ] } }`;
    const keyOf = (payload: JsonObject): string | undefined => {
      const plan = asking("{ role: r }", { rules: `${rule("a", "b")}, ${rule("c")}` });
      return items(play(plan, [start(plan, payload)]))[0]?.key;
    };

    expect(keyOf({ a: 1, b: 2, c: 3 })).toBe("1");
    expect(keyOf({ a: 1, c: 3 })).toBe("3");
    expect(keyOf({ c: { x: null } })).toBe('{"x":null}');
  });

  test("a pure pause and a hook that passes through open none", () => {
    const plan = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        pass: { type: hook, escalation: { role: r } }
        pause: { type: hook, sleep: 5, escalation: { role: r } }
      transitions: { start: [ { to: pass }, { to: pause } ] }
    `);

    expect(items(play(plan, [start(plan)]))).toEqual([]);
  });

  test("a block that throws fails the hook with 500 and opens nothing", () => {
    const plan = asking("{ role: { '@pipe': [ [ '{start.output.data.none}', ',' ], [ '{@string.split}' ] ] } }");

    const decision = play(plan, [start(plan, { id: "k" })]);

    expect([items(decision), opened(decision), sent(decision)]).toEqual([[], [], []]);
    expect(errorOf(decision).code).toBe(500);
  });
});

/** What the handler of the hook's error has noted. */
function errorOf(decision: Decision): JsonObject {
  const why = decision.job?.record.data?.["why"];
  const parsed: Json = typeof why === "string" ? JSON.parse(why) : null;
  return isJsonObject(parsed) ? parsed : {};
}

describe("the end of an item", () => {
  const plan = asking("{ role: clerk }", { hook: ", sleep: 60" });
  const open = start(plan, { id: "k" });
  const end = (status: EscalationClose["status"], payload: Json = null) => [
    { key: "k", wait: waitAt(ask), status, payload },
  ];

  test("a signal that closes the wait resolves it with its data", () => {
    expect(closes(play(plan, [open, signal(ask, { ok: true })]))).toEqual(end("resolved", { ok: true }));
  });

  test("a signal with an error resolves it, too", () => {
    const event = signal(ask, { no: 1 }, { status: "error", code: 500 });

    expect(closes(play(plan, [open, event]))).toEqual(end("resolved", { no: 1 }));
  });

  test("a pending signal leaves it pending, and the next one resolves it", () => {
    const interim = signal(ask, { n: 1 }, { status: "pending", code: 202 });

    expect(closes(play(plan, [open, interim]))).toEqual([]);
    expect(closes(play(plan, [open, interim, signal(ask, { n: 2 })]))).toEqual(end("resolved", { n: 2 }));
  });

  test("the timer expires it", () => {
    expect(closes(play(plan, [open, wake(ask)]))).toEqual(end("expired"));
  });

  test("what comes after the end changes nothing", () => {
    expect(closes(play(plan, [open, signal(ask), wake(ask)]))).toEqual([]);
    expect(closes(play(plan, [open, wake(ask), signal(ask)]))).toEqual([]);
    expect(closes(play(plan, [open, wake(ask), interrupt()]))).toEqual([]);
  });

  test("an interruption cancels it", () => {
    expect(closes(play(plan, [open, interrupt()]))).toEqual(end("cancelled"));
  });

  test("an interruption by an activity of the job cancels it, with target and without", () => {
    const halting = (target: string): Plan =>
      planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        ask: { type: hook, escalation: { role: r } }
        work: { type: worker, topic: w }
        halt: { type: interrupt${target} }
      transitions: { start: [ { to: ask }, { to: work } ], work: [ { to: halt } ] }
      hooks: { go: [ ${byId} ] }
      `);

    for (const halt of [halting(""), halting(", target: '{$job.metadata.jid}'")]) {
      expect(closes(play(halt, [start(halt, { id: "k" }), answer("work,0,0")]))).toEqual(end("cancelled"));
    }
  });

  test("a job that is given up at its threshold cancels it", () => {
    const threshold = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        ask: { type: hook, escalation: { role: r } }
        work: { type: worker, topic: w }
        last: { type: worker, topic: l, statusThreshold: 2 }
      transitions: { start: [ { to: ask }, { to: work } ], work: [ { to: last } ] }
      hooks: { go: [ ${byId} ] }
    `);

    const decision = play(threshold, [start(threshold, { id: "k" }), answer("work,0,0")]);

    expect([decision.job?.record.status, closes(decision)]).toEqual([0, end("cancelled")]);
  });

  test("an error elsewhere fails the job and leaves the wait and its item open", () => {
    const failing = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        ask: { type: hook, escalation: { role: r } }
        w: { type: worker, topic: w }
      transitions: { start: [ { to: ask }, { to: w } ] }
      hooks: { go: [ ${byId} ] }
    `);
    const failed = [start(failing, { id: "k" }), answer("w,0,0", { message: "no" }, { status: "error" })];

    expect(closes(play(failing, failed))).toEqual([]);
    expect(closes(play(failing, [...failed, signal(ask, { late: 1 })]))).toEqual(end("resolved", { late: 1 }));
  });

  test("a job whose bookkeeping was stored before there were items goes on", () => {
    const before = play(plan, [open]).job;
    if (before === null) throw new Error("there is no job");
    const stored = JSON.parse(JSON.stringify(encodeControl(before.control)).replace(/,"escalation":"k"/, ""));
    const from = { ...before, control: decodeControl(stored) };

    expect(from.control.open.get(ask)?.escalation).toBeNull();
    expect(closes(play(plan, [signal(ask)], { from }))).toEqual([]);
  });

  test("a stored job knows the key of its item", () => {
    const { control } = play(plan, [open]).job ?? {};
    if (control === undefined) throw new Error("there is no job");

    expect(decodeControl(encodeControl(control)).open.get(ask)?.escalation).toBe("k");
  });
});

describe("a key", () => {
  test("every new wait of a loop opens an item of its own, in the decision that closes the one before", () => {
    const loop = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        again: { type: hook, cycle: true }
        ask: { type: hook, escalation: { role: r } }
        back: { type: cycle, ancestor: again }
      transitions: { start: [ { to: again } ], again: [ { to: ask } ], ask: [ { to: back } ] }
      hooks: { go: [ ${byId} ] }
    `);
    const first = pathsOf(play(loop, [start(loop, { id: "k" })]));
    const second = play(loop, [start(loop, { id: "k" }), signal(first[0] ?? "", { n: 1 })]);

    expect(closes(second)).toEqual([{ key: "k", wait: waitAt(first[0] ?? ""), status: "resolved", payload: { n: 1 } }]);
    expect(items(second).map(({ key, wait }) => [key, wait])).toEqual([["k", waitAt(pathsOf(second)[0] ?? "")]]);
    expect(pathsOf(second)).not.toEqual(first);
  });

  test("a pending one makes the hook fail with 409: nothing is parked, and the error is routed like any other", () => {
    const plan = asking("{ role: r }", { hook: ", sleep: 60" });

    const decision = play(plan, [start(plan, { id: "k" })], { pendingItem: () => "somebody's" });

    expect([items(decision), opened(decision), sent(decision)]).toEqual([[], [], []]);
    expect(errorOf(decision)).toEqual({
      message: "a work item with the key k is still pending in app shop",
      code: 409,
    });
    expect(decision.job?.record.data).toEqual({ why: expect.any(String) });
    expect(decision.job?.record.phase).toBe("completed");
  });

  test("two waits of one decision cannot both have it", () => {
    const both = planOf(`
    - subscribes: t
      activities:
        start: { type: trigger }
        ask: { type: hook, escalation: { role: r } }
        other: { type: hook, escalation: { role: r } }
      transitions: { start: [ { to: ask }, { to: other } ] }
      hooks: { go: [ ${byId}, ${byId.replace("ask", "other")} ] }
    `);

    const decision = play(both, [start(both, { id: "k" })]);

    expect(items(decision).map(({ wait }) => wait)).toEqual([waitAt(ask)]);
    expect(decision.job?.record).toMatchObject({ phase: "failed", status: 1, failure: { code: 409 } });
  });

  test("one that was not read is wanted, and is not when it was", () => {
    const plan = asking("{ role: r }");
    const open = start(plan, { id: "k" });

    expect(play(plan, [open], { pendingItem: () => undefined }).wanted.escalations).toEqual(["k"]);
    expect(play(plan, [open], { pendingItem: () => null }).wanted).toEqual({ passes: [], ranges: [] });
  });

  test("a hook without an item asks for no key", () => {
    const plan = asking("{}");
    const pendingItem = () => {
      throw new Error("nobody needs to know");
    };

    const decision = play(plan, [start(plan, { id: "k" }), signal(ask)], { pendingItem });

    expect(decision.wanted).toEqual({ passes: [], ranges: [] });
  });
});

test("what an escalation mentions is read before the job is decided", () => {
  const plan = asking("{ metadata: '{start.output.data}' }", { rules: byId.replace("{start.output.data.id}", "x") });

  expect(planIndex(plan).activity("ask")?.mentions).toContain("start");
});

function pathsOf(decision: Decision): readonly PathText[] {
  return [...(decision.job?.control.open.keys() ?? [])];
}
