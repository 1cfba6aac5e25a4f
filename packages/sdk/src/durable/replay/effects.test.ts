import { expect, test, vi } from "vitest";
import { Engine, returned } from "./engine.suite.js";
import { workflowFunctions as workflow } from "./workflow-functions.js";

const hash = expect.any(String);
const id = expect.stringMatching(/^H.{22}$/);

test("effects are carried out once, whatever the function waits for, and none of them is waited for", async () => {
  const traced = vi.fn();
  const engine = new Engine(
    async () => {
      const first = await workflow.all(
        workflow.signal("paid", { a: 1 }, "30d"),
        workflow.emit({ "order.paid": { a: 1 }, "order.seen": undefined }),
        workflow.trace({ step: 1 }),
        workflow.terminate("order-2", { reason: "late" }),
        workflow.enrich({ a: 1, '"b"': { c: 2 } }),
        workflow.hook({ workflowName: "audit", args: [1], search: { data: { by: "x" } } }),
      );
      await workflow.sleep(1);
      await workflow.sleep(2);
      return first;
    },
    { trace: traced },
  );

  const end = await engine.run();

  expect([end, engine.entries]).toEqual([returned([id, true, true, id, true, id]), 3]);
  expect(traced.mock.calls).toEqual([[{ step: 1 }]]);
  expect(engine.effects).toEqual([
    {
      kind: "signal",
      n: 1,
      name: "paid",
      hash,
      input: { a: 1 },
      signalId: "paid",
      data: { a: 1 },
      value: id,
      expire: "30d",
    },
    {
      ...{ kind: "emit", n: 2, name: "order.paid,order.seen", hash, value: true },
      input: { "order.paid": { a: 1 }, "order.seen": null },
      events: { "order.paid": { a: 1 }, "order.seen": null },
    },
    { kind: "trace", n: 3, name: "", hash, input: { step: 1 }, attributes: { step: 1 }, value: true },
    {
      ...{ kind: "interrupt", n: 4, name: "order-2", hash, input: { reason: "late" }, value: id },
      ...{ job: "order-2", options: { reason: "late" } },
    },
    {
      ...{ kind: "enrich", n: 5, name: "", hash, value: true },
      input: { _a: "1", b: '{"c":2}' },
      fields: { _a: "1", b: '{"c":2}' },
    },
    {
      ...{ kind: "hook", n: 6, name: "audit", hash, input: [1], value: id },
      payload: {
        ...{ job: "order-1", workflowName: "audit", taskQueue: "orders", arguments: [1], policy: null },
        fields: { _by: "x" },
      },
    },
  ]);
});

test("what is not for once is repeated in every entry", async () => {
  const traced = vi.fn();
  const engine = new Engine(
    async () => {
      await workflow.emit({ tick: 1 }, { once: false });
      await workflow.trace({ a: 1 }, { once: false });
      await workflow.sleep(1);
    },
    { trace: traced },
  );

  await engine.run();

  expect([engine.effects.map(({ kind }) => kind), traced.mock.calls.length]).toEqual([["emit", "trace", "emit"], 2]);
});

test("what is repeated does not keep a failing function from being tried again", async () => {
  const engine = new Engine(async () => {
    await workflow.emit({ tick: 1 }, { once: false });
    throw new Error("broken");
  });

  await engine.enter();

  await expect(engine.enter()).rejects.toThrow("broken");
});

test("the recorded failure of an effect is thrown", async () => {
  const engine = new Engine(() =>
    workflow.hook({ workflowName: "audit", args: [] }).catch((error: Error) => error.message),
  );
  const record = { name: "audit", hash: "", seq: 0, $error: { message: "closed", code: 404 }, ac: "", au: "" };

  engine.place({ kind: "hook", n: 1, record });

  expect(await engine.enter()).toEqual(returned("closed"));
});

test("a hook that would run its own function again is refused, and the message names what to say", async () => {
  const engine = new Engine(() => workflow.hook({ args: [] }));

  const end = await engine.enter();

  expect(end).toMatchObject({
    kind: "failed",
    error: {
      code: 598,
      message: expect.stringMatching(
        /^Durable Hook Error: Potential infinite loop detected!.*`taskQueue` or `entity`$/,
      ),
    },
  });
});

test("the entity of a hook is its name, and its queue where none is given", async () => {
  const engine = new Engine(async () => {
    await workflow.hook({ entity: "parcel", workflowName: "x", args: [] });
    await workflow.hook({ entity: "parcel", taskQueue: "q", args: [] });
  });

  await engine.enter();

  expect(engine.effects).toMatchObject([
    { payload: { taskQueue: "parcel", workflowName: "parcel" } },
    { payload: { taskQueue: "q", workflowName: "parcel" } },
  ]);
});

test("execHook runs a hook with a signal of its own, and is the answer", async () => {
  const engine = new Engine(
    async () => [
      await workflow.execHook({ workflowName: "audit", args: [1] }),
      await workflow.execHook({ workflowName: "audit", args: [], signalId: "mine" }),
    ],
    { replayCheck: "strict" },
  );

  const waits: string[] = [];
  const end = await engine.run(({ name }) => {
    waits.push(name);
    return { data: { data: `answer ${waits.length}` } };
  });

  const [signal, mine] = waits;
  expect([end, signal, mine]).toEqual([returned(["answer 1", "answer 2"]), id, "mine"]);
  expect(engine.effects).toMatchObject([
    { n: 1, payload: { arguments: [1, { signal, $durable: true }] } },
    { n: 3, payload: { arguments: [{ signal: "mine", $durable: true }] } },
  ]);
  expect(engine.warnings).toEqual([]);
});

test("execHookBatch runs all hooks before it waits, and takes two counter values for each", async () => {
  const engine = new Engine(
    async () => [
      await workflow.execHookBatch([
        { key: "legal", options: { workflowName: "audit", args: [] } },
        { key: "style", options: { workflowName: "proof", args: [], signalId: "s" } },
      ]),
      workflow.workflowInfo().counter,
    ],
    { replayCheck: "strict" },
  );

  const end = await engine.run(({ name }) => ({ data: { data: name === "s" ? "good" : "legal" } }));

  expect(end).toEqual(returned([{ legal: "legal", style: "good" }, 4]));
  expect(engine.effects.map(({ n, name }) => [n, name])).toEqual([
    [1, "audit"],
    [2, "proof"],
  ]);
});
