import { instant, jobId } from "@hotmesh/core";
import { Client } from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openHarness, type PostgresHarness } from "../testing/harness.js";
import { activate, answer, program, start, topic } from "../testing/one-worker.js";
import { postgresUrl } from "../testing/postgres-url.js";

const now = instant(1_800_000_000_000);
const handoff = { slots: new Map([[topic, 10]]), leaseMs: 30_000 };

let harness: PostgresHarness;
let statements: string[];

beforeEach(async () => {
  const recorded: string[] = [];
  class RecordingClient extends Client {}
  Object.defineProperty(RecordingClient.prototype, "query", {
    value(this: Client, ...given: unknown[]) {
      recorded.push(String(given[0]));
      return Reflect.apply(Client.prototype.query, this, given);
    },
  });
  const connection = { class: RecordingClient, options: { connectionString: postgresUrl() } };
  harness = await openHarness(postgresUrl(), { connection });
  await activate(harness.backend);
  statements = recorded;
  recorded.length = 0;
});

afterEach(() => harness.close());

test("a job of one worker costs two statements when its process does the work", async () => {
  const { store } = harness.backend;

  const started = await store.step({ limit: 0, events: [start("a", now)], handoff }, program);
  const answers = started.handed.map((lease) => answer(lease));
  const finished = await store.step({ limit: 0, answers, handoff }, program);

  expect(finished.answers).toEqual(["settled"]);
  expect(statements).toHaveLength(2);
  expect(await store.readJob(jobId("a"))).toMatchObject({ phase: "completed", data: { fired: true } });
});

test("a hundred jobs that come together cost the same two statements", async () => {
  const { store } = harness.backend;
  const events = Array.from({ length: 100 }, (_, at) => start(`job ${at}`, now));
  const wide = { slots: new Map([[topic, 100]]), leaseMs: 30_000 };

  const started = await store.step({ limit: 0, events, handoff: wide }, program);
  const answers = started.handed.map((lease) => answer(lease));
  await store.step({ limit: 0, answers }, program);

  expect(answers).toHaveLength(100);
  expect(statements).toHaveLength(2);
});

test("engine and worker in separate processes share a job in eight statements", async () => {
  const { store, stream } = harness.backend;
  const stranger = await harness.another();
  await stranger.store.activation();
  statements.length = 0;

  await store.step({ limit: 0, events: [start("a", now)] }, program);
  const { leases } = await stream.claim({ topic, limit: 10, leaseMs: 30_000, holder: "w" });
  await stream.settle(leases.map((lease) => answer(lease)));
  const finished = await stranger.store.step({ limit: 10 }, program);

  expect(finished.claimed).toBe(1);
  // Hints go out beside the work, however many statements they are collected into.
  expect(statements.filter((text) => !text.includes("pg_notify")).length).toBeLessThanOrEqual(8);
});

test("an engine without work asks once", async () => {
  await harness.backend.store.step({ limit: 10 }, program);

  expect(statements).toHaveLength(1);
});

test("a start whose id is taken is refused under locks, and nothing is written", async () => {
  const { store } = harness.backend;
  const stranger = await harness.another();
  await stranger.store.step({ limit: 0, events: [start("a", now)] }, program);
  statements.length = 0;

  const report = await store.step({ limit: 0, events: [start("a", now)] }, program);

  expect(report.verdicts).toEqual([{ outcome: "duplicate" }]);
  // One in vain, from memory; then begin, open, read, commit, commit.
  expect(statements.filter((text) => !text.includes("pg_notify"))).toHaveLength(6);
});

test("what another process did to a job is seen, although this one remembers it", async () => {
  const { store } = harness.backend;
  const stranger = await harness.another();
  const started = await store.step({ limit: 0, events: [start("a", now)], handoff }, program);
  const answers = started.handed.map((lease) => answer(lease));

  await stranger.store.step({ limit: 0, answers }, program);
  const late = await store.step({ limit: 0, answers }, program);

  expect(late.answers).toEqual(["lease-lost"]);
  expect(await store.readJob(jobId("a"))).toMatchObject({ phase: "completed", revision: 2 });
});
