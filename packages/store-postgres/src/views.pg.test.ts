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

test("people see every stored value of a job, with what begins like a tag kept apart", async () => {
  const { store } = harness.backend;
  const { handed } = await store.step({ limit: 0, events: [start("a", now)], handoff }, program);
  await store.step({ limit: 0, answers: handed.map((lease) => answer(lease)) }, program);
  const data = {
    text: "as it is",
    path: "/tmp",
    batch: { n: 2, tags: ["matte", 1], none: null, deep: { done: false, empty: {} } },
    at: { $hotmesh: "date", v: 0 },
    nan: { $hotmesh: "number", v: "NaN" },
  };
  const client = await harness.client();
  const schema = quoted(harness.backend.schema);
  const fields = { _city: "Rome", "-m": "/n" };
  await client.query(`update ${schema}.job set data = $1, fields = $2`, [data, fields]);

  const found = await rows(
    `select job_id, symbol, dimension, value, type from {{schema}}.jobs_attributes
    where symbol not like '%metadata/%' order by symbol, dimension`,
  );

  const valuesOf = (values: Record<string, string>, type: string, dimension = "") =>
    Object.entries(values).map(([symbol, value]) => ({ job_id: "a", symbol, dimension, value, type }));
  const bySymbol = new Map(found.map((row) => [row["symbol"], row]));
  const expected = [
    ...valuesOf({ ":": "0" }, "status"),
    ...valuesOf({ _city: "Rome" }, "udata"),
    ...valuesOf({ "-m": "//n" }, "jmark"),
    ...valuesOf({ "data/at": "1970-01-01T00:00:00.000Z", "data/nan": "/n" }, "jdata"),
    ...valuesOf({ "data/batch/deep/done": "/f", "data/batch/deep/empty": "/s{}" }, "jdata"),
    ...valuesOf({ "data/batch/n": "/d2", "data/batch/none": "/n", "data/batch/tags": '/s["matte",1]' }, "jdata"),
    ...valuesOf({ "data/path": "//tmp", "data/text": "as it is" }, "jdata"),
    ...valuesOf({ "k1/input/data/clay": "red", "k1/output/data/fired": "/t" }, "adata", ",0,0"),
    ...valuesOf({ "t1/output/data/clay": "red" }, "adata", ",0"),
  ];
  expect(bySymbol.size).toBe(found.length);
  expect(bySymbol).toEqual(new Map(expected.map((row) => [row.symbol, row])));
});

test("people see what a waiting job expects of a signal, and not how it is kept", async () => {
  await harness.backend.store.step({ limit: 0, events: [start("a", now)], handoff }, program);
  const keys = ['["wait","P1"]', '["wait","P1","red"]', '["wait",1,"red"]', '[["wait",2],0,"7"]', "k", '["wait"]'];
  const client = await harness.client();
  const schema = quoted(harness.backend.schema);
  await client.query(
    `insert into ${schema}.hook (job_id, path, lookup, generation, topic, signal_key, opened_at)
    select j.id, 'wait,0,0', k.key, j.generation, 'order.approved', k.key, $2
    from ${schema}.job as j, unnest($1::text[]) as k(key)`,
    [keys, now],
  );

  const found = await rows("select activity_id, dad, signal_key, waiting_since from {{schema}}.hooks");

  const waits = ["P1", "P1,red", "red", "7", "k", '["wait"]'].map((key) => {
    return { activity_id: "wait", dad: ",0,0", signal_key: key, waiting_since: new Date(now) };
  });
  expect(found).toEqual(waits);
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
  const shown = "select type from {{schema}}.jobs_attributes where type in ('jdata', 'status') order by type";
  expect(await rows(shown)).toEqual([{ type: "jdata" }, { type: "status" }]);
});
