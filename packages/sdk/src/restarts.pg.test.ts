import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedPostgres, freePort, startEmbedded } from "@hotmesh/store-postgres/embedded";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HotMesh } from "./index.js";
import { programFile } from "./testing/program.js";

const app = "walkers";
const document = `
app:
  id: ${app}
  version: '1'
  graphs:
    - subscribes: walk
      activities:
        begin: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        one: { type: worker, topic: step.one, input: { maps: { sum: 0 } } }
        rest: { type: hook, sleep: 0.05 }
        two:
          type: worker
          topic: step.two
          input: { maps: { sum: '{one.output.data.sum}' } }
          job: { maps: { sum: '{$self.output.data.sum}' } }
      transitions: { begin: [ { to: one } ], one: [ { to: rest } ], rest: [ { to: two } ] }
`;
const children: ChildProcess[] = [];
const warnings: string[] = [];
const taken = new Set<string>();
const called: number[] = [];
let folder = "";
let server: EmbeddedPostgres;
let port = 0;

/** A server of our own, because it is going to be killed; always the same cluster at the same port. */
const start = (): Promise<EmbeddedPostgres> => startEmbedded({ folder, port, durable: false });

async function launch(name: string, role: string): Promise<void> {
  const child = fork(programFile("steady-process"), [server.url, app, name, role], { execArgv: [] });
  children.push(child);
  const ready = new Promise<void>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`${name} ended before it was there`)));
    child.on("message", (message: Record<string, unknown>) => {
      if ("ready" in message) resolve();
      if ("warning" in message) warnings.push(`${name}: ${message["warning"]}`);
      if ("taken" in message) taken.add(String(message["taken"]));
      if ("called" in message) called.push(Number(message["called"]));
    });
  });
  await ready;
}

async function query(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client(server.url);
  await client.connect();
  try {
    return (await client.query(text.replaceAll("{{app}}", `"${app}"`))).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hotmesh-restarts-"));
  port = await freePort();
  server = await start();
  const connection = { class: Client, options: { connectionString: server.url } };
  const mesh = await HotMesh.init({ appId: app, logLevel: "silent", engine: { connection } });
  await mesh.deploy(document);
  await mesh.activate("1", 20);
  await mesh.stop();
}, 120_000);

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

test("A4 F10 five restarts of Postgres under load end no process and lose, double or fail no job", async () => {
  await Promise.all([launch("van-1", "worker"), launch("van-2", "worker"), launch("desk", "caller")]);

  for (let restart = 1; restart <= 5; restart += 1) {
    const enough = taken.size + 40;
    await vi.waitFor(() => expect(taken.size).toBeGreaterThan(enough), 60_000);
    // In turns an orderly end, and one without a word to anybody.
    if (restart % 2 === 0) process.kill(server.pid, "SIGQUIT");
    await server.stop();
    server = await start();
  }
  const enough = taken.size + 40;
  await vi.waitFor(() => expect(taken.size).toBeGreaterThan(enough), 60_000);
  children[2]?.send("enough");
  await vi.waitFor(() => expect(called).toHaveLength(1), 60_000);

  const open = "select count(*)::int as open from {{app}}.jobs where state <> 'completed'";
  await vi.waitFor(async () => expect(await query(open)).toEqual([{ open: 0 }]), 60_000);
  expect(await query("select count(*)::int as jobs, min(status)::int as status from {{app}}.jobs")).toEqual([
    { jobs: called[0], status: 0 },
  ]);
  // One pass of each activity, one sum: what was done twice was counted once.
  expect(await query("select distinct context ->> 'sum' as sum from {{app}}.jobs")).toEqual([{ sum: "2" }]);
  expect(
    await query("select activity_id as id, count(*)::int as passes from {{app}}.activities group by 1 order by 1"),
  ).toEqual(["begin", "one", "rest", "two"].map((id) => ({ id, passes: called[0] })));
  expect(
    await query("select id, error from {{app}}.engine_streams union all select id, error from {{app}}.worker_streams"),
  ).toEqual([]);
  expect(children.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([null, null, null]);
  const exits = children.map((child) => once(child, "exit"));
  for (const child of children) child.send("stop");
  expect((await Promise.all(exits)).map(([code]) => code)).toEqual([0, 0, 0]);
  expect(warnings).toEqual([]);
}, 240_000);
