import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { HotMesh } from "../index.js";
import { auditedDocument } from "../testing/audited-app.js";

const url = inject("postgresUrl");
const appId = `doctored-${process.pid}`;
const sql = new Client({ connectionString: url });

beforeAll(async () => {
  await sql.connect();
  const mesh = await HotMesh.init({ appId, logLevel: "silent", engine: { connection: url } });
  await mesh.deploy(auditedDocument(appId));
  await mesh.activate("1", 1);
  await mesh.pub("nap", { id: "nap", seconds: 600 });
  await mesh.stop();
});

afterAll(async () => {
  await sql.query(`drop schema if exists "${appId}" cascade`);
  await sql.end();
});

/** Runs the command as a shell does: a process of its own. */
function hotmesh(...args: readonly string[]): Promise<{ code: unknown; out: string; err: string }> {
  const main = resolve(import.meta.dirname, "main.ts");
  const env = { ...process.env, DATABASE_URL: url };
  return new Promise((tell) => {
    execFile(process.execPath, ["--import", "tsx", main, ...args], { env }, (error, out, err) => {
      tell({ code: error === null ? 0 : error.code, out, err });
    });
  });
}

test("the exit code and the report say whether there is something to do", async () => {
  const before = await hotmesh("doctor", "--app", appId);
  await sql.query(`update "${appId}".job set status = 7 where id = 'nap'`);
  const after = await hotmesh("doctor", "--app", appId, "--json");

  expect(before).toMatchObject({ code: 0, out: expect.stringMatching(/checks found nothing\.\n$/) });
  expect(after.code).toBe(1);
  expect(JSON.parse(after.out)).toEqual({
    schema: appId,
    at: expect.any(String),
    findings: [
      {
        check: "status-mismatch",
        severity: "broken",
        job: "nap",
        detail: "running with status 7 and 1 open obligations",
      },
    ],
    counts: { "status-mismatch": 1 },
    isClean: false,
  });
});

test("an app that is not there cannot be looked at", async () => {
  const { code, out, err } = await hotmesh("doctor", "--app", "nowhere");

  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^app-not-found: There is no schema nowhere/);
});
