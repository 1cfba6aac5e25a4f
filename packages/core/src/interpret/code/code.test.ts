import { expect, test } from "vitest";
import { asked, FunctionHost } from "./function-host.suite.js";

const main = ",0,0";

test("a start asks a worker of its queue to enter the function with its arguments", async () => {
  const host = await FunctionHost.open();

  await host.start("pot");

  const { lease, body } = await host.entry();
  expect(lease).toMatchObject({ topic: "kiln", workflow: "fire", job: "pot", path: `main${main}` });
  expect(body).toMatchObject({ arguments: ["pot"], recorded: 0, open: [], dimension: "", at: `${main},0`, turn: 0 });
  expect(await host.end("pot")).toMatchObject({ phase: "running", data: null });
});

test("a function that returns ends its job, with what it left undone", async () => {
  const host = await FunctionHost.open();
  await host.start("pot");
  const requests = [asked(1, "sleep", { ms: 60_000 }), asked(2, "wait", { signalId: "lid", timeoutMs: null })];
  await host.answer(await host.entry(), { requests });
  await host.signal("lid", "off");
  await host.answer(await host.entry(), { seen: 1, end: { kind: "returned", value: { cone: 6 } } });

  expect(await host.end("pot")).toEqual({
    ...{ phase: "completed", status: 0, failure: null },
    data: { done: true, response: { cone: 6 } },
  });
  expect(await host.left()).toBe(0);
});

test("undefined is no response", async () => {
  const host = await FunctionHost.open();
  await host.start("pot", { signalIn: false });
  await host.answer(await host.entry(), { end: { kind: "returned" } });

  expect(await host.end("pot")).toMatchObject({ phase: "completed", data: { done: true } });
});

test("each outcome is recorded as it comes, and asks for one entry", async () => {
  const host = await FunctionHost.open();
  await host.start("pot");
  await host.answer(await host.entry(), {
    requests: [asked(1, "sleep", { ms: 3_000 }), asked(2, "sleep", { ms: 1_000 })],
  });
  expect(await host.take()).toEqual([]);

  await host.advance(1_000);
  const { body } = await host.entry();
  expect(body).toMatchObject({ recorded: 1, open: [{ n: 1, kind: "sleep", name: "sleep" }] });
  expect(body.arguments).toBeUndefined();
  expect(await host.records("pot", body.at)).toMatchObject({ "sleep,2": { seq: 1 } });
});

test("outcomes that come while the function runs are seen by the next entry, of which there is one", async () => {
  const host = await FunctionHost.open();
  await host.start("pot");
  const sleeps = [1, 2, 3].map((n) => asked(n, "sleep", { ms: n * 1_000 }));
  await host.answer(await host.entry(), { requests: sleeps });
  await host.advance(1_000);
  const entry = await host.entry();
  await host.advance(1_000);
  await host.advance(1_000);
  expect(await host.take()).toEqual([]);

  await host.answer(entry, { seen: 1 });

  const next = await host.entry();
  expect(next.body).toMatchObject({ recorded: 3, open: [] });
  await host.answer(next, { seen: 3 });
  expect(await host.take()).toEqual([]);
});

test("the arguments of a turn are kept beside its records", async () => {
  const host = await FunctionHost.open();
  await host.start("pot");
  await host.answer(await host.entry(), { requests: [asked(1, "sleep", { ms: 1 })] });

  const job = await host.job("pot");
  if (job === null) throw new Error("the job is gone");
  const rows = await host.backend.store.readPasses(job.id, job.generation, { under: `${main},0` as never });
  expect(rows.map(({ activity, input }) => [activity, input])).toMatchObject([["main", { arguments: ["pot"] }]]);
});

test.each([
  ["an answer", { status: "success", code: 200, data: { value: 7 } }, { data: 7 }],
  ["nothing", { status: "success", code: 200, data: {} }, {}],
  ["an error that is not to be retried", fatal(596), { $error: { message: "too hot", code: 596 } }],
  [
    "an error that exhausted its policy",
    { status: "error", code: 500, data: { message: "too hot", stack: "there", code: 500 } },
    { $error: { message: "too hot", stack: "there", code: 598 } },
  ],
  [
    "a message that kills its workers",
    { status: "error", code: 999, data: { message: "poison", code: 999 } },
    { $error: { message: "poison", code: 999 } },
  ],
] as const)("an activity answers with %s", async (_, answer, recorded) => {
  const host = await FunctionHost.open();
  await host.start("pot");
  const body = { activityName: "dry", arguments: [1] };
  const policy = {
    maximumAttempts: 2,
    backoffCoefficient: 3,
    maximumIntervalSeconds: 4,
    initialIntervalSeconds: 5,
  };
  const proxy = asked(1, "proxy", { topic: "kiln-activity", body, policy, name: "dry" });
  await host.answer(await host.entry(), { requests: [proxy] });

  const [lease] = await host.take("kiln-activity");
  if (lease === undefined) throw new Error("no activity was asked for");
  expect(lease).toMatchObject({ body, policy, workflow: "dry", path: `proxy${main},0,1` });
  await host.settleLease(lease, answer);

  const { body: next } = await host.entry();
  const { "proxy,1": record } = await host.records("pot", next.at);
  expect(record).toEqual({ ...recorded, name: "dry", hash: "", seq: 1, ac: record?.ac, au: record?.au });
});

function fatal(code: number) {
  return { status: "success", code: 200, data: { $error: { message: "too hot", code } } } as const;
}

test.each([
  [{ status: "error", code: 503, data: { message: "cracked", code: 503 } }, 597],
  [{ status: "error", code: 999, data: { message: "cracked", code: 999 } }, 999],
  [{ status: "success", code: 200, data: { seen: 0, requests: [], end: failed(598) } }, 598],
  [{ status: "success", code: 200, data: { seen: 0, requests: [], end: failed(596) } }, 596],
] as const)("a function that fails for good fails its job: %j", async (answer, code) => {
  const host = await FunctionHost.open();
  await host.start("pot");
  const { lease } = await host.entry();
  await host.settleLease(lease, answer);

  expect(await host.end("pot")).toMatchObject({
    ...{ phase: "failed", status: 0, failure: { message: "cracked", code } },
    data: { done: true, $error: { message: "cracked", code } },
  });
  expect(await host.left()).toBe(0);
});

function failed(code: number) {
  return { kind: "failed", error: { message: "cracked", code } } as const;
}

test.each([
  null,
  [],
  { seen: "all", requests: [] },
  { seen: 0, requests: [{}] },
  { seen: 0, requests: [{ n: 1, kind: "rm", name: "", hash: "" }] },
  { seen: 0, requests: [{ n: -1, kind: "sleep", name: "", hash: "", ms: 1 }] },
  { seen: 0, requests: [{ n: 1, kind: "sleep", name: "", hash: "" }] },
  { seen: 0, requests: [], end: { kind: "gone" } },
])("what no entry can come to fails the job and harms nothing else: %j", async (data) => {
  const host = await FunctionHost.open();
  await host.start("pot");
  const { lease } = await host.entry();
  await host.settleLease(lease, { status: "success", code: 200, data });

  expect(await host.end("pot")).toMatchObject({ phase: "failed", failure: { code: 598 } });
});

test("a job that continues as new begins anew under its id, and forgets what it waited for", async () => {
  const host = await FunctionHost.open();
  await host.start("pot");
  await host.answer(await host.entry(), { requests: [asked(1, "sleep", { ms: 1_000 })], patches: ["glaze"] });
  await host.advance(1_000);
  const wait = asked(2, "wait", { signalId: "lid", timeoutMs: null });
  await host.answer(await host.entry(), {
    seen: 1,
    requests: [wait],
    end: { kind: "continued", arguments: ["again"] },
  });

  const next = await host.entry();
  expect(next.body).toMatchObject({ arguments: ["again"], turn: 1, recorded: 0, open: [], patches: [] });
  expect(await host.records("pot", next.body.at)).toEqual({});
  await host.answer(next, { requests: [asked(1, "wait", { signalId: "lid", timeoutMs: null })] });
  await host.signal("lid", "off");
  const { body } = await host.entry();
  expect(await host.records("pot", body.at)).toMatchObject({ "wait,1": { data: { data: "off" }, seq: 1 } });
});

test("patches that are marked are told to every entry that follows", async () => {
  const host = await FunctionHost.open();
  await host.start("pot");
  await host.answer(await host.entry(), { requests: [asked(1, "sleep", { ms: 1 })], patches: ["glaze"] });
  await host.advance(1);

  expect((await host.entry()).body.patches).toEqual(["glaze"]);
});

test("an interruption ends whatever the function waits for", async () => {
  const host = await FunctionHost.open();
  await host.start("pot");
  const proxy = asked(1, "proxy", { topic: "kiln-activity", body: {}, policy: null });
  const wait = asked(2, "wait", { signalId: "lid", timeoutMs: 5_000 });
  await host.answer(await host.entry(), { requests: [proxy, wait] });
  await host.interrupt("pot");

  expect(await host.end("pot")).toMatchObject({ phase: "interrupted", failure: { code: 410 } });
  expect(await host.left("kiln-activity")).toBe(0);
});

test("a persistent job stays open when its function has returned, and its caller has its result", async () => {
  const host = await FunctionHost.open();
  await host.start("pot", { persistent: true });
  await host.answer(await host.entry(), { end: { kind: "returned", value: 1 } });
  expect(await host.end("pot")).toMatchObject({ phase: "running", data: { done: true, response: 1 } });

  await host.hook("pot");
  const { body } = await host.entry();
  expect(body).toMatchObject({ workflowName: "glaze", dimension: ",0,1,0" });
});
