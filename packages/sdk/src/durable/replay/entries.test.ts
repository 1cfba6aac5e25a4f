import { expect, test } from "vitest";
import { DurableFatalError } from "../errors.js";
import { Engine, returned } from "./engine.suite.js";
import { longHistory } from "./enter-function.js";
import { proxyActivities } from "./proxy-activities.js";
import { storedObject } from "./stored-object.js";
import { workflowFunctions as workflow } from "./workflow-functions.js";

const { charge, ship, fail } = proxyActivities<Record<"charge" | "ship" | "fail", (given?: unknown) => unknown>>();
const fatal = { $error: { message: "refused", stack: "Error: refused\n    at card", code: 598 } };

function withResolver<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

test.each([0, 1, 2, 5])("%i operations in a row take one entry more", async (length) => {
  const engine = new Engine(async () => {
    let total = 0;
    for (let index = 0; index < length; index += 1) total += Number(await charge(index));
    return total;
  });

  const end = await engine.run(() => ({ data: 2 }));

  expect([end, engine.entries]).toEqual([returned(2 * length), length + 1]);
});

test("operations of one tick are requested together, and results come in the order of the arguments", async () => {
  const engine = new Engine(async () =>
    workflow.all(charge(1), workflow.sleep("5s"), workflow.condition("paid"), workflow.startChild(child)),
  );
  const child = { workflowName: "pack", taskQueue: "packers", workflowId: "p1", args: [] };

  await engine.enter();
  const asked = engine.open.map(({ n, kind, name }) => ({ n, kind, name }));
  engine.settle("pack", { data: "p1" });
  engine.settle("paid", { data: { data: "yes" } });
  engine.settle("", {});
  engine.settle("charge", { data: "c1" });
  const end = await engine.enter();

  expect(asked).toEqual([
    { n: 1, kind: "proxy", name: "charge" },
    { n: 2, kind: "sleep", name: "" },
    { n: 3, kind: "wait", name: "paid" },
    { n: 4, kind: "start", name: "pack" },
  ]);
  expect(end).toEqual(returned(["c1", 5, "yes", "p1"]));
});

test("a branch goes on when its own outcome is there", async () => {
  const slow = async () => charge("slow");
  const quick = async () => ship(await workflow.condition("paid"));
  const engine = new Engine(() => Promise.all([slow(), quick()]));

  await engine.enter();
  engine.settle("paid", { data: { data: 7 } });
  await engine.enter();

  expect(engine.open.map(({ n, name }) => [n, name])).toEqual([
    [1, "charge"],
    [3, "ship"],
  ]);
});

test("a race is over with the first outcome, any with the first success", async () => {
  const race = new Engine(() => Promise.race([charge(), ship()]));
  const any = new Engine(() => Promise.any([charge(), ship()]));

  await race.enter();
  race.settle("ship", { data: "s" });
  await any.enter();
  any.settle("charge", fatal);
  const waits = await any.enter();
  any.settle("ship", { data: "s" });

  expect([await race.enter(), waits, await any.enter()]).toEqual([returned("s"), undefined, returned("s")]);
});

test("a failing part does not stop the others", async () => {
  const engine = new Engine(async () => {
    const settled = await Promise.allSettled([fail(), charge()]);
    return settled.map((part) => (part.status === "fulfilled" ? part.value : String(part.reason)));
  });

  await engine.enter();
  engine.settle("fail", fatal);
  engine.settle("charge", { data: 1 });

  expect(await engine.enter()).toEqual(returned(["DurableFatalError: refused", 1]));
});

test("neither catch nor finally runs while a function waits", async () => {
  const ran: string[] = [];
  const engine = new Engine(async () => {
    try {
      return await charge();
    } catch {
      ran.push("catch");
      return "caught";
    } finally {
      ran.push("finally");
    }
  });

  const first = await engine.enter();
  const before = [...ran];
  engine.settle("charge", { data: "c" });

  expect([first, before, await engine.enter(), ran]).toEqual([undefined, [], returned("c"), ["finally"]]);
});

test("what a function awaits besides is waited for, as long as no operation is open", async () => {
  const { promise, resolve } = withResolver<string>();
  const engine = new Engine(async () => charge(await promise));

  const entered = engine.enter();
  resolve("late");
  await entered;

  expect(engine.open.map(({ request }) => request.input)).toEqual([["late"]]);
});

test("an operation that nobody awaits harms nothing when it fails", async () => {
  const engine = new Engine(async () => {
    void fail();
    return charge();
  });

  await engine.enter();
  engine.settle("fail", fatal);
  engine.settle("charge", { data: 1 });

  expect(await engine.enter()).toEqual(returned(1));
});

test.each([[undefined], [""], [null], [0], [false], [[]], [{}], ["2020-01-01T00:00:00.000Z"]])(
  "%j goes through an activity and comes back as a result as it is",
  async (value) => {
    const engine = new Engine(async (given: unknown) => charge(given), {
      arguments: value === undefined ? [] : [value],
    });

    await engine.enter();
    const asked = engine.open[0]?.request.input;
    engine.settle("charge", value === undefined ? {} : { data: value });

    expect([asked, await engine.enter()]).toEqual([value === undefined ? [] : [value], returned(value)]);
  },
);

test("dates become texts, undefined members vanish, undefined arguments before others are null", async () => {
  const engine = new Engine(async () => {
    await workflow.all(proxyActivities().charge?.(undefined, new Date(0), { a: undefined, b: 1 }, undefined));
  });

  await engine.enter();

  expect(engine.open[0]?.request.input).toEqual([null, "1970-01-01T00:00:00.000Z", { b: 1 }]);
});

test("an ordinary error is thrown to be tried again, after what was asked for has been stored", async () => {
  const engine = new Engine(async () => {
    await workflow.signal("begun", 1);
    void charge();
    throw new TypeError("broken");
  });

  const first = await engine.enter();

  expect([first, engine.answers[0]?.seen, engine.effects.length]).toEqual([undefined, -1, 1]);
  await expect(engine.enter()).rejects.toThrow(new TypeError("broken"));
  expect(engine.entries).toBe(1);
});

test.each([
  ["DurableFatalError", new DurableFatalError("no"), 598],
  ["an error of another copy with its code", Object.assign(new Error("no"), { code: 597 }), 597],
  ["a plain value with its code", { message: "no", code: 596 }, 596],
])("%s ends the function for good, and what it asked for is done", async (_, error, code) => {
  const engine = new Engine(async () => {
    await workflow.signal("begun");
    throw error;
  });

  const end = await engine.enter();

  expect(end).toMatchObject({ kind: "failed", error: { message: "no", code } });
  expect(engine.effects).toHaveLength(1);
});

test("an error with a code of its own is tried again", async () => {
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  const engine = new Engine(async () => {
    throw refused;
  });

  await expect(engine.enter()).rejects.toBe(refused);
});

test("what a function does after its entry is over counts for nothing", async () => {
  const { promise, resolve } = withResolver<void>();
  const after: string[] = [];
  const engine = new Engine(() =>
    Promise.all([
      charge(),
      promise.then(() => {
        after.push("ran");
        return Promise.all([ship(), workflow.signal("late")]);
      }),
    ]),
  );

  await engine.enter();
  resolve();
  await expect.poll(() => after).toEqual(["ran"]);

  expect([engine.open.length, engine.effects, engine.answers[0]?.requests.length]).toEqual([1, [], 1]);
});

test("an entry whose lease is gone is given up", async () => {
  const lost = new AbortController();
  const engine = new Engine(() => new Promise(() => {}), { signal: lost.signal });

  const entered = engine.enter();
  lost.abort(new Error("lease lost"));

  await expect(entered).rejects.toThrow("lease lost");
});

test("calls on one object are counted by themselves", async () => {
  const engine = new Engine(async () => {
    const data = storedObject("search");
    const paid = await data.operate("set", 1);
    return [
      paid,
      ...(await Promise.all([data.operate("get", 2), charge()])),
      await storedObject("entity").operate("get"),
    ];
  });

  const end = await engine.run(() => ({ data: "c" }));

  expect(end).toEqual(returned([1, 2, "c", null]));
  expect(engine.records.map(({ kind, n, place, record }) => [kind, n, place, record.name, record.seq])).toEqual([
    ["search", 1, 1, "set", 1],
    ["search", 1, 2, "get", 2],
    ["proxy", 2, undefined, "charge", 3],
    ["entity", 3, 1, "get", 4],
  ]);
});

test("a long history is replayed whole, with a warning past its length", async () => {
  const count = longHistory + 1;
  const engine = new Engine(async () => {
    const all = await Promise.all(Array.from({ length: count }, () => workflow.signal("tick")));
    return all.length;
  });

  await engine.enter();
  const quiet = engine.warnings.length;
  const end = await engine.enter();

  expect([end, quiet, engine.answers[1]?.requests]).toEqual([returned(count), 0, []]);
  expect(engine.warnings).toEqual([
    `function order in job order-1 has ${count} records, and every entry goes through all of them; ` +
      "continueAsNew begins a new history",
  ]);
});

test("outside of workflow functions every call says so", async () => {
  expect(() => workflow.workflowInfo()).toThrow("workflowInfo is to be called inside a workflow function");
  expect(() => workflow.random()).toThrow("random is to be called inside a workflow function");
  await expect(charge()).rejects.toThrow("charge is to be called inside a workflow function");
  await expect(workflow.sleep(1)).rejects.toMatchObject({ kind: "no-workflow", code: 400 });
});
