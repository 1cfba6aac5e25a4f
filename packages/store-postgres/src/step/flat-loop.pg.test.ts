import {
  generationId,
  graphProgram,
  jobId,
  type Lease,
  messageKey,
  prepareStart,
  type Settlement,
} from "@hotmesh/core";
import { compileText } from "@hotmesh/core/compiler";
import { Client, Pool } from "pg";
import { afterEach, expect, test } from "vitest";
import { openHarness, type PostgresHarness } from "../testing/harness.js";
import { postgresUrl } from "../testing/postgres-url.js";

const plan = compileText(`
app:
  id: mill
  version: '1'
  graphs:
    - subscribes: mill.turn
      expire: 600
      activities:
        start: { type: trigger }
        grind: { type: hook, output: { maps: { turn: 0 } }, job: { maps: { turn: '{$self.output.data.turn}' } } }
        stone:
          type: worker
          topic: mill.stone
          input: { maps: { turn: '{grind.output.data.turn}', of: '{start.output.data.of}' } }
          job: { maps: { flour: '{$self.output.data.flour}' } }
        again:
          type: cycle
          ancestor: grind
          input: { maps: { turn: { '@pipe': [ ['{grind.output.data.turn}', 1], ['{@math.add}'] ] } } }
      transitions:
        start: [ { to: grind } ]
        grind: [ { to: stone } ]
        stone: [ { to: again } ]
`).plan;
const program = graphProgram({ plans: new Map([[plan.id, plan]]), policy: null });
const handoff = { slots: new Map([["mill.stone", 1]]), leaseMs: 30_000 };
const id = jobId("m1");

let harness: PostgresHarness | null = null;
let pool: Pool | null = null;

afterEach(async () => {
  await harness?.close();
  await pool?.end();
});

test("a turn of a loop costs one statement while its process remembers the job", async () => {
  const mill = await millAtWork(1);

  await mill.turn(10);
  const cost = await mill.cost(() => mill.turn(40));

  expect((await mill.job())?.data).toEqual({ turn: 50, flour: 50 });
  expect(cost["statements"]).toBe(40);
});

test.each([
  // A process remembers a few hundred passes of a job at most: up to then a turn costs less, from then on as much as in
  // a process that knew nothing.
  { way: "one process", processes: 1, early: 80, late: 200 },
  { way: "two processes in turn, neither of which knows what the other did", processes: 2, early: 10, late: 9_990 },
])(
  "turn $late of a loop costs the statements and rows of turn $early, with $way",
  async (loop) => {
    const counted = 20;
    const mill = await millAtWork(loop.processes);

    await mill.turn(loop.early);
    const early = await mill.cost(() => mill.turn(counted));
    await mill.turn(loop.late - loop.early - 2 * counted);
    const late = await mill.cost(() => mill.turn(counted));

    expect((await mill.job())?.data).toEqual({ turn: loop.late, flour: loop.late });
    expect(late).toEqual(early);
    expect(early["activity rows inserted"]).toBeGreaterThanOrEqual(counted);
  },
  300_000,
);

async function millAtWork(processes: number) {
  const client = countingClient();
  pool = new Pool({ connectionString: postgresUrl(), max: 4, Client: client.Class });
  const counted = pool;
  const opened = await openHarness(postgresUrl(), { connection: counted, notifications: false });
  harness = opened;
  const backends = [opened.backend];
  while (backends.length < processes) backends.push(await opened.another());
  const { store } = opened.backend;
  await store.deploy(plan);
  await store.activate(plan.version);
  const probe = await opened.client();

  const { now } = await store.step({ limit: 1 }, program);
  const start = prepareStart(plan, {
    topic: "mill.turn",
    payload: { of: "rye" },
    generatedId: id,
    generation: generationId("G1"),
    key: messageKey("start"),
    now,
  });
  let { handed } = await store.step({ limit: 0, events: [start], handoff }, program);
  let turned = 0;
  const turn = async (times: number): Promise<void> => {
    for (let left = times; left > 0; left -= 1) {
      turned += 1;
      const { store: own } = backends[turned % processes] ?? opened.backend;
      const answers = handed.map((lease) => flour(lease, turned));
      ({ handed } = await own.step({ limit: 0, answers, handoff }, program));
    }
  };
  const read = async () => {
    await flush(counted);
    return { ...(await rowsOf(probe, opened.backend.schema)), statements: client.statements() };
  };
  const cost = async (work: () => Promise<void>): Promise<Readonly<Record<string, number>>> => {
    const before: Readonly<Record<string, number>> = await read();
    const flushed = client.statements();
    await work();
    const statements = client.statements() - flushed;
    const after = Object.entries(await read()).map(([name, count]) => [name, count - (before[name] ?? 0)]);
    return { ...Object.fromEntries(after), statements };
  };
  return { turn, cost, job: () => store.readJob(id) };
}

/** A class of clients that count what they are asked, all together. */
function countingClient() {
  let statements = 0;
  class CountingClient extends Client {}
  Object.defineProperty(CountingClient.prototype, "query", {
    value(this: Client, ...given: unknown[]) {
      statements += 1;
      return Reflect.apply(Client.prototype.query, this, given);
    },
  });
  return { Class: CountingClient, statements: () => statements };
}

/** Server processes report what they did late; this makes each of them do it at once. */
async function flush(counted: Pool): Promise<void> {
  const clients = await Promise.all(Array.from({ length: counted.idleCount }, () => counted.connect()));
  for (const client of clients) {
    await client.query("select pg_stat_force_next_flush(), count(*) from pg_am");
    client.release();
  }
}

/** Rows of each table that were read and written so far. */
async function rowsOf(probe: Client, schema: string): Promise<Readonly<Record<string, number>>> {
  const { rows } = await probe.query<{
    name: string;
    read: string;
    inserted: string;
    updated: string;
    deleted: string;
  }>(
    `select relname as name, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as read,
            n_tup_ins as inserted, n_tup_upd as updated, n_tup_del as deleted
     from pg_stat_user_tables
     where schemaname = $1`,
    [schema],
  );
  return Object.fromEntries(
    rows.flatMap(({ name, ...counts }) =>
      Object.entries(counts).map(([kind, count]) => [`${name} rows ${kind}`, Number(count)]),
    ),
  );
}

function flour(lease: Lease, turned: number): Settlement {
  return { lease, outcome: { kind: "answer", answer: { status: "success", code: 200, data: { flour: turned } } } };
}
