import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { onOwnDatabase } from "./own-database.js";
import { type SpawnedExample, spawnExample } from "./spawned-example.js";

/** Long enough for a machine with two cores that does other things as well. */
const patience = { timeout: 180_000 };

test("02 the smallest mesh greets", patience, async () => {
  const run = await onOwnDatabase(inject("postgresUrl"), (url) => runToEnd("02-hello", [url]));

  expect(run).toEqual({ code: 0, lines: ["Hello, world!"] });
});

test("03 the same app runs on the memory backend and on Postgres", patience, async () => {
  const run = await onOwnDatabase(inject("postgresUrl"), (url) => runToEnd("03-swap-the-adapter", [url]));

  expect(run).toEqual({
    code: 0,
    lines: [
      "in memory:   reminded ada@example.com after 30 days",
      "on Postgres: reminded ada@example.com after 2 seconds",
    ],
  });
});

test("04 an engine without workers and a worker without an engine do the work together", patience, async () => {
  const run = await onOwnDatabase(inject("postgresUrl"), (url) => runToEnd("04-worker-only-and-engine-only", [url]));

  const worker = run.lines.map((line) => /^worker (\d+): waiting/.exec(line)?.[1]).find(Boolean);
  const results = run.lines
    .filter((line) => line.startsWith("engine "))
    .map((line) => line.replace(/^engine \d+: /, ""));
  const expected = [1, 4, 9, 16].map((squared) => JSON.stringify({ squared, by: Number(worker) }));
  expect({ code: run.code, results }).toEqual({ code: 0, results: expected });
});

test("05 a mesh composed by hand runs jobs", patience, async () => {
  const run = await onOwnDatabase(inject("postgresUrl"), (url) => runToEnd("05-custom-mesh", [url]));

  expect(run).toEqual({ code: 0, lines: ["version 1 is active, 4 members", "HEY! HO!"] });
});

test("06 the callback that charges twice is found, and the other one is not", patience, async () => {
  const { code, lines } = await runToEnd("06-crash-safe-workers", []);

  const [first, ...story] = lines;
  expect({ code, first, last: story.at(-1) }).toEqual({
    code: 0,
    first: "careless, nothing dies: completed and completed after 2 days",
    last: "careful: the same after each of 32 crashes",
  });
  expect(story).toContain('  without it  {"paid":9900,"parcels":["parcel of anvil"]}');
  expect(story).toContain('  with it     {"paid":19800,"parcels":["parcel of anvil"]}');
  expect(story.filter((line) => line.includes("bell"))).toEqual([]);
});

test("01 every order reaches the outcome that is expected of it", patience, async () => {
  const run = await onOwnDatabase(inject("postgresUrl"), (url) => runToEnd("01-order-fulfilment", ["--url", url]));

  expect(run.lines).toContain("All 600 orders are as expected.");
  expect(run.code, run.lines.join("\n")).toBe(0);
});

test("01 a run that is killed in the middle is finished by the next one, each effect once", patience, async () => {
  const place = await mkdtemp(join(tmpdir(), "order-fulfilment-"));
  const folder = join(place, "data");
  // A server that root starts runs as nobody, who has to get here.
  await chmod(place, 0o755);
  try {
    const killed = spawnExample("01-order-fulfilment", ["--folder", folder, "--latency", "60"]);
    killed.onLine((line) => {
      const [, finished = "0", total = "0"] = /^(\d+) of (\d+) orders have/.exec(line) ?? [];
      if (Number(finished) > 0 && Number(finished) >= Number(total) / 3) killed.child.kill("SIGKILL");
    });
    const ending = await killed.ended();
    const wasKept = existsSync(folder);
    const next = await runToEnd("01-order-fulfilment", ["--folder", folder]);

    expect({ ending, wasKept }, killed.lines.join("\n")).toEqual({ ending: "SIGKILL", wasKept: true });
    expect(next.lines).toContainEqual(expect.stringMatching(/^\d+ of 600 orders were placed by an earlier run\.$/));
    expect(next.lines).toContain("All 600 orders are as expected.");
    expect({ code: next.code, isKept: existsSync(folder) }, next.lines.join("\n")).toEqual({ code: 0, isKept: false });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});

async function runToEnd(name: string, args: readonly string[]) {
  const run: SpawnedExample = spawnExample(name, args);
  const code = await run.ended();
  return { code, lines: run.lines };
}
