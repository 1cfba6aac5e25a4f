import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Client } from "pg";
import { expect, inject, test } from "vitest";
import { programFile } from "./testing/program.js";

test("S124 a program that has stopped its instance exits by itself", async () => {
  const appId = `life${process.pid}`;
  const connectionString = inject("postgresUrl");

  // A program that does not end is killed, and the promise rejects.
  const run = promisify(execFile)(process.execPath, [programFile("whole-life"), connectionString, appId], {
    timeout: 25_000,
  });

  expect((await run).stdout).toBe('{"sheet":300}');
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(`drop schema if exists "${appId}" cascade`);
  await client.end();
});
