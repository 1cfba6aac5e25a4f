import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "pg";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";

import { accountForPostgres } from "./account.js";
import { findBinaries, prepareBinaries } from "./binaries.js";
import { freePort } from "./free-port.js";
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from "./index.js";

const started: EmbeddedPostgres[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

async function start(options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbedded({ durable: false, ...options });
  started.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: "array" })).rows.flat();
  } finally {
    await client.end();
  }
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hotmesh-embedded-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a temporary server answers and leaves nothing when it stops", async () => {
  const server = await start();
  const answer = await query(server.url, "select 6 * 7");

  await server.stop();

  expect(answer).toEqual([42]);
  expect(isAlive(server.pid)).toBe(false);
  expect(existsSync(server.folder)).toBe(false);
});

test("a second stop changes nothing", async () => {
  const server = await start();

  await Promise.all([server.stop(), server.stop()]);
  await server.stop();

  expect(isAlive(server.pid)).toBe(false);
});

test("strings are UTF-8 and sort by code point", async () => {
  const server = await start();
  const settings =
    "current_setting('server_encoding'), (select datcollate from pg_database where datname = 'postgres')";

  expect(await query(server.url, `select ${settings}`)).toEqual(["UTF8", "C"]);
});

test("nobody gets in without the password", async () => {
  const server = await start();
  const url = new URL(server.url);
  url.password = "guessed";

  await expect(query(url.href, "select 1")).rejects.toThrow("password authentication failed");
});

test("settings, user and database are as asked for", async () => {
  const server = await start({ user: "Jürgen Z", database: 'Ärger "1"', settings: { max_connections: "17" } });
  const sql = "select current_user::text, current_database()::text, current_setting('max_connections')";

  expect(await query(server.url, sql)).toEqual(["Jürgen Z", 'Ärger "1"', "17"]);
});

test("a server is durable unless it is told otherwise", async () => {
  const sql = "select current_setting('fsync'), current_setting('full_page_writes')";
  const [safe, fast] = await Promise.all([start({ durable: true }), start({ durable: false })]);

  expect(await query(safe.url, sql)).toEqual(["on", "on"]);
  expect(await query(fast.url, sql)).toEqual(["off", "off"]);
});

test("what a persistent folder holds is there after a restart, under the same password", async () => {
  const folder = await makeFolder();
  const first = await start({ folder, database: "app" });
  await query(first.url, "create table kept as select 'yes' as answer");
  await first.stop();

  const second = await start({ folder, database: "app" });

  expect(await query(second.url, "select answer from kept")).toEqual(["yes"]);
  expect(new URL(second.url).password).toBe(new URL(first.url).password);
});

test("a folder is made when it is not there", async () => {
  const folder = join(await makeFolder(), "deep", "er");
  // The account that Postgres runs as when we are root has to get there.
  await chmod(dirname(dirname(folder)), 0o755);

  const server = await start({ folder });

  expect(server.folder).toBe(folder);
  expect(await query(server.url, "select 1")).toEqual([1]);
});

test("a server that was killed starts again with everything that was committed", async () => {
  const folder = await makeFolder();
  const first = await start({ folder });
  await query(first.url, "create table kept as select 'yes' as answer");
  process.kill(first.pid, "SIGKILL");
  await first.stop();
  expect(existsSync(join(folder, "cluster", "postmaster.pid"))).toBe(true);

  const second = await start({ folder });

  expect(await query(second.url, "select answer from kept")).toEqual(["yes"]);
});

test("a folder in use is refused, and its server is left alone", async () => {
  const folder = await makeFolder();
  const first = await start({ folder });

  await expect(start({ folder })).rejects.toThrow(`(process ${first.pid}) is already running`);

  expect(await query(first.url, "select 1")).toEqual([1]);
});

test("the port can be chosen", async () => {
  const port = await freePort();

  const server = await start({ port });

  expect(server.port).toBe(port);
  expect(new URL(server.url).port).toBe(`${port}`);
});

test("a start that fails quotes the server's log", async () => {
  const port = await freePort();
  const occupant = createServer();
  await new Promise<void>((resolve) => occupant.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => void occupant.close());

  await expect(start({ port })).rejects.toThrow(/could not bind IPv4 address "127.0.0.1": Address already in use/);
  await expect(start({ settings: { no_such: "1" } })).rejects.toThrow(/unrecognized configuration parameter "no_such"/);
});

test.for(["SIGKILL", "SIGTERM"] as const)("a server ends with its process, also by %s", async (signal) => {
  const { child, server } = await startElsewhere("");

  child.kill(signal);

  await vi.waitFor(() => expect(isAlive(server.pid)).toBe(false), { timeout: 15_000 });
  await vi.waitFor(() => expect(existsSync(server.folder)).toBe(false), { timeout: 15_000 });
});

test("a forgotten server does not keep its process alive, and is gone when the process is", async () => {
  const { exited, server } = await startElsewhere("process.stdin.destroy();");

  expect(await exited).toBe(0);
  expect(isAlive(server.pid)).toBe(false);
  expect(existsSync(server.folder)).toBe(false);
});

test("a server ends when its guard is killed", async () => {
  const server = await start();

  process.kill(parentOf(server.pid), "SIGKILL");

  await vi.waitFor(() => expect(isAlive(server.pid)).toBe(false), { timeout: 15_000 });
  await server.stop();
  expect(existsSync(server.folder)).toBe(false);
});

function parentOf(pid: number): number {
  const status = `/proc/${pid}/status`;
  if (existsSync(status)) return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(status, "utf8"))?.[1]);

  return Number(spawnSync("ps", ["-o", "ppid=", "-p", `${pid}`], { encoding: "utf8" }).stdout);
}

test.for([
  ["as soon as it is there", (names: readonly string[]) => names.some((name) => name.startsWith("cluster-draft"))],
  ["while initdb fills it", (names: readonly string[]) => names.some((name) => name.includes("base"))],
] as const)(
  "a process that is killed while it makes its folder, %s, leaves nothing half made",
  async ([, isMoment]) => {
    const folder = await makeFolder();
    const { child, exited } = launchElsewhere("", folder);
    const names = () => readdirSync(folder, { recursive: true, encoding: "utf8" });
    await vi.waitFor(() => expect(isMoment(names())).toBe(true), { timeout: 15_000, interval: 5 });

    child.kill("SIGKILL");
    await exited;

    await vi.waitFor(() => expect(names().filter((name) => !name.endsWith(".log"))).toEqual([]), { timeout: 15_000 });
    const second = await start({ folder });
    expect(await query(second.url, "select 1")).toEqual([1]);
  },
);

test("a persistent server whose process was killed can be started again at once", async () => {
  const folder = await makeFolder();
  const { child, exited } = await startElsewhere("", folder);
  child.kill("SIGKILL");
  await exited;

  const second = await start({ folder });

  expect(await query(second.url, "select 1")).toEqual([1]);
});

interface Elsewhere {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly server: Pick<EmbeddedPostgres, "pid" | "folder">;
}

/** Starts a server in a process of its own, which then waits for its standard input to end. */
async function startElsewhere(then: string, folder?: string): Promise<Elsewhere> {
  const { child, exited } = launchElsewhere(then, folder);
  const server = await new Promise<Elsewhere["server"]>((resolve, reject) => {
    child.stdout?.once("data", (data) => resolve(JSON.parse(String(data))));
    void exited.then((code) => reject(new Error(`The process ended with ${code} before its server was up`)));
  });

  return { child, exited, server };
}

function launchElsewhere(then: string, folder?: string): Omit<Elsewhere, "server"> {
  const module = pathToFileURL(join(import.meta.dirname, "index.ts")).href;
  const options = JSON.stringify({ durable: false, ...(folder === undefined ? {} : { folder }) });
  const source = `import { startEmbedded } from ${JSON.stringify(module)};
    process.stdin.resume();
    const { pid, folder } = await startEmbedded(${options});
    console.log(JSON.stringify({ pid, folder }));
    ${then}`;
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", source], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));

  return { child, exited: new Promise((resolve) => child.once("exit", resolve)) };
}

test("binaries that cannot be run where they are get copied, with their links", async () => {
  const account = accountForPostgres();
  const [closed, scratch] = [await makeFolder(), await makeFolder()];
  const native = join(closed, "native");
  await copyWithoutLinks(native);
  await chmod(scratch, 0o755);

  const { postgres } = await prepareBinaries(native, { account, scratch });

  const owner = account === null ? {} : { uid: account.uid, gid: account.gid };
  const version = spawnSync(postgres, ["--version"], { encoding: "utf8", cwd: scratch, ...owner });
  expect(version.stdout).toMatch(/^postgres \(PostgreSQL\) \d+/);
  expect(postgres.startsWith(scratch)).toBe(true);
  await chmod(join(native, "lib"), 0o755);
});

/** As after an installation with scripts switched off, in a place that Postgres cannot get to or write to. */
async function copyWithoutLinks(native: string): Promise<void> {
  const { postgres } = await findBinaries({ account: null, scratch: tmpdir() });
  const original = dirname(dirname(postgres));
  await mkdir(native);
  await cp(original, native, { recursive: true, verbatimSymlinks: true });
  const links: { target: string }[] = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8"));
  await Promise.all(links.map((link) => rm(join(dirname(native), link.target), { force: true })));
  await chmod(join(native, "lib"), 0o555);
}

test("a folder that Postgres could not enter is refused with a reason, where it cannot run as ourselves", async () => {
  const closed = await makeFolder();
  const folder = join(closed, "data");
  const account = accountForPostgres();

  const attempt = start({ folder });

  if (account === null) expect((await attempt).folder).toBe(folder);
  else await expect(attempt).rejects.toThrow(`${account.name}, which it would run as, cannot enter ${closed}`);
});
