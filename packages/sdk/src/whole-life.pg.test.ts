import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "pg";
import { expect, inject, test } from "vitest";

test("S124 a program that has stopped its instance exits by itself", async () => {
  const appId = `life${process.pid}`;
  const connectionString = inject("postgresUrl");
  const program = fileURLToPath(new URL("./testing/whole-life.ts", import.meta.url));

  // A program that does not end is killed, and the promise rejects.
  const run = promisify(execFile)(process.execPath, ["--import", "tsx", program, connectionString, appId], {
    timeout: 25_000,
  });

  expect((await run).stdout).toBe('{"sheet":300}');
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(`drop schema if exists "${appId}" cascade`);
  await client.end();
});
