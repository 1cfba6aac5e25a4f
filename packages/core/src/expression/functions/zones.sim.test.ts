import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";

const execute = promisify(execFile);
const script = join(import.meta.dirname, "date-results.suite.ts");
const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const seed = `dates ${process.env["HOTMESH_TEST_SEED"] ?? 1}`;
/** West and east of Greenwich, half hours, a summer time of half an hour, and a day that never was. */
const zones = ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe"];

/** This Node, those that HOTMESH_TEST_NODES lists, and those on the path, by version. */
function nodes(): ReadonlyMap<string, string> {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const onPath = folders.map((folder) => join(folder, process.platform === "win32" ? "node.exe" : "node"));
  const listed = (process.env["HOTMESH_TEST_NODES"] ?? "").split(delimiter).filter((path) => path !== "");
  const others = [...listed, ...onPath.filter((path) => existsSync(path))];
  const known = others.map((path) => [String(execFileSync(path, ["-p", "process.version"])).trim(), path] as const);

  return new Map([...known, [process.version, process.execPath]]);
}

async function results(node: string, zone: string): Promise<readonly string[]> {
  const outside = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_OPTIONS|NODE_V8_COVERAGE|LANG|LC_)/.test(name),
  );
  const env = { ...Object.fromEntries(outside), TZ: zone, LC_ALL: zone === "UTC" ? "C" : "de_DE.UTF-8" };
  const options = { env, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await execute(node, ["--import", loader, script, seed, "4000"], options);

  return JSON.parse(stdout);
}

describe.for([...nodes()])("dates on Node %s", ([, node]) => {
  let inUtc: readonly string[] = [];

  beforeAll(async () => {
    inUtc = await results(process.execPath, "UTC");
  });

  test("thousands of calls have something to say", () => {
    expect(inUtc.length).toBeGreaterThan(5_000);
    expect(inUtc.filter((line) => !line.endsWith("throws")).length).toBeGreaterThan(3_500);
  });

  test.for(zones)("are the same in %s", async (zone) => {
    const here = await results(node, zone);

    expect(here.filter((line, index) => line !== inUtc[index])).toEqual([]);
    expect(here).toHaveLength(inUtc.length);
  });
});
