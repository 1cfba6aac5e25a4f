import { expect, test } from "vitest";
import { Engine, returned } from "./engine.suite.js";
import type { ReplayCheck, WorkflowFunction } from "./enter-options.js";
import { proxyActivities } from "./proxy-activities.js";
import { storedObject } from "./stored-object.js";
import { workflowFunctions as workflow } from "./workflow-functions.js";

const { charge, ship } = proxyActivities<Record<"charge" | "ship", (given?: unknown) => string>>();

/** An entry of new code, in a job that has gone through the first of two activities by old code. */
async function replaced(fn: WorkflowFunction, replayCheck?: ReplayCheck) {
  const engine = new Engine(async () => [await charge(1), await ship(2)], {
    ...(replayCheck !== undefined && { replayCheck }),
    patienceMs: 10,
  });
  await engine.enter();
  engine.settle("charge", { data: "c" });
  await engine.enter();
  engine.deploy(fn);
  return engine;
}

const at = (position: number | string) => `position ${position} of function order in job order-1`;
const advice = "restore the code, or guard the change with patched()";

test.each([
  ["another activity", () => ship(1), `${at(1)}: the history has proxy "charge", the code asks for proxy "ship"`],
  ["another kind", () => workflow.sleep(1), `${at(1)}: the history has proxy "charge", the code asks for sleep`],
  ["an effect", () => workflow.signal("s"), `${at(1)}: the history has proxy "charge", the code asks for signal "s"`],
  [
    "an object",
    () => storedObject("search").operate("get"),
    `${at("1, call 1")}: the history has proxy "charge", the code asks for search "get"`,
  ],
  [
    "another activity where one is open",
    async () => [await charge(1), await charge(2)],
    `${at(2)}: the history has proxy "ship", the code asks for proxy "charge"`,
  ],
])("%s where something else is recorded is an error that names both", async (_, fn, message) => {
  const engine = await replaced(fn);

  await expect(engine.enter()).rejects.toMatchObject({ kind: "replay-mismatch", message: `${message}; ${advice}` });
});

test("code cannot swallow the error, and goes on when it is restored", async () => {
  const engine = await replaced(() => ship(1).catch(() => "swallowed"));

  await expect(engine.enter()).rejects.toMatchObject({ kind: "replay-mismatch" });
  engine.deploy(async () => [await charge(1), await ship(2)]);
  const end = await engine.run(() => ({ data: "s" }));

  expect(end).toEqual(returned(["c", "s"]));
});

test("other arguments are warned of, and are an error when the check is strict", async () => {
  const fn = async () => [await charge("now"), await ship(2)];
  const [usual, strict, off] = [await replaced(fn), await replaced(fn, "strict"), await replaced(fn, "off")];
  const message = `${at(1)}: proxy "charge" was recorded with other arguments than it is asked for with now`;

  await usual.enter();
  await off.enter();

  await expect(strict.enter()).rejects.toMatchObject({ kind: "replay-mismatch", message: `${message}; ${advice}` });
  expect([usual.warnings, off.warnings]).toEqual([[message], []]);
});

test("with the check off another name gets what is recorded, and another kind is asked for anew", async () => {
  const name = await replaced(async () => [await ship(1), await charge(2)], "off");
  const kind = await replaced(async () => [await workflow.sleep(1_000), await ship(2)], "off");

  await name.enter();
  await kind.enter();

  expect(name.answers.at(-1)?.requests).toEqual([]);
  expect(kind.answers.at(-1)?.requests).toMatchObject([{ kind: "sleep", n: 1 }]);
});

test("a recorded outcome that the code does not come to ask for is an error that names it", async () => {
  const engine = new Engine(() => Promise.all([workflow.condition("paid"), charge(1)]), { patienceMs: 10 });
  await engine.enter();
  engine.settle("charge", { data: "c" });
  engine.deploy(() => workflow.condition("paid"));

  await expect(engine.enter()).rejects.toMatchObject({
    kind: "replay-mismatch",
    message: `${at(2)}: the history has the outcome of proxy "charge", the code does not come to ask for it`,
  });
});

test("with the check off it is left out", async () => {
  const engine = new Engine(() => Promise.all([workflow.condition("paid"), charge(1)]), {
    patienceMs: 10,
    replayCheck: "off",
  });
  await engine.enter();
  engine.settle("charge", { data: "c" });
  engine.settle("paid", { data: { data: "p" } });
  engine.deploy(() => workflow.condition("paid"));

  expect(await engine.enter()).toEqual(returned("p"));
});

test("a patch is true in a new workflow, however late it is reached", async () => {
  const engine = new Engine(async () => {
    await charge(1);
    const late = await workflow.patched("late");
    await ship(2);
    return [late, await workflow.patched("late"), await workflow.patched("last")];
  });

  const end = await engine.run(() => ({ data: "x" }));

  expect([end, engine.patches]).toEqual([returned([true, true, true]), ["late", "last"]]);
});

test("a patch is false in a workflow that was beyond it before, at every place", async () => {
  const engine = await replaced(async () => {
    const early = await workflow.patched("change");
    const both = [await charge(1), await ship(2)];
    workflow.deprecatePatch("change");
    return [early, await workflow.patched("change"), await workflow.patched("other"), both];
  });

  const end = await engine.run(() => ({ data: "s" }));

  expect([end, engine.patches]).toEqual([returned([false, false, true, ["c", "s"]]), ["other"]]);
});

test("a marked patch is true beside what is recorded later", async () => {
  const engine = new Engine(async () => ((await workflow.patched("change")) ? charge(1) : ship(1)));

  const end = await engine.run(() => ({ data: "new" }));

  expect(end).toEqual(returned("new"));
});
