import { expect, test } from "vitest";
import { CancelledFailure, DurableFatalError, DurableSleepError } from "../errors.js";
import { Engine, returned } from "./engine.suite.js";
import { proxyActivities } from "./proxy-activities.js";
import { workflowFunctions as workflow } from "./workflow-functions.js";

const { charge, refund } = proxyActivities<Record<"charge" | "refund", () => string>>({
  retry: { throwOnError: false },
});
const failed = { kind: "failed", error: { code: 598, message: "Workflow cancelled", name: "CancelledFailure" } };

test.each([
  ["an activity", "proxy", () => charge()],
  ["sleep", "sleep", () => workflow.sleep("1h")],
  ["condition", "wait", () => workflow.condition("paid")],
  ["executeChild", "child", () => workflow.executeChild({ workflowName: "pack", args: [] })],
  ["startChild", "start", () => workflow.startChild({ workflowName: "pack", args: [] })],
])("%s meets the cancellation of its workflow, which is recorded", async (_, kind, call) => {
  const engine = new Engine(async () => {
    await workflow.sleep(1);
    return call();
  });
  await engine.enter();
  engine.settle("");
  engine.cancel();

  const ends = [await engine.enter(), await engine.enter()];

  expect(ends).toMatchObject([failed, failed]);
  expect(engine.answers.at(-2)?.requests).toMatchObject([{ kind, n: 2, cancelled: true }]);
  expect(engine.answers.at(-1)?.requests).toEqual([]);
});

test("a wait that is open ends with the cancellation, an activity that is open may end by itself", async () => {
  const engine = new Engine(async () => {
    const [slept, charged] = await Promise.allSettled([workflow.sleep("1h"), charge()]);
    return [workflow.isCancellation(slept.status === "rejected" ? slept.reason : null), charged];
  });
  await engine.enter();

  engine.cancel();
  const waits = await engine.enter();
  engine.settle("charge", { data: "c" });

  expect([waits, await engine.enter()]).toEqual([undefined, returned([true, { status: "fulfilled", value: "c" }])]);
});

test("clean-up is not cancelled", async () => {
  const engine = new Engine(async () => {
    try {
      return await workflow.sleep("1h");
    } catch (error) {
      if (!workflow.isCancellation(error)) throw error;
      return workflow.CancellationScope.nonCancellable(async () => [await refund(), await workflow.condition("sure")]);
    }
  });
  await engine.enter();
  engine.cancel();

  const end = await engine.run(({ kind }) => (kind === "wait" ? { data: { data: "s" } } : { data: "r" }));

  expect(end).toEqual(returned(["r", "s"]));
  expect(engine.answers.flatMap(({ requests }) => requests)).toMatchObject([
    { kind: "sleep" },
    { kind: "proxy", shielded: true },
    { kind: "wait", shielded: true },
  ]);
});

test("effects, and waits for nothing, do not meet a cancellation", async () => {
  const engine = new Engine(async () => {
    await workflow.signal("a");
    await workflow.sleep(0);
    return "done";
  });
  engine.cancel();

  expect(await engine.enter()).toEqual(returned("done"));
});

test("a function continues as new with new arguments and counts from the beginning", async () => {
  const engine = new Engine(
    async (batch: number, sum: number) => {
      const next = sum + Number(await charge());
      await workflow.signal(`batch ${batch}`);
      if (batch < 3) await workflow.continueAsNew(batch + 1, next);
      return [next, workflow.workflowInfo().counter];
    },
    { arguments: [1, 0] },
  );

  const end = await engine.run(() => ({ data: 10 }));

  expect([end, engine.turn]).toEqual([returned([30, 2]), 2]);
  expect(engine.effects.map(({ n, name }) => [n, name])).toEqual([
    [2, "batch 1"],
    [2, "batch 2"],
    [2, "batch 3"],
  ]);
});

test("a cancelled function does not continue as new", async () => {
  const engine = new Engine(() => workflow.continueAsNew());
  engine.cancel();

  expect([await engine.enter(), engine.turn]).toMatchObject([failed, 0]);
});

test("errors that speak to the library are told from others", () => {
  const errors = [
    new CancelledFailure(),
    new DurableFatalError("no"),
    new DurableSleepError(),
    new Error("x"),
    "x",
    null,
  ];

  expect(errors.map(workflow.didInterrupt)).toEqual([true, true, true, false, false, false]);
  expect(errors.map(workflow.isCancellation)).toEqual([true, false, false, false, false, false]);
});
