import { randomUUID } from "node:crypto";
import { HotMeshError, type Instant, jobId, type StepReport } from "@hotmesh/core";
import { Client } from "pg";
import { expect, test } from "vitest";
import type { PostgresBackend } from "../open-postgres.js";
import { openHarness } from "../testing/harness.js";
import { activate, answer, program, start, topic } from "../testing/one-worker.js";
import { postgresUrl } from "../testing/postgres-url.js";

const jobs = 60;

/** As a pump would: what failed and may succeed when it is done again is done again. */
async function insistently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      if (!HotMeshError.is(thrown) || !thrown.retryable) throw thrown;
    }
  }
}

/** One process: starts its share of the jobs, works, and steps, until all jobs of both are done. */
async function member(backend: PostgresBackend, names: readonly string[], isDone: () => boolean): Promise<void> {
  const { store, stream } = backend;
  const handoff = { slots: new Map([[topic, 2]]), leaseMs: 500 };
  for (const name of names) {
    const events = [start(name, 0 as Instant)];
    const report: StepReport = await insistently(() => store.step({ limit: 0, events, handoff }, program));
    const answers = report.handed.map((lease) => answer(lease));
    if (answers.length > 0) await insistently(() => store.step({ limit: 0, answers }, program));
  }
  while (!isDone()) {
    const claim = { topic, limit: 5, leaseMs: 500, holder: "worker" };
    const { leases } = await insistently(() => stream.claim(claim));
    await insistently(() => stream.settle(leases.map((lease) => answer(lease))));
    await insistently(() => store.step({ limit: 5 }, program));
  }
}

test("every job completes once although the server cuts all connections again and again", async () => {
  const application = `t-${randomUUID()}`;
  const connection = { class: Client, options: { connectionString: postgresUrl(), application_name: application } };
  const harness = await openHarness(postgresUrl(), { connection, hasTestClock: false });
  const other = await harness.another();
  await activate(harness.backend);
  const killer = await harness.client();
  const names = Array.from({ length: jobs }, (_, at) => `job ${at}`);
  let isDone = false;
  const members = [
    member(
      harness.backend,
      names.filter((_, at) => at % 2 === 0),
      () => isDone,
    ),
    member(
      other,
      names.filter((_, at) => at % 2 === 1),
      () => isDone,
    ),
  ];

  let cuts = 0;
  const schema = `"${harness.backend.schema}"`;
  while (!isDone) {
    const sql = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1";
    if (cuts < 30) cuts += (await killer.query(sql, [application])).rowCount ?? 0;
    const done = await killer.query(`select count(*)::int as n from ${schema}.job where phase = 'completed'`);
    isDone = done.rows[0].n === jobs;
  }
  await Promise.all(members);

  expect(cuts).toBeGreaterThanOrEqual(30);
  const rows = await killer.query(`select count(*)::int as n, max(revision)::int as last from ${schema}.job`);
  expect(rows.rows).toEqual([{ n: jobs, last: 2 }]);
  expect(await harness.backend.store.readJob(jobId("job 7"))).toMatchObject({ data: { fired: true } });
  await harness.close();
});
