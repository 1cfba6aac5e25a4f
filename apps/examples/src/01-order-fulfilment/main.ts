// Order fulfilment: hundreds of orders through validation, warehouse, fraud desk, payment, approval and shipping. Kill
// it at any moment, with -9 if you like, and start it again: every order reaches its outcome, and each effect happens
// once.
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DuplicateJobError, HotMesh } from "@hotmesh/sdk";
import { Pool } from "pg";
import { check, lawsChecked } from "./check.js";
import { clerk } from "./clerk.js";
import { look } from "./look.js";
import { chapter, say, table } from "./narrate.js";
import { type Options, readOptions } from "./options.js";
import { type Article, type ExpectedOrder, readArticles, readOrders } from "./order.js";
import { watchProgress } from "./progress.js";
import { openServer } from "./server.js";
import { workers } from "./workers.js";
import { createWorld } from "./world.js";

interface Run {
  readonly options: Options;
  readonly pool: Pool;
  readonly url: string;
  readonly orders: readonly ExpectedOrder[];
  readonly articles: readonly Article[];
  /** Ctrl-C. */
  readonly stop: AbortSignal;
}

// What a killed process was working on is free again after this many seconds; the default of 30 would be a long wait.
process.env["HMSH_RESERVATION_TIMEOUT_S"] ??= "5";

const options = readOptions(process.argv.slice(2), process.env);
if (options !== null) process.exitCode = await main(options);

async function main(options: Options): Promise<number> {
  const interrupted = new AbortController();
  const onSignal = () => interrupted.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);

  chapter("PostgreSQL");
  const server = await openServer(options);
  const pool = new Pool({ connectionString: server.url, max: 10 });
  // An idle connection that breaks, at the latest when the server stops, is no reason to end this process.
  pool.on("error", () => undefined);
  let isFinished = false;
  try {
    const [orders, articles] = [await readOrders(options.orders), await readArticles()];
    const problems = await fulfil({ options, pool, url: server.url, orders, articles, stop: interrupted.signal });
    isFinished = problems !== null && problems.length === 0;
  } finally {
    await pool.end();
    await server.stop(isFinished);
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
  return isFinished ? 0 : 1;
}

/** What is wrong in the end; null: it was interrupted. */
async function fulfil(run: Run): Promise<readonly string[] | null> {
  const { pool, url, orders, articles, options } = run;
  await createWorld(pool, articles);

  chapter("The mesh");
  const mesh = await HotMesh.init({
    appId: "order-fulfilment",
    engine: { connection: url },
    workers: workers({ url, pool, articles, latencyMs: options.latencyMs }),
  });
  say(`init: an engine and ${mesh.workers.length} workers have joined as ${mesh.guid}.`);
  try {
    const manifest = await mesh.deploy(join(import.meta.dirname, "flows", "orders.yaml"));
    say(`deploy: version ${manifest.app.version} with its ${manifest.app.graphs.length} graphs is stored.`);
    await mesh.activate(manifest.app.version, 50);
    say(`activate: the whole mesh starts new jobs on version ${manifest.app.version}.`);

    chapter("Orders");
    const done = new AbortController();
    const office = clerk(mesh, pool, done.signal);
    const allEnded = await Promise.all([publish(mesh, run), watchProgress(pool, orders.length, run.stop)])
      .then(([, ended]) => ended)
      .finally(() => done.abort());
    await office;
    if (!allEnded) return null;
  } finally {
    await mesh.stop();
    say("stop: the engine and the workers have left the mesh.");
  }
  return report(run);
}

/** Publishes the orders that have no job yet. An order's job has the order's id, so none can start twice. */
async function publish(mesh: HotMesh, { pool, orders, stop }: Run): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from "order-fulfilment".jobs where topic = 'order.place'`,
  );
  const known = new Set(rows.map(({ id }) => id));
  const missing = orders.filter(({ order }) => !known.has(order.id));
  if (known.size > 0) say(`${known.size} of ${orders.length} orders were placed by an earlier run.`);
  say(`pub: placing ${missing.length} orders.`);
  const queue = missing.values();
  const placeNext = async (): Promise<void> => {
    for (const { order } of queue) {
      if (stop.aborted) return;
      await mesh.pub("order.place", order).catch((error: unknown) => {
        if (!(error instanceof DuplicateJobError)) throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: 20 }, placeNext));
}

async function report({ pool, url, orders, articles, options, stop }: Run): Promise<readonly string[]> {
  chapter("Outcomes");
  const { rows, problems } = await check(pool, orders, articles);
  process.stdout.write(table(rows));
  const { rows: counts } = await pool.query<{ executions: number; repeated: number }>(
    `select sum(times)::int as executions, coalesce(sum(times - 1), 0)::int as repeated
     from order_fulfilment_world.executions`,
  );
  const [count] = counts;
  say(`\n${count?.executions} executions of steps, ${count?.repeated} of them repetitions; effects are counted below.`);
  for (const law of problems.length === 0 ? lawsChecked : []) say(`  holds: ${law}`);
  for (const problem of problems) say(`  WRONG  ${problem}`);
  say(problems.length === 0 ? `All ${orders.length} orders are as expected.` : `${problems.length} problems.`);

  chapter("Look for yourself");
  await look(pool);
  if (options.hold && !stop.aborted) {
    say(`\nThe rows are here until you press Ctrl-C: psql '${url}'`);
    // A timer keeps the process alive; waiting for a signal alone does not.
    await pause(2 ** 31 - 1, undefined, { signal: stop }).catch(() => undefined);
  }
  return problems;
}
