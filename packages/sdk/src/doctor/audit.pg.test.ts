import { Client, Pool } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { Durable } from "../durable/durable.js";
import { workflow } from "../durable/workflow.js";
import { DBA, HotMesh } from "../index.js";
import { auditedDocument } from "../testing/audited-app.js";
import { corruptionsOf } from "../testing/corruptions.js";
import { TableCopies } from "../testing/table-copies.js";

const url = inject("postgresUrl");
const connection = { class: Client, options: { connectionString: url } };
const graphs = `audited-${process.pid}`;
const functions = `auditedf${process.pid}`;
const sql = new Client({ connectionString: url });
const pool = new Pool({ connectionString: url });
const copies = new Map([graphs, functions].map((app) => [app, new TableCopies(sql, app)]));
const changed = new Set<string>();

const { fail } = workflow.proxyActivities<{ fail(): Promise<void> }>({
  activities: {
    async fail() {
      throw new Error("not today");
    },
  },
  retry: { maximumAttempts: 5, initialInterval: "10m", maximumInterval: "10m" },
});

const bodies = {
  async sleeper() {
    await workflow.sleep("1h");
  },
  async listener(id: string) {
    await workflow.condition(id);
  },
  async caller() {
    await fail();
  },
  async begetter(id: string) {
    await workflow.executeChild({ workflowName: "sleeper", taskQueue: "at-rest", args: [], workflowId: id });
  },
};

/** Jobs that wait in every way there is, and some that are over; then everybody leaves. */
async function useGraphs(): Promise<void> {
  const mesh = await HotMesh.init({
    appId: graphs,
    logLevel: "silent",
    engine: { connection },
    workers: [
      { topic: "quick", connection, callback: async () => ({ data: { done: true } }) },
      {
        topic: "flaky",
        connection,
        retryPolicy: { maximumAttempts: 5, maximumInterval: "10m" },
        callback: async () => {
          throw new Error("not today");
        },
      },
    ],
  });
  await mesh.deploy(auditedDocument(graphs));
  await mesh.activate("1", 1);
  await mesh.pubsub("work", { id: "done", topic: "quick" });
  await mesh.pub("work", { id: "queued", topic: "nobody" });
  await mesh.pub("work", { id: "flaky", topic: "flaky" });
  await mesh.pub("work", { id: "later", topic: "quick" }, undefined, { pending: 600 });
  await mesh.pub("nap", { id: "nap", seconds: 600 });
  await mesh.pub("sign", { id: "sign", seconds: 600 });
  await mesh.pub("sign", { id: "ask", seconds: 0 });
  await mesh.pub("sign", { id: `odd \0 \ud800 \u0001 \\u0001abcd "'\n`, seconds: 600 });
  await mesh.pub("parent", { id: "parent", child: "child", topic: "nobody" });
  await mesh.pub("both", { id: "both", topic: "quick", seconds: 600 });
  await mesh.pub("nap", { id: "gone", seconds: 600 });
  await mesh.interrupt("nap", "gone", { throw: false });
  await mesh.signal("signed", { id: "early" });
  await vi.waitFor(async () => {
    const { rows } = await sql.query(`select
      (select count(*) > 0 from "${graphs}".failed_attempt) as failed,
      (select status from "${graphs}".job where id = 'both')::int as joining,
      (select count(*) from "${graphs}".job where id = 'child')::int as children`);
    expect(rows).toEqual([{ failed: true, joining: 2, children: 1 }]);
  });
  await mesh.throttle({ throttle: -1, scope: "engines" });
  await mesh.pub("work", { id: "paused", topic: "nobody" });
  await mesh.stop();
}

async function useFunctions(): Promise<void> {
  const options = { logLevel: "silent" as const };
  await Durable.Worker.create({ connection, namespace: functions, taskQueue: "at-rest", workflow: bodies, options });
  const { workflow: client } = new Durable.Client({ connection });
  const begin = (workflowName: keyof typeof bodies, args: readonly string[] = []) =>
    client.start({ namespace: functions, taskQueue: "at-rest", workflowName, args, workflowId: workflowName });
  await begin("sleeper");
  await begin("listener", ["ring"]);
  await begin("caller");
  await begin("begetter", ["begotten"]);
  await vi.waitFor(async () => {
    const { rows } = await sql.query(`select
      (select count(*) from "${functions}".failed_attempt)::int as failed,
      (select count(*) from "${functions}".message where topic is null and kind = 'wake')::int as asleep`);
    expect(rows).toEqual([{ failed: 1, asleep: 2 }]);
  });
  await Durable.shutdown();
}

beforeAll(async () => {
  await sql.connect();
  await useGraphs();
  await useFunctions();
  for (const copy of copies.values()) await copy.take();
});

beforeEach(async () => {
  for (const app of changed) await copies.get(app)?.restore();
  changed.clear();
});

/** Changes the storage of an app by hand, until the end of the test. */
async function change(app: string, statements: string): Promise<void> {
  changed.add(app);
  await sql.query(statements);
}

afterAll(async () => {
  await sql.query(`drop schema if exists "${graphs}" cascade`);
  await sql.query(`drop schema if exists "${functions}" cascade`);
  await sql.query("delete from public.hmsh_escalations where app_id = $1", [graphs]);
  await sql.end();
  await pool.end();
});

/** What an audit of an app finds, by the names of the checks. */
async function checksThatFind(appId: string): Promise<readonly string[]> {
  const { findings } = await DBA.audit({ connection: pool, appId });
  return [...new Set(findings.map(({ check }) => check))];
}

test("an app whose jobs wait in every way has nothing to find", async () => {
  expect([await checksThatFind(graphs), await checksThatFind(functions)]).toEqual([[], []]);
});

const corruptions = corruptionsOf({ graphs, functions });
const g = `"${graphs}"`;

describe("every planted corruption is found by the check for it, and by no other", () => {
  test.each(corruptions)("$what: $check", async ({ check, app, plant }) => {
    await change(app, plant);

    expect(await checksThatFind(app)).toEqual([check]);
  });

  test("there are corruptions for every check", async () => {
    const { auditChecks } = await import("@hotmesh/store-postgres");

    expect(new Set(corruptions.map(({ check }) => check))).toEqual(new Set(auditChecks.map(({ name }) => name)));
  });
});

test("a finding names the job, the message and what is the matter", async () => {
  await change(
    graphs,
    `update ${g}.message set parked_reason = 'Error: no such thing' || chr(10) || 'at x' where job_id = 'nap'`,
  );
  await change(graphs, `update ${g}.job set status = 7 where id = 'sign'`);

  const audit = await DBA.audit({ connection: pool, appId: graphs });

  expect(audit.schema).toBe(graphs);
  expect(audit.findings).toEqual([
    {
      check: "status-mismatch",
      severity: "broken",
      job: "sign",
      detail: "running with status 7 and 1 open obligations",
    },
    {
      check: "message-parked",
      severity: "attention",
      job: "nap",
      message: expect.stringMatching(/^H/),
      detail: "wake: Error: no such thing",
    },
  ]);
});

test("of each check so many findings are told as were asked for, and all are counted", async () => {
  await change(graphs, `update ${g}.job set status = 7`);

  const { findings, counts } = await DBA.audit({ connection: pool, appId: graphs, limit: 2 });

  expect(findings).toHaveLength(2);
  expect(counts).toEqual({ "status-mismatch": 13 });
});

test("an app that is not there is an error", async () => {
  await expect(DBA.audit({ connection: pool, appId: "nowhere" })).rejects.toMatchObject({
    kind: "app-not-found",
    code: 404,
  });
});

test("a schema of another layout is not judged", async () => {
  await change(graphs, `insert into ${g}.migration (version, name) values (9999, 'later')`);

  await expect(DBA.audit({ connection: pool, appId: graphs })).rejects.toMatchObject({ kind: "invalid-config" });
});
