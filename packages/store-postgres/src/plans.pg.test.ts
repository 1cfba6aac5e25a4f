import {
  after,
  type CommitCancel,
  type EscalationOpening,
  instant,
  jobId,
  type Lease,
  messageKey,
  type OutgoingMessage,
  rootAddress,
} from "@hotmesh/core";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quoted } from "./schema/quoted.js";
import { openHarness, type PostgresHarness } from "./testing/harness.js";
import { activate, answer, program, start, topic } from "./testing/one-worker.js";
import { postgresUrl } from "./testing/postgres-url.js";

/** A node of a plan as auto_explain writes it. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Rows Removed by Filter"?: number;
  readonly "Actual Rows"?: number;
  readonly Plans?: readonly PlanNode[];
}

const explain = [
  "session_preload_libraries=auto_explain",
  "auto_explain.log_min_duration=0",
  "auto_explain.log_nested_statements=on",
  "auto_explain.log_analyze=on",
  "auto_explain.log_timing=off",
  "auto_explain.log_format=json",
  "auto_explain.log_level=notice",
];
const rows = 50_000;
/** No statement of a small step looks at more rows than this for one it wants, however many there are. */
const wastedMax = 300;

let harness: PostgresHarness;
let pool: Pool;
let explained: { readonly query: string; readonly plan: PlanNode }[] = [];

beforeAll(async () => {
  pool = new Pool({ connectionString: postgresUrl(), options: explain.map((setting) => `-c ${setting}`).join(" ") });
  pool.on("connect", (client) =>
    client.on("notice", ({ message }) => {
      const json = message?.slice(message.indexOf("{"));
      if (json === undefined || !message?.includes("plan:")) return;
      const { "Query Text": query, Plan: plan } = JSON.parse(json);
      explained.push({ query, plan });
    }),
  );
  harness = await openHarness(postgresUrl(), { connection: pool });
  await activate(harness.backend);
  const client = await harness.client();
  const schema = quoted(harness.backend.schema);
  for (const table of ["job", "activity", "message", "hook", "signal", "failed_attempt", "counter"]) {
    await client.query(`alter table ${schema}.${table} set (autovacuum_enabled = off)`);
  }
});

afterAll(async () => {
  await harness.close();
  await pool.end();
});

async function run(text: string): Promise<void> {
  const client = await harness.client();
  const { appId, backend } = harness;
  await client.query(text.replaceAll("{{schema}}", quoted(backend.schema)).replaceAll("{{app}}", `'${appId}'`));
}

const note = (key: string, change: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  ...start("unused", instant(0)),
  key: messageKey(key),
  kind: "note",
  job: null,
  generation: null,
  body: null,
  ...change,
});

/** Everything that a mesh does all day, once. */
async function day(name: string): Promise<void> {
  const { store, stream } = harness.backend;
  const other = await harness.another();
  const now = harness.clock.now();
  const handoff = { slots: new Map([[topic, 1]]), leaseMs: 30_000 };
  const first = await store.step({ limit: 0, events: [start(`${name} 1`, now)], handoff }, program);
  await store.step({ limit: 0, events: [start(`${name} 1`, now), start(`${name} 2`, now)] }, program);
  await other.store.step({ limit: 0, answers: first.handed.map((lease) => answer(lease)) }, program);
  await store.readCounters({ name: "full", from: "0", to: "9", prefix: "full 4", after: null, limit: 10 });
  await store.readEscalations("key 8");
  const { leases } = await stream.claim({ topic, limit: 5, leaseMs: 30_000, holder: "w" });
  await stream.extend(
    leases.map(({ token }) => token),
    30_000,
  );
  await stream.settle(leases.map((lease, at) => settlement(lease, at)));
  await stream.send([note(`${name} note`), note(`${name} later`, { visibleAt: after(now, 1_000) })]);
  await other.store.step({ limit: 5 }, program);
  await store.step({ limit: 5 }, quiet);
  const job = await store.readJob(start(`${name} 1`, now).job ?? fail());
  if (job !== null) {
    await store.readPasses(job.id, job.generation);
    await store.readAttempts(job.id, job.generation);
    await store.scrub(job.id);
  }
  await store.sweep(10);
}

/** Reads by key and by range, opens and closes a hook and a work item, signals, cancels, counts. */
const quiet: typeof program = {
  reads: (messages) => ({
    passes: messages.flatMap(({ job }) => (job === null ? [] : [{ job, activity: "k1", address: rootAddress }])),
    ranges: messages.flatMap(({ job }) => (job === null ? [] : [{ job, activity: "k1", under: rootAddress }])),
    activation: true,
    counters: new Map([
      ["all", { name: "full", from: "1", to: "2", prefix: "", after: { slice: "1", field: "full 3" }, limit: 50 }],
      ["some", { name: "full", from: "0", to: "9", prefix: "full 49", after: null, limit: 50 }],
    ]),
  }),
  decide: (messages, snapshot) => ({
    jobs: [],
    passes: [],
    sends: [],
    cancels: messages.flatMap(({ job, path }): CommitCancel[] => {
      if (job === null || path === null) return [{ by: "key", key: messageKey("nothing") }];
      return [
        { by: "job", job },
        { by: "path", job, path },
      ];
    }),
    hooksOpened: [],
    hooksClosed: messages.flatMap(({ job, path }) => (job === null ? [] : [{ job, path }])),
    signals: [
      {
        topic: "order.approved",
        keys: ["nobody"],
        body: {},
        kept: {},
        closes: true,
        keepUntil: after(snapshot.now, 1_000),
        id: messageKey("dispatch"),
      },
    ],
    counters: [{ name: "n", slice: "s", field: "f", add: 1 }],
    countersDropped: [
      { name: "n", from: "s", to: "s", prefix: "" },
      { name: "full", from: "9", to: "9", prefix: "full 4" },
    ],
    escalationsClosed: [{ key: "key 7", wait: "wait", status: "resolved", payload: null }],
    escalationsOpened: [item],
    publications: [],
    parked: [],
    deferred: [],
    verdicts: messages.map(() => ({ outcome: "applied", job: null })),
  }),
};

const item: EscalationOpening = {
  wait: "wait",
  key: "key 7",
  topic: "order.approved",
  job: jobId("full 7"),
  role: "clerk",
  type: null,
  subtype: null,
  entity: null,
  description: null,
  priority: 5,
  metadata: { cents: 5 },
  envelope: null,
  originId: null,
  parentId: null,
  initiatedBy: null,
  traceId: null,
  spanId: null,
  taskQueue: null,
  workflowType: null,
  expiresAt: null,
  closed: null,
};

function settlement(lease: Lease, at: number) {
  const failure = { message: "no", code: 500 };
  if (at === 1) return { lease, outcome: { kind: "retry" as const, delayMs: 60_000, failure } };
  if (at === 2) return { lease, outcome: { kind: "release" as const, delayMs: 60_000 } };
  if (at === 3) return { lease, outcome: { kind: "hold" as const } };
  return answer(lease);
}

function fail(): never {
  throw new Error("a start has a job");
}

/** Tables of a few rows, which a scan reads as quickly as an index. */
const small = new Set(["app", "plan", "version", "migration"]);

/** The plans of functions are kept. Other statements are planned each time, and may scan what has few rows by then. */
function isPinned(query: string): boolean {
  const schema = quoted(harness.backend.schema);
  // The query builder quotes the names of tables too, the functions do not.
  return !query.includes(`${schema}."`) && !query.includes('"public"."');
}

/** What is wrong with the plans that were used, one line each. */
function findings(): readonly string[] {
  const found = new Set<string>();
  const visit = (node: PlanNode, query: string): void => {
    const relation = node["Relation Name"];
    const line = `${node["Node Type"]} on ${relation} in: ${query.replaceAll(/\s+/g, " ").slice(0, 160)}`;
    const isOurs = relation !== undefined && !small.has(relation);
    if (isOurs && isPinned(query) && /^(Seq|Bitmap Heap) Scan$/.test(node["Node Type"])) found.add(line);
    if (isOurs && node["Node Type"].startsWith("Index") && node["Index Cond"] === undefined)
      found.add(`all of ${line}`);
    const wasted = node["Rows Removed by Filter"] ?? 0;
    if (isOurs && wasted > wastedMax) found.add(`${wasted} rows wasted by ${line}`);
    if (isOurs && (node["Actual Rows"] ?? 0) > 6_000) found.add(`${node["Actual Rows"]} rows read by ${line}`);
    for (const child of node.Plans ?? []) visit(child, query);
  };
  for (const { query, plan } of explained) visit(plan, query);
  return [...found];
}

const fill = `
insert into {{schema}}.job (
  id, generation, revision, plan, topic, version, phase, status, control, fields, created_at, updated_at, expire_at
)
select 'full ' || n, 'g', 1, 'p', 't', '1', 'running', 1, '{}', '{}', n, n,
  case when n % 2 = 0 then 9000000000000 + n end
from generate_series(1, ${rows}) as n;
insert into {{schema}}.activity (
  job_id, activity_id, address, generation, type, open, output, hook, metadata, input, started_at
)
select 'full ' || n, 'k1', ',0,0', 'g', 'worker', false, '{}', 'null', '{}', '{}', n
from generate_series(1, ${rows}) as n;
insert into {{schema}}.message (
  key, topic, kind, job_id, generation, path, body, visible_at, attempt, created_at
)
select 'full ' || n, case when n % 2 = 0 then 'topic ' || n % 7 end, 'k', 'full ' || n, 'g', 'k1,0,0', '{}',
  case when n % 4 < 2 then 9000000000000 else 1000 end + n, 0, n
from generate_series(1, ${rows}) as n
where n % 4 <> 3;
insert into {{schema}}.job (
  id, generation, revision, plan, topic, version, phase, status, control, fields, created_at, updated_at
)
values ('fan', 'g', 1, 'p', 't', '1', 'running', 1, '{}', '{}', 0, 0);
insert into {{schema}}.message (
  key, topic, kind, job_id, generation, path, body, visible_at, attempt, created_at
)
select 'fan ' || n, case when n > 20 then 'topic fan' end, 'k', 'fan', 'g', 'k1,0,' || n, '{}', n, 0, n
from generate_series(1, 5000) as n;
insert into {{schema}}.hook (job_id, path, lookup, generation, topic, signal_key, opened_at)
select 'full ' || n, 'h,0,0', 'lookup ' || n, 'g', 't', 'k', n
from generate_series(1, ${rows}) as n;
insert into {{schema}}.signal (lookup, topic, signal_key, dispatch, body, closes, created_at, keep_until)
select 'signal ' || n, 't', 'k', 'd', '{}', true, n, 9000000000000 + n
from generate_series(1, ${rows}) as n;
insert into {{schema}}.counter (name, slice, field, value)
select case when n % 2 = 0 then 'full' else 'name ' || n end, n % 10, 'full ' || n, n
from generate_series(1, ${rows}) as n;
insert into public.hmsh_escalations (namespace, app_id, signal_key, workflow_id, status, role)
select 'hmsh', {{app}}, 'key ' || n / 5, 'full ' || n,
  case when n % 5 = 4 and n > 100 then 'pending' else 'resolved' end, 'role ' || n % 7
from generate_series(1, ${rows}) as n;
`;

const analyze = ["job", "activity", "message", "hook", "signal", "counter"]
  .map((table) => `analyze {{schema}}.${table};`)
  .join("");

describe("the plans of hot statements", () => {
  test("use keys on tables that were analysed while they were empty", async () => {
    await run(analyze);
    explained = [];

    await day("empty");

    expect(explained.length).toBeGreaterThan(40);
    expect(findings()).toEqual([]);
  });

  test("stay the same when the tables have filled since, with the same connections", async () => {
    await run(fill);
    explained = [];

    await day("filled");

    expect(findings()).toEqual([]);
  });

  test("use keys on full tables that were analysed", async () => {
    await run(analyze);
    explained = [];

    await day("full");

    expect(findings()).toEqual([]);
  });

  test("use keys on bloated tables", async () => {
    await run(`
      update {{schema}}.job set revision = 2;
      update {{schema}}.message set deliveries = 1;
      delete from {{schema}}.message where key like 'full %';
      delete from {{schema}}.hook;
      delete from {{schema}}.signal`);
    explained = [];

    await day("bloated");

    expect(findings()).toEqual([]);
  });
});
