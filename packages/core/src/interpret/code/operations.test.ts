import { expect, test } from "vitest";
import { asked, FunctionHost } from "./function-host.suite.js";

const payload = (workflowId: string) => ({
  ...{ workflowId, workflowName: "glaze", taskQueue: "shelf", arguments: [workflowId], policy: null },
});

async function waiting(...requests: readonly object[]): Promise<FunctionHost> {
  const host = await FunctionHost.open();
  await host.start("pot");
  await host.answer(await host.entry(), { requests: requests as never });
  return host;
}

async function recorded(host: FunctionHost) {
  return host.records("pot", (await host.entry()).body.at);
}

const wait = (n: number, more: object = {}) =>
  asked(n, "wait", { signalId: "lid", timeoutMs: null, ...more }) as object;

test("a signal answers a wait with its data, and nothing waits any more", async () => {
  const host = await waiting(wait(1, { timeoutMs: 5_000 }));
  await host.signal("lid", { off: true });

  expect(await recorded(host)).toMatchObject({ "wait,1": { data: { data: { off: true } } } });
  await host.advance(5_000);
  expect((await host.job("pot"))?.status).toBe(2);
});

test("a signal that comes before its wait is taken when the wait begins", async () => {
  const host = await FunctionHost.open();
  await host.start("pot");
  await host.signal("lid", "early");
  await host.answer(await host.entry(), { requests: [wait(1) as never] });

  expect(await recorded(host)).toMatchObject({ "wait,1": { data: { data: "early" } } });
});

test("of two waits for one signal each signal answers one, the one that was opened last first", async () => {
  const host = await waiting(wait(1), wait(2));
  await host.signal("lid", "first");
  await host.signal("lid", "second");

  expect(await recorded(host)).toMatchObject({
    "wait,2": { data: { data: "first" } },
    "wait,1": { data: { data: "second" } },
  });
});

test("a wait whose time runs out is false, and a signal that comes then is an early one for the next", async () => {
  const host = await waiting(wait(1, { timeoutMs: 5_000 }));
  await host.advance(4_999);
  expect(await host.take()).toEqual([]);
  await host.advance(1);
  const entry = await host.entry();
  await host.signal("lid", "late");
  await host.answer(entry, { seen: 1, requests: [wait(2) as never] });

  expect(await recorded(host)).toMatchObject({ "wait,1": { data: false }, "wait,2": { data: { data: "late" } } });
});

test("a wait with a work item opens it, and a second one with its key is an error of that wait alone", async () => {
  const host = await waiting(
    wait(1, { escalation: { role: "potter", priority: 2 } }),
    wait(2, { escalation: { role: "glazer" } }),
  );

  expect(await host.backend.store.readEscalations("lid")).toMatchObject([{ role: "potter", status: "pending" }]);
  expect(await recorded(host)).toMatchObject({ "wait,2": { $error: { message: expect.stringContaining("lid") } } });
  await host.signal("lid", "off");
  expect(await host.backend.store.readEscalations("lid")).toMatchObject([{ status: "resolved" }]);
});

test("a child is a job of its own whose response is the outcome", async () => {
  const host = await waiting(asked(1, "child", { payload: payload("lid"), entity: "part", fields: { _cone: "6" } }));
  const child = await host.entry("shelf");
  expect(child.body).toMatchObject({ arguments: ["lid"], originJobId: "pot" });
  expect(await host.job("lid")).toMatchObject({ entity: "part", fields: { _cone: "6" }, origin: "pot" });
  await host.answer(child, { end: { kind: "returned", value: [1] } });

  expect(await recorded(host)).toMatchObject({ "child,1": { data: [1], job_id: "lid" } });
});

test("a child that fails is an error with the child's code", async () => {
  const host = await waiting(asked(1, "child", { payload: payload("lid"), entity: null, fields: {} }));
  const error = { message: "cracked", code: 597 };
  await host.answer(await host.entry("shelf"), { end: { kind: "failed", error } });

  expect(await recorded(host)).toMatchObject({ "child,1": { $error: error } });
});

test("a child that is only started is answered with its id once it exists", async () => {
  const host = await waiting(asked(1, "start", { payload: payload("lid"), entity: null, fields: {} }));

  expect(await recorded(host)).toMatchObject({ "start,1": { data: "lid", job_id: "lid" } });
  await host.answer(await host.entry("shelf"), { end: { kind: "returned" } });
  expect(await host.end("pot")).toMatchObject({ phase: "running" });
});

test("a child whose id is taken is an error that says so", async () => {
  const host = await waiting(asked(1, "child", { payload: payload("pot"), entity: null, fields: {} }));

  expect(await recorded(host)).toMatchObject({ "child,1": { $error: { message: "Duplicate job: pot", code: 409 } } });
});

test("a cancelled job wakes: what it waits for fails, what cleans up does not, and activities go on", async () => {
  const host = await waiting(
    asked(1, "sleep", { ms: 60_000 }),
    asked(2, "sleep", { ms: 60_000, shielded: true }),
    asked(3, "proxy", { topic: "kiln-activity", body: {}, policy: null }),
  );
  await host.cancel("pot");

  const entry = await host.entry();
  expect(entry.body).toMatchObject({ cancelled: true, open: [{ n: 2 }, { n: 3 }] });
  expect(await host.records("pot", entry.body.at)).toMatchObject({
    "sleep,1": { $error: { name: "CancelledFailure", message: "Workflow cancelled" }, seq: 1 },
  });
  // What the function asked for before it could know.
  const late = [asked(4, "sleep", { ms: 1 }), asked(5, "sleep", { ms: 1, shielded: true })];
  await host.answer(entry, { seen: 1, requests: late });
  expect(await recorded(host)).toMatchObject({ "sleep,4": { $error: { name: "CancelledFailure" }, seq: 2 } });
});

test("the status of a cancelled job counts what is still open", async () => {
  const host = await waiting(asked(1, "sleep", { ms: 10 }), wait(2));
  expect((await host.job("pot"))?.status).toBe(4);
  await host.cancel("pot");

  expect((await host.job("pot"))?.status).toBe(2);
});

test("an operation that met the cancellation in the worker is recorded, and not waited for", async () => {
  const host = await waiting(asked(1, "sleep", { cancelled: true }), asked(2, "sleep", { ms: 1 }));
  await host.advance(1);

  expect(await recorded(host)).toMatchObject({ "sleep,1": { $error: { name: "CancelledFailure" }, seq: 0 } });
});

test("effects happen once, with the answer that brings them, and the function went on", async () => {
  const host = await FunctionHost.open();
  await host.start("lid");
  await host.answer(await host.entry(), { requests: [wait(1, { signalId: "fired" }) as never] });
  await host.start("pot");
  const { lease } = await host.entry();
  const answer = {
    requests: [
      asked(1, "signal", { signalId: "fired", data: { cone: 6 }, value: "id" }),
      asked(2, "enrich", { fields: { _cone: "6" }, value: true }),
      asked(3, "interrupt", { job: "other", options: {}, value: true }),
    ] as never[],
  };
  await host.answer({ lease }, answer);
  await host.answer({ lease }, answer);

  expect((await host.job("pot"))?.fields).toEqual({ _cone: "6" });
  const [woken, ...others] = await host.take();
  expect([woken?.job, others]).toEqual(["lid", []]);
  expect(await host.records("lid", ",0,0,0")).toMatchObject({ "wait,1": { data: { data: { cone: 6 } } } });
  expect(await host.records("pot", ",0,0,0")).toMatchObject({
    "signal,1": { seq: 0, data: "id" },
    "enrich,2": { seq: 0, data: true },
  });
});

test("a function learns of an effect that could not be carried out before it ends", async () => {
  const host = await FunctionHost.open();
  await host.start("pot", { signalIn: false });
  const hook = asked(1, "hook", { payload: { ...payload("pot"), job: "pot" }, value: "id" });
  await host.answer(await host.entry(), { requests: [hook], end: { kind: "returned" } });

  expect((await host.end("pot"))["phase"]).toBe("running");
  expect(await recorded(host)).toMatchObject({
    "hook,1": { seq: 0, $error: { message: expect.stringContaining("pot") } },
  });
});

test("what is stored with the job changes with the answer, and its result is an outcome", async () => {
  const set = { method: "set", arguments: [{ cone: "6" }], place: 1 };
  const merge = { method: "merge", arguments: [{ glaze: { hue: "ash" } }], place: 1 };
  const wrong = { method: "explode", arguments: [], place: 2 };
  const host = await waiting(asked(1, "search", set), asked(2, "entity", merge), asked(2, "entity", wrong));

  expect(await recorded(host)).toMatchObject({
    "search,1,1": { data: 1, seq: 1 },
    "entity,2,1": { data: { glaze: { hue: "ash" } }, seq: 2 },
    "entity,2,2": { $error: { message: expect.stringContaining("explode") }, seq: 3 },
  });
  expect(await host.job("pot")).toMatchObject({ fields: { _cone: "6", "@": '{"glaze":{"hue":"ash"}}' }, data: null });
});

test("a hook function runs inside of the job, beside the main one, with records of its own", async () => {
  const host = await waiting(wait(1));
  await host.hook("pot");
  await host.hook("pot", "dry");

  const leases = await host.take();
  expect(leases.map(({ body }) => body)).toMatchObject([
    { workflowName: "glaze", dimension: ",0,1,0", at: ",0,1,0,0" },
    { workflowName: "dry", dimension: ",0,2,0", at: ",0,2,0,0" },
  ]);
  const [lease] = leases;
  if (lease === undefined) throw new Error("no hook runs");
  await host.answer({ lease }, { requests: [asked(1, "sleep", { ms: 1 })] });
  await host.advance(1);
  const glaze = await host.entry();
  expect(glaze.body).toMatchObject({ at: ",0,1,0,0", recorded: 1 });
  await host.answer(glaze, { seen: 1, end: { kind: "returned" } });
  expect(await host.end("pot")).toMatchObject({ phase: "running" });
  expect(await host.records("pot", ",0,1,0,0")).toMatchObject({ "sleep,1": { seq: 1 } });
});

test("when the main function returns no hook function gets anything more done", async () => {
  const host = await FunctionHost.open();
  await host.start("pot");
  const main = await host.entry();
  await host.hook("pot");
  const glaze = await host.entry();
  await host.answer(main, { end: { kind: "returned" } });
  expect(await host.left()).toBe(0);
  await host.answer(glaze, { requests: [asked(1, "enrich", { fields: { _cone: "6" }, value: true })] });

  expect((await host.job("pot"))?.fields).toEqual({});
});

test("a hook function that fails for good fails the job", async () => {
  const host = await waiting(wait(1));
  await host.hook("pot");
  await host.answer(await host.entry(), { end: { kind: "failed", error: { message: "ran", code: 598 } } });

  expect(await host.end("pot")).toMatchObject({ phase: "failed", failure: { message: "ran" } });
});

test("a job that lets nothing in has no door", async () => {
  const host = await FunctionHost.open();
  await host.start("pot", { signalIn: false });
  expect((await host.job("pot"))?.status).toBe(1);
  await host.entry();
  await host.hook("pot");

  expect(await host.take()).toEqual([]);
});
