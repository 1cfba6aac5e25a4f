import { instant, jobId } from "@hotmesh/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { quoted } from "./schema/quoted.js";
import { openHarness, type PostgresHarness } from "./testing/harness.js";
import { activate, answer, plan, program, start, topic } from "./testing/one-worker.js";
import { postgresUrl } from "./testing/postgres-url.js";

const now = instant(1_800_000_000_000);
const handoff = { slots: new Map([[topic, 1]]), leaseMs: 30_000 };
let harness: PostgresHarness;

beforeEach(async () => {
  harness = await openHarness(postgresUrl());
  await activate(harness.backend);
});

afterEach(() => harness.close());

async function rows(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = await harness.client();
  return (await client.query(text.replaceAll("{{schema}}", quoted(harness.backend.schema)))).rows;
}

test("people see a job at work: where it is and what it waits for", async () => {
  await harness.backend.store.step({ limit: 0, events: [start("a", now)], handoff }, program);

  expect(await rows("select id, key, topic, state, status, version, is_live from {{schema}}.jobs")).toEqual([
    {
      id: "a",
      key: `hmsh:${harness.appId}:j:a`,
      topic: "pot.throw",
      state: "running",
      status: "1",
      version: plan.version,
      is_live: true,
    },
  ]);
  expect(
    await rows("select job_id, activity_id, dad, state, attempts from {{schema}}.activities where state = 'open'"),
  ).toEqual([{ job_id: "a", activity_id: "k1", dad: ",0,0", state: "open", attempts: "1" }]);
  const [request] = await rows("select * from {{schema}}.worker_streams");
  expect(request).toMatchObject({ jid: "a", aid: "k1", dad: ",0,0", msg_type: "worker", topic, priority: 1 });
  expect(request?.["message"]).toMatchObject({
    metadata: { jid: "a", aid: "k1" },
    type: "worker",
    data: { clay: "red" },
  });
  expect(request?.["reserved_at"]).toEqual(new Date(now));
});

test("people see a finished job, with the input and output of its passes", async () => {
  const { store } = harness.backend;
  const { handed } = await store.step({ limit: 0, events: [start("a", now)], handoff }, program);
  await store.step({ limit: 0, answers: handed.map((lease) => answer(lease)) }, program);

  // Until it expires, which by the server's clock it has not.
  expect(await rows("select state, status, context from {{schema}}.jobs")).toEqual([
    { state: "completed", status: "0", context: { fired: true } },
  ]);
  expect(
    await rows("select activity_id, state, input, output from {{schema}}.activities where activity_id = 'k1'"),
  ).toEqual([{ activity_id: "k1", state: "completed", input: { clay: "red" }, output: { fired: true } }]);
  expect(await rows("select * from {{schema}}.worker_streams")).toEqual([]);
});

test("people see failed attempts", async () => {
  const { store, stream } = harness.backend;
  const { handed } = await store.step({ limit: 0, events: [start("a", now)], handoff }, program);
  const failure = { message: "too hot", code: 503 };

  await stream.settle(handed.map((lease) => ({ lease, outcome: { kind: "retry", delayMs: 5_000, failure } })));

  const streams = await rows(
    "select retry_attempt, error, expired_at from {{schema}}.worker_streams order by retry_attempt",
  );
  expect(streams).toEqual([
    { retry_attempt: 0, error: failure, expired_at: new Date(now) },
    { retry_attempt: 1, error: null, expired_at: null },
  ]);
  expect(await rows("select attempts from {{schema}}.activities where activity_id = 'k1'")).toEqual([
    { attempts: "2" },
  ]);
});

test("the active version is shown", async () => {
  expect(await rows("select version, status from {{schema}}.versions")).toEqual([
    { version: plan.version, status: "activated" },
  ]);
});

test("payloads and ids with characters that text cannot hold come back whole, and can be looked at", async () => {
  const { store } = harness.backend;
  const nul = String.fromCharCode(0);
  const half = String.fromCharCode(0xd83d);
  const odd = `${nul}${half}\\u0000😀`;
  const id = jobId(`job ${nul}`);
  const fired = { fired: odd };
  const { handed } = await store.step({ limit: 0, events: [{ ...start("x", now), job: id }], handoff }, program);

  const answers = handed.map((lease) => ({
    lease,
    outcome: { kind: "answer" as const, answer: { status: "success" as const, code: 200, data: fired } },
  }));
  await store.step({ limit: 0, answers }, program);

  expect(await store.readJob(id)).toMatchObject({ id, phase: "completed", data: fired });
  expect(await rows("select state from {{schema}}.jobs where context is not null")).toEqual([{ state: "completed" }]);
});
