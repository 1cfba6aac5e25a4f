import { afterEach, expect, test, vi } from "vitest";
import { activityNamed, clearActivities } from "../activity-registry.js";
import { Engine, returned } from "./engine.suite.js";
import type { WorkflowFunction } from "./enter-options.js";
import { proxyActivities } from "./proxy-activities.js";
import { workflowFunctions as workflow } from "./workflow-functions.js";

afterEach(clearActivities);

/** What a function asks for in its first entry. */
async function asked(fn: WorkflowFunction, options: ConstructorParameters<typeof Engine>[1] = {}) {
  const engine = new Engine(fn, options);
  await engine.enter();
  return engine.answers[0]?.requests ?? [];
}

const hash = expect.any(String);
const usual = {
  maximumAttempts: 6,
  backoffCoefficient: 10,
  initialIntervalSeconds: 1,
  maximumIntervalSeconds: 120,
};

test("a proxy has every name but then, and registers what it is given", async () => {
  const activities = { default: function greet() {}, other: () => {} };

  const proxy = proxyActivities({ activities });

  expect([typeof proxy["greet"], typeof proxy["anything"], proxy["then"], await proxy]).toEqual([
    "function",
    "function",
    undefined,
    proxy,
  ]);
  expect([activityNamed("greet"), activityNamed("other")]).toEqual([activities.default, activities.other]);
});

test("a second activity of a name is registered under its key", () => {
  const first = { greet: function greet() {} };
  const second = { salute: function greet() {} };

  proxyActivities({ activities: first });
  proxyActivities({ activities: first });
  proxyActivities({ activities: second });

  expect([activityNamed("greet"), activityNamed("salute")]).toEqual([first.greet, second.salute]);
});

test("a call of an activity says all that its worker has to know", async () => {
  const { greet } = proxyActivities<{ greet(name: string): string }>({
    taskQueue: "greeters",
    startToCloseTimeout: "30s",
    headers: { tenant: "t1" },
    retry: { maximumAttempts: 2, initialInterval: "5 seconds" },
  });

  const requests = await asked(() => greet("Ada"), { body: { dimension: ",0,1" } });

  expect(requests).toEqual([
    {
      kind: "proxy",
      n: 1,
      name: "greet",
      hash,
      input: ["Ada"],
      topic: "greeters-activity",
      policy: { ...usual, maximumAttempts: 3, initialIntervalSeconds: 5 },
      body: {
        activityName: "greet",
        arguments: ["Ada"],
        workflowId: "-order-1-$greet,0,1-1",
        workflowTopic: "greeters-activity",
        headers: { tenant: "t1" },
        timeoutMs: 30_000,
      },
    },
  ]);
});

const policy = { maximumAttempts: 4, backoffCoefficient: 2, initialIntervalSeconds: 3, maximumIntervalSeconds: 9 };

test.each([
  ["five retries, where nobody says anything", {}, undefined, usual],
  ["those of its worker", { workerPolicy: policy }, undefined, policy],
  ["those of its workflow", { workerPolicy: usual, body: { policy } }, undefined, policy],
  ["its own, and those of its workflow for the rest", { body: { policy } }, 0, { ...policy, maximumAttempts: 1 }],
] as const)("an activity is tried again by %s", async (...[, options, maximumAttempts, expected]) => {
  const retry = maximumAttempts === undefined ? {} : { maximumAttempts };
  const { greet } = proxyActivities<{ greet(): void }>({ retry });

  const [request] = await asked(() => greet(), options);

  expect(request).toMatchObject({ policy: expected });
});

test.each([
  [598, "DurableFatalError"],
  [597, "DurableMaxedError"],
  [596, "DurableTimeoutError"],
  [500, "DurableFatalError"],
])("a failure of an activity with code %i is a %s with its message and stack", async (code, name) => {
  const { greet } = proxyActivities<{ greet(): void }>();
  const engine = new Engine(() =>
    greet().catch(({ name: thrown, message, stack }: Error) => ({ thrown, message, stack })),
  );

  const end = await engine.run(() => ({ $error: { message: "no", stack: "at home", code } }));

  expect(end).toEqual(returned({ thrown: name, message: "no", stack: "at home" }));
});

test("with throwOnError false a failure is a value", async () => {
  const { greet } = proxyActivities<{ greet(): void }>({ retry: { throwOnError: false } });
  const error = { message: "no", stack: "at home", code: 596 };

  const end = await new Engine(() => greet()).run(() => ({ $error: error }));

  expect(end).toEqual(returned(error));
});

test("what JSON cannot say is refused", async () => {
  const { greet } = proxyActivities<{ greet(given: unknown): void }>();

  await expect(new Engine(() => greet(1n)).enter()).rejects.toThrow(
    "an argument of activity greet must be what JSON can say",
  );
});

test.each([
  ["a number of milliseconds", 1_500, 1_500, 1.5],
  ["a duration", "2 minutes", 120_000, 120],
  ["a fraction", "0.3s", 300, 0.3],
])("%s is slept through, and the result is in seconds", async (...[, duration, ms, seconds]) => {
  const engine = new Engine(() => workflow.sleep(duration));

  await engine.enter();
  const [open] = engine.open;
  const end = await engine.run();

  expect([open?.request, end]).toMatchObject([{ kind: "sleep", ms }, returned(seconds)]);
});

test.each([[0], [-5], ["0s"], ["soon"], ["-5s"], [Number.NaN]])("sleep of %j passes at once", async (duration) => {
  const engine = new Engine(async () => [await workflow.sleep(duration), workflow.workflowInfo().counter]);

  expect([await engine.enter(), engine.records]).toEqual([returned([0, 1]), []]);
});

test.each([
  ["the data of its signal", { data: { data: { a: 1 } } }, { a: 1 }],
  ["null for nothing signalled", { data: { data: null } }, null],
  ["false when the timeout came first", { data: false }, false],
  ["null when its work item was cancelled", { data: null }, null],
])("a condition is %s", async (_, outcome, expected) => {
  const engine = new Engine(() => workflow.condition("paid", "1h"));

  await engine.enter();
  const [open] = engine.open;
  const end = await engine.run(() => outcome);

  expect([open?.request, end]).toMatchObject([{ signalId: "paid", timeoutMs: 3_600_000 }, returned(expected)]);
});

test("a condition with a config opens a work item of its workflow", async () => {
  const config = { role: "clerk", metadata: { a: 1 }, expiresAt: new Date(0), timeout: "1s", taskQueue: "x" };

  const requests = await asked(() => workflow.waitFor("paid", config));

  const escalation = {
    role: "clerk",
    metadata: { a: 1 },
    expiresAt: "1970-01-01T00:00:00.000Z",
    taskQueue: "orders",
    workflowType: "order",
  };
  expect(requests).toEqual([
    { kind: "wait", n: 1, name: "paid", hash, input: ["paid"], signalId: "paid", timeoutMs: 1_000, escalation },
  ]);
});

test("a timeout that is no duration is refused, and nothing at all is no timeout", async () => {
  await expect(new Engine(() => workflow.condition("paid", "soon")).enter()).rejects.toThrow(
    'a timeout is "soon"; expected a duration',
  );
  expect(await asked(() => workflow.condition("paid"))).toMatchObject([{ timeoutMs: null }]);
});

test("a child is asked for with all that starts it", async () => {
  const options = {
    workflowName: "pack",
    taskQueue: "packers",
    workflowId: "p1",
    entity: "parcel",
    args: [1, undefined],
    search: { data: { size: "3" } },
    config: { maximumAttempts: 1 },
    expire: 60,
    signalIn: false,
  };

  const requests = await asked(() => workflow.executeChild(options));

  const payload = {
    workflowId: "p1",
    workflowName: "pack",
    taskQueue: "packers",
    arguments: [1],
    policy: { maximumAttempts: 2, backoffCoefficient: 5, initialIntervalSeconds: 1, maximumIntervalSeconds: 120 },
    expire: 60,
    signalIn: false,
  };
  expect(requests).toEqual([
    { kind: "child", n: 1, name: "pack", hash, input: [1], payload, entity: "parcel", fields: { _size: "3" } },
  ]);
});

test("queue and expiry of a child are those of its parent, its id is drawn and stays the same", async () => {
  const fn = () => workflow.startChild({ workflowName: "pack", args: [] });

  const [once] = await asked(fn, { body: { expire: 9 } });
  const [again] = await asked(fn, { body: { expire: 9 } });
  const [elsewhere] = await asked(fn, { body: { expire: 9 }, jobId: "order-2" });

  expect(once).toEqual(again);
  expect(once).toMatchObject({
    kind: "start",
    payload: { taskQueue: "orders", expire: 9, policy: null, workflowId: expect.stringMatching(/^-pack-H.{22}--1$/) },
  });
  expect(elsewhere).not.toEqual(once);
});

test("an entity stands for name and queue of a child", async () => {
  const [request] = await asked(() => workflow.executeChild({ entity: "parcel", args: [], await: false }));

  const workflowId = expect.stringMatching(/^parcel-H.{22}--1$/);
  expect(request).toMatchObject({
    kind: "start",
    entity: "parcel",
    payload: { workflowName: "parcel", taskQueue: "parcel", workflowId },
  });
});

test.each([
  [598, undefined, "DurableFatalError"],
  [597, undefined, "DurableMaxedError"],
  [596, undefined, "DurableTimeoutError"],
  [500, "TypeError", "DurableRetryError"],
  [409, "DuplicateJobError", "DuplicateJobError"],
])("a failure of a child with code %i and name %s is a %s", async (code, name, expected) => {
  const engine = new Engine(() =>
    workflow.execChild({ workflowName: "pack", args: [] }).catch((error: Error) => [error.name, error.message]),
  );

  const message = "Duplicate job: p1";
  const end = await engine.run(() => ({ $error: { message, code, ...(name !== undefined && { name }) } }));

  expect(end).toEqual(returned([expected, message]));
});

test("a child whose id is taken is asked for anew when a later try has another id", async () => {
  let id = "p1";
  const engine = new Engine(() => workflow.executeChild({ workflowName: "pack", workflowId: id, args: [] }), {
    replayCheck: "strict",
  });

  await engine.enter();
  engine.settle("pack", { $error: { message: "Duplicate job: p1", code: 409, name: "DuplicateJobError" } });
  await expect(engine.enter()).rejects.toMatchObject({ name: "DuplicateJobError", jobId: "p1" });
  id = "p2";
  const end = await engine.run(() => ({ data: "packed" }));

  expect([end, engine.answers.at(-1)?.seen]).toEqual([returned("packed"), 2]);
});

test("what is drawn is the same in every entry, and differs between workflows", async () => {
  const fn = async () => [workflow.random(), workflow.uuid4(), workflow.random(), workflow.workflowInfo().counter];
  const sine = (n: number) => Math.sin(n) * 10_000 - Math.floor(Math.sin(n) * 10_000);

  const once = await new Engine(fn).enter();
  const again = await new Engine(fn).enter();
  const other = await new Engine(fn, { jobId: "order-2" }).enter();

  const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(once).toEqual(returned([sine(1), uuid, sine(18), 18]));
  expect(again).toEqual(once);
  expect(other).not.toEqual(once);
});

test("a function knows where it runs", async () => {
  const hotMesh = { guid: "e1" } as never;
  const fn = async () => {
    const { workflowId, workflowTopic, taskQueue, namespace, workflowDimension, originJobId, counter, replay } =
      workflow.workflowInfo();
    return {
      ...{ workflowId, workflowTopic, taskQueue, namespace, workflowDimension, originJobId, counter, replay },
      guid: workflow.getHotMesh().guid,
    };
  };

  const end = await new Engine(fn, { hotMesh, body: { dimension: ",0,1", originJobId: "root" } }).enter();

  expect(end).toEqual(
    returned({
      workflowId: "order-1",
      workflowTopic: "orders-order",
      taskQueue: "orders",
      namespace: "durable",
      workflowDimension: ",0,1",
      originJobId: "root",
      counter: 0,
      replay: false,
      guid: "e1",
    }),
  );
});

test("didRun tells what is recorded at its position, and a side effect is allowed once", async () => {
  const ran = vi.fn();
  const engine = new Engine(async () => {
    if (await workflow.isSideEffectAllowed(null, "mail")) ran();
    const [did, index] = await workflow.didRun("sleep");
    await workflow.sleep(1);
    return [did, index];
  });

  const end = await engine.run();

  expect([end, ran.mock.calls.length]).toEqual([returned([false, 2]), 1]);
});
