import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { prng } from "@hotmesh/core/testing";
import { DuplicateJobError, HotMesh, HotMeshError } from "@hotmesh/sdk";
import { type EmbeddedPostgres, freePort, startEmbedded } from "@hotmesh/store-postgres/embedded";
import { Client } from "pg";
import { bundle } from "./bundle.js";
import { type Losses, losses, staleAnswers } from "./conservation.js";
import { Crew } from "./crew.js";
import { stormDocument } from "./document.js";
import { percentile } from "./percentile.js";
import { type CuttingProxy, openProxy } from "./proxy.js";

/** How much goes wrong. */
export interface StormOptions {
  readonly seed: number;
  /** Members that are killed with SIGKILL. */
  readonly kills: number;
  /** Times the server is stopped without a word (`immediate`) and started again. */
  readonly restarts: number;
  /** Connections that are cut. */
  readonly cuts: number;
  readonly members: number;
  readonly leaseSeconds: number;
  /** Milliseconds between two faults, on average. Members need about a second to be replaced. */
  readonly pauseMs: number;
  /** Jobs that are begun at once, over and over. */
  readonly callers: number;
  /** False: quicker, because what a machine that crashes would lose is not tested. */
  readonly durable: boolean;
  readonly tell: (line: string) => void;
}

/** What came of it. */
export interface StormReport extends Losses {
  /** Answers that count although somebody else had the work by then. */
  readonly stale: number;
  readonly jobs: number;
  readonly kills: number;
  readonly restarts: number;
  readonly cuts: number;
  readonly unhandled: readonly string[];
  /** Milliseconds from the claim of somebody who was killed to the next one. */
  readonly resumed: { readonly count: number; readonly median: number; readonly p99: number };
}

const appId = "storm";

/** A mesh of several processes works while all around it is killed; then everything must be as if nothing was. */
export async function storm(options: StormOptions): Promise<StormReport> {
  const folder = await mkdtemp(join(tmpdir(), "hotmesh-storm-"));
  const port = await freePort();
  const start = () => startEmbedded({ folder, port, durable: options.durable });
  const server = { now: await start() };
  const proxy = await openProxy(() => port);
  const through = (): string => {
    const url = new URL(server.now.url);
    url.port = String(proxy.port);
    return url.href;
  };
  const { members: size, leaseSeconds } = options;
  const program = await bundle("member");
  const crew = new Crew({
    program: program.file,
    url: through,
    ledgerUrl: () => server.now.url,
    appId,
    size,
    leaseSeconds,
  });
  try {
    return await run({ options, server, start, proxy, crew });
  } finally {
    await crew.end();
    await program.remove();
    await HotMesh.stop();
    await proxy.close();
    await server.now.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Scene {
  readonly options: StormOptions;
  readonly server: { now: EmbeddedPostgres };
  readonly start: () => Promise<EmbeddedPostgres>;
  readonly proxy: CuttingProxy;
  readonly crew: Crew;
}

async function run(scene: Scene): Promise<StormReport> {
  const { options, server, crew } = scene;
  const connection = { class: Client, options: { connectionString: server.now.url } };
  const desk = await HotMesh.init({ appId, logLevel: "silent", engine: { connection } });
  await desk.deploy(stormDocument(appId));
  await desk.activate("1", 20);
  await query(
    server.now.url,
    `create table claim (
      job text, topic text, nonce text, member text, at bigserial, on_at timestamptz default clock_timestamp()
    )`,
  );
  await query(server.now.url, "create index on claim (job, topic)");
  await crew.start();
  const taken: string[] = [];
  const calls = { goOn: true };
  const calling = Array.from({ length: options.callers }, (_, caller) => keepCalling(desk, { caller, taken, calls }));
  const done = await blow(scene, taken);
  calls.goOn = false;
  await Promise.all(calling);
  await allOver(server.now.url, options.tell);
  const client = new Client(server.now.url);
  await client.connect();
  try {
    const found = await losses(client, appId, taken);
    const stale = await staleAnswers(client, appId);
    return {
      ...found,
      stale,
      ...done,
      jobs: taken.length,
      unhandled: crew.unhandled,
      resumed: await resumption(client),
    };
  } finally {
    await client.end();
  }
}

/** Draws what goes wrong next until everything has gone wrong that should. */
async function blow({ options, server, start, proxy, crew }: Scene, taken: readonly string[]) {
  const { seed, tell } = options;
  const { next: random } = prng(seed);
  const done = { kills: 0, restarts: 0, cuts: 0 };
  const planned = { kills: options.kills, restarts: options.restarts, cuts: options.cuts };
  const total = options.kills + options.restarts + options.cuts;
  for (let count = 0; count < total; ) {
    await sleep(random() * 2 * options.pauseMs);
    const kind = drawn(planned, random);
    if (kind === "restarts") {
      process.kill(server.now.pid, "SIGQUIT");
      await server.now.stop();
      server.now = await start();
    } else if (!(kind === "kills" ? crew.kill(random) : proxy.cut(random))) continue;
    planned[kind] -= 1;
    done[kind] += 1;
    count += 1;
    if (count % 100 === 0) tell(`${count} of ${total} faults, ${taken.length} jobs taken`);
  }
  return done;
}

type Planned = Record<"kills" | "restarts" | "cuts", number>;

/** As likely as it is still planned. */
function drawn(planned: Planned, random: () => number): keyof Planned {
  let at = random() * (planned.kills + planned.restarts + planned.cuts);
  for (const kind of ["kills", "restarts"] as const) {
    at -= planned[kind];
    if (at < 0) return kind;
  }
  return "cuts";
}

interface Caller {
  readonly caller: number;
  readonly taken: string[];
  readonly calls: { goOn: boolean };
}

/** Starts jobs one after the other, as a caller would who repeats what is retryable, and opens their gates. */
async function keepCalling(desk: HotMesh, { caller, taken, calls }: Caller): Promise<void> {
  for (let number = 1; calls.goOn; number += 1) {
    const id = `order/${caller}/${number}`;
    await insist(() => desk.pub("order", { id }));
    await insist(() => desk.signal("gate.open", { id }));
    taken.push(id);
    await sleep(10);
  }
}

async function insist(call: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await call();
      return;
    } catch (error) {
      if (error instanceof DuplicateJobError) return;
      if (!HotMeshError.is(error) || !error.retryable) throw error;
      await sleep(50);
    }
  }
}

/** Resolves when no job is open any more; after a long while it says how many are left. */
async function allOver(url: string, tell: (line: string) => void): Promise<void> {
  const patienceMs = 300_000;
  const until = Date.now() + patienceMs;
  for (;;) {
    const [row] = await query(url, `select count(*)::int as open from "${appId}".jobs where state <> 'completed'`);
    if (row?.["open"] === 0) return;
    if (Date.now() > until) {
      tell(`${row?.["open"]} jobs are still open ${patienceMs / 1_000} s after the last fault`);
      return;
    }
    await sleep(100);
  }
}

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  for (;;) {
    const client = new Client(url);
    try {
      await client.connect();
      return (await client.query(text)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** Where work was claimed more than once, how long the next one took. */
async function resumption(client: Client): Promise<StormReport["resumed"]> {
  const { rows } = await client.query(
    `select extract(epoch from on_at - before) * 1000 as ms
     from (select on_at, lag(on_at) over (partition by job, topic order by at) as before from claim) as c
     where before is not null`,
  );
  const gaps = rows.map(({ ms }) => Number(ms)).sort((a, b) => a - b);
  return { count: gaps.length, median: percentile(gaps, 0.5), p99: percentile(gaps, 0.99) };
}
