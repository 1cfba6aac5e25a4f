// npm test: everything that has to hold, from a fresh checkout. The last line says how it went.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { environmentWithPnpm, install, isStopped, root, run, tool } from "./toolchain.mjs";

const reports = join(root, "reports");
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
/** What the summary says of the lists of promises. */
const checklistLines = [];

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

try {
  await install();
  const env = environmentWithPnpm();
  const node = (file, ...args) => run(process.execPath, [file, ...args], { env });
  const tsc = (project) => node(tool("typescript", "tsc"), "-p", project, "--noEmit");

  await check("typecheck", () => tsc("tsconfig.json"));
  await check("typecheck of core without Node", () => tsc("packages/core/tsconfig.json"));
  await check("lint", () => node(tool("@biomejs/biome", "biome"), "check", "."));
  await check("build", () => node(tool("turbo"), "run", "build", "--ui=stream", "--output-logs=errors-only"));
  await suite("unit", env, ["--project=unit", "--project=sim", "--coverage"]);
  await suite("pg", env, ["--project=pg"]);
  await checkChecklists();
  await suite("pack", env, ["--project=pack"]);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
summarise();

/** A step that is no test: it adds nothing when it is well, and a failure when it is not. */
async function check(name, work) {
  if (isStopped()) return;
  console.log(`\n== ${name}`);
  const code = await work();
  if (code !== 0) fail(`${name} ended with ${code}`);
}

/** Runs the tests of some of Vitest's projects and adds up what its report says. */
async function suite(name, env, options) {
  if (isStopped()) return;
  console.log(`\n== tests: ${name}`);
  const report = join(reports, `${name}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const code = await run(process.execPath, [tool("vitest"), "run", ...options, ...reporters], { env });
  const failedBefore = total.failed;
  if (existsSync(report)) add(name, JSON.parse(readFileSync(report, "utf8")));
  // An unhandled error, a threshold of the coverage, a setup that failed: Vitest tells them by its exit code alone.
  if (code !== 0 && total.failed === failedBefore && !isStopped())
    fail(`${name}: Vitest ended with ${code} although no test failed`);
}

/** Every item of the founding checklist, and every failure mode, has a test that ran on PostgreSQL and passed. */
async function checkChecklists() {
  const report = join(reports, "pg.json");
  if (!existsSync(report)) return;
  // Not before the installation is there what reads TypeScript.
  const { tsImport } = await import("tsx/esm/api");
  const { summariseChecklists } = await tsImport("./checklists.ts", import.meta.url);
  for (const { lines, problems } of summariseChecklists(report)) {
    checklistLines.push(...lines);
    for (const problem of problems) fail(problem);
  }
}

function add(name, report) {
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests;
  total.skipped += report.numPendingTests + report.numTodoTests;
  for (const file of report.testResults) {
    for (const test of file.assertionResults.filter((result) => result.status === "failed")) {
      failures.push(`${name}: ${test.fullName} (${file.name})`);
    }
    const isBroken = file.status === "failed" && file.assertionResults.every((result) => result.status !== "failed");
    if (isBroken) fail(`${name}: ${file.name}: ${file.message.split("\n")[0]}`);
  }
}

function fail(reason) {
  total.failed += 1;
  failures.push(reason);
}

function summarise() {
  if (isStopped()) fail("stopped before the end");
  console.log("\n== summary");
  describeServers();
  for (const line of checklistLines) console.log(line);
  for (const failure of failures) console.log(`FAILED  ${failure}`);
  const skipped = total.skipped === 0 ? "" : `, ${total.skipped} skipped`;
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

function describeServers() {
  const file = join(reports, "postgres-for-tests.json");
  if (!existsSync(file)) return;

  const found = JSON.parse(readFileSync(file, "utf8"));
  console.log(`Postgres:  ${found.postgres}`);
  if (found.hasPgbouncer) console.log(`PgBouncer: ${found.pgbouncer}`);
  else console.log(`WARNING    The tests behind a transaction-mode pooler DID NOT RUN. PgBouncer: ${found.pgbouncer}`);
}
