import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "tsup";
import type { TestProject } from "vitest/node";

const sdk = join(import.meta.dirname, "..", "packages", "sdk");

/**
 * Vitest's global setup of the `pg` project: bundles the programs that tests run in processes of their own. Node starts
 * a bundle in a tenth of the processor time that it takes to load every module through a TypeScript loader, and the
 * tests start many. The bundles lie where the packages that they import are found.
 */
export async function setup(project: TestProject): Promise<() => void> {
  const modules = join(sdk, "node_modules");
  mkdirSync(modules, { recursive: true });
  const folder = mkdtempSync(join(modules, ".programs-"));
  await bundle(folder);
  project.onTestsRerun(() => bundle(folder));
  project.provide("programs", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

async function bundle(outDir: string): Promise<void> {
  const testing = join(sdk, "src", "testing");
  const programs = readdirSync(testing).filter((file) => file.endsWith("-process.ts") || file === "whole-life.ts");
  await build({
    entry: programs.map((file) => join(testing, file)),
    outDir,
    outExtension: () => ({ js: ".mjs" }),
    format: "esm",
    target: "node20",
    config: false,
    silent: true,
    clean: false,
    skipNodeModulesBundle: true,
    noExternal: [/^@hotmesh\//],
  });
}
