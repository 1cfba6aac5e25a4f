import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, inject, test } from "vitest";
import { onOwnDatabase } from "./own-database.js";
import { spawnFile } from "./spawned-example.js";

const root = resolve(import.meta.dirname, "..", "..", "..");
const patience = { timeout: 60_000 };
const address = "postgresql://postgres:password@localhost:5432/postgres";

test(
  "S14 the quick start of the README does what it says, and performs the five steps in their order",
  patience,
  async () => {
    const [program = ""] = await programsOf("README.md");
    const calls = ["HotMesh.init(", ".deploy(", ".activate(", ".pub(", ".pubsub(", ".stop("];

    const run = await onOwnDatabase(inject("postgresUrl"), (url) => runProgram(program.replace(address, url)));

    expect(program).toContain(address);
    expect(calls.map((call) => program.indexOf(call)).filter((at) => at >= 0)).toEqual(
      calls.map((call) => program.indexOf(call)).sort((one, other) => one - other),
    );
    expect(run).toEqual({ code: 0, lines: ["{ grams: 360 }", "completed"] });
  },
);

test("the graph in the README of core has the problem that is reported", { timeout: 60_000 }, async () => {
  const [program = ""] = await programsOf("packages/core/README.md");

  const run = await runProgram(program);

  expect(run).toEqual({ code: 0, lines: ["11 24 unknown-activity did you mean weigh?"] });
});

async function programsOf(document: string): Promise<readonly string[]> {
  const text = await readFile(join(root, document), "utf8");
  return [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, program = ""]) => program);
}

/** Runs a program from where its imports are found. */
async function runProgram(program: string) {
  const folder = resolve(import.meta.dirname, "..", ".hotmesh");
  const file = join(folder, `${randomUUID()}.mjs`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, program);
  try {
    const run = spawnFile(file, []);
    const code = await run.ended();
    return { code, lines: run.lines };
  } finally {
    await rm(file);
  }
}
