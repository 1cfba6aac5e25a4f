import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { HotMesh } from "../index.js";
import { documentOf } from "../testing/mesh.js";
import { programFile } from "../testing/program.js";

let apps = 0;
let appId = "";
/** By its name the connections of an app are told from those of others. */
let connection = "";
let sql: Client;

beforeEach(async () => {
  apps += 1;
  appId = `again${process.pid}x${apps}`;
  connection = `${inject("postgresUrl")}?application_name=${appId}`;
  sql = new Client(inject("postgresUrl"));
  await sql.connect();
});

afterEach(async () => {
  await HotMesh.stop();
  await sql.query(`drop schema if exists "${appId}" cascade`);
  await sql.end();
});

/** The server needs a moment to see that somebody has hung up. */
async function allHungUp(): Promise<void> {
  const open = "select query from pg_stat_activity where application_name = $1";
  await vi.waitFor(async () => expect((await sql.query(open, [appId])).rows).toEqual([]), 5_000);
}

const worker = (callback: () => Promise<object>) => ({ topic: "label.print", connection, callback });
const engine = () => ({ connection });

test("A6 F18 a process that begins and stops ten times works each time, and nothing is left of it", async () => {
  const cycles = 10;

  // A program that does not end by itself is killed, and the promise rejects.
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [programFile("cycles-process"), connection, appId, String(cycles)],
    { timeout: 90_000 },
  );

  const { before, lives } = JSON.parse(stdout);
  expect(lives).toEqual(
    Array.from({ length: cycles }, (_, n) => ({
      outcome: [[1, 2, 3].map((job) => `${n + 1}/${job} of ${n + 1}`), expect.any(Number)],
      after: before,
    })),
  );
  expect(lives.every(({ outcome }: { outcome: [unknown, number] }) => outcome[1] >= 3)).toBe(true);
  await allHungUp();
  const members = await sql.query(`select * from "${appId}".members`);
  expect(members.rows).toEqual([]);
}, 120_000);

test("A6 S107 a global stop while an init is under way leaves no connection and no member", async () => {
  const first = await HotMesh.init({ appId, logLevel: "silent", engine: engine() });
  await first.stop();

  const opening = HotMesh.init({ appId, logLevel: "silent", engine: engine(), workers: [worker(async () => ({}))] });
  const refused = expect(opening).rejects.toMatchObject({ kind: "stopped", code: 409 });
  await HotMesh.stop();

  await refused;
  await allHungUp();
  expect((await sql.query(`select * from "${appId}".members`)).rows).toEqual([]);
});

test("A6 stopping twice, an instance and all of them, at once and after another, is one stop", async () => {
  const published: string[] = [];
  const events = { publish: ({ type }: { readonly type: string }) => void published.push(type) };
  const mesh = await HotMesh.init({ appId, logLevel: "silent", engine: engine(), events });

  await Promise.all([mesh.stop(), HotMesh.stop(), mesh.stop(), HotMesh.stop()]);
  await mesh.stop();
  await HotMesh.stop();

  expect(published.filter((type) => type.endsWith(".stopped"))).toEqual([`system.engine.${appId}.stopped`]);
  await expect(mesh.rollCall()).rejects.toMatchObject({ kind: "stopped", code: 409 });
  await allHungUp();
});

test("A6 F33 a stop does not wait longer for a callback than drainMs says", async () => {
  let isBegun = false;
  const endless = worker(async () => {
    isBegun = true;
    return new Promise<object>(() => {});
  });
  const common = { appId, logLevel: "silent" as const, engine: engine(), workers: [endless] };
  const quick = await HotMesh.init({ ...common, drainMs: 0 });
  await quick.deploy(documentOf(appId, ["label.print"]));
  await quick.activate("1", 20);
  await quick.pub("do.label.print", { id: "P1" });
  await vi.waitFor(() => expect(isBegun).toBe(true), 5_000);

  const begin = performance.now();
  await quick.stop();
  const stopMs = performance.now() - begin;
  const held = await sql.query(`select reserved_by from "${appId}".worker_streams`);

  // Without drainMs it would have been 5 s.
  expect(stopMs).toBeLessThan(4_000);
  expect(held.rows).toEqual([{ reserved_by: null }]);
  await allHungUp();
});
