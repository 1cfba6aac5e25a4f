import { builtinModules } from "node:module";

import { type Import, readImports } from "./imports.js";
import type { Manifest, SourceFile } from "./source-files.js";

const leaves = new Set(["store-postgres", "engine", "worker", "quorum"].map((name) => `packages/${name}`));
const compilerOnly = new Set(["yaml", "ajv"]);
const builtins = new Set([...builtinModules, "node:"]);

/** Everything that the layers of ARCHITECTURE.md forbid in the files, a sentence each; empty when all is well. */
export function checkLayers(files: readonly SourceFile[], manifests: readonly Manifest[]): readonly string[] {
  const imports = readImports(files, manifests);
  const rules = [coreStandsAlone, leavesImportCoreOnly, testingStaysInTests, nothingFromInside, onlyWhatIsDeclared];

  return [
    ...imports.flatMap((found) => rules.flatMap((rule) => told(found, rule(found, manifests)))),
    ...compilerBehindItsEntry(imports),
    ...cycles(imports),
  ];
}

/** What is wrong with one import, or null. */
type Rule = (found: Import, manifests: readonly Manifest[]) => string | null;

const coreStandsAlone: Rule = ({ from, packageName }) => {
  if (!from.startsWith("packages/core/src/") || packageName === null || isTest(from)) return null;
  if (builtins.has(packageName)) return "core has no Node API";
  return packageName.startsWith("@hotmesh/") ? "core imports nothing of ours" : null;
};

const leavesImportCoreOnly: Rule = ({ from, packageName }) => {
  if (!leaves.has(folderOf(from)) || !packageName?.startsWith("@hotmesh/")) return null;
  return packageName === "@hotmesh/core" ? null : "a leaf imports only core of ours";
};

const testingStaysInTests: Rule = ({ from, specifier, target }) => {
  const isTesting = specifier === "@hotmesh/core/testing" || /^packages\/[^/]+\/src\/testing\//.test(target ?? "");
  const mayImport = isTest(from) || from.startsWith("apps/") || /^packages\/[^/]+\/src\/testing\//.test(from);
  return isTesting && !mayImport ? "testing code is for tests and apps" : null;
};

const nothingFromInside: Rule = ({ from, specifier, packageName, target }, manifests) => {
  const why = "nothing imports from a package's inside";
  if (packageName?.startsWith("@hotmesh/")) {
    const isEntry = manifests.some(
      (manifest) => manifest.name === packageName && manifest.exports.has(`.${specifier.slice(packageName.length)}`),
    );
    return isEntry ? null : why;
  }
  return packageName === null && target !== null && folderOf(target) !== folderOf(from) ? why : null;
};

const onlyWhatIsDeclared: Rule = ({ from, packageName }, manifests) => {
  if (packageName === null || builtins.has(packageName)) return null;
  const own = manifests.find((manifest) => manifest.folder === folderOf(from));
  const root = manifests.find((manifest) => manifest.folder === "");
  const isShippedCode = folderOf(from).startsWith("packages/") && !isTest(from) && from.includes("/src/");
  // Tools of the workspace are declared once, at the root; what a package ships has to be in its own manifest.
  const allowed = isShippedCode ? [own?.shipped] : [own?.declared, root?.declared];
  const isOwn = packageName === own?.name || (from.includes("/src/testing/") && ["vitest", "pg"].includes(packageName));
  return isOwn || allowed.some((names) => names?.has(packageName)) ? null : "its package.json does not name it";
};

function told({ from, line, specifier }: Import, problem: string | null): readonly string[] {
  return problem === null ? [] : [`${from}:${line} imports ${specifier}: ${problem}`];
}

/** The group of files that share a manifest; scripts and configuration belong to the root's. */
function folderOf(path: string): string {
  return /^(packages|apps)\/[^/]+/.exec(path)?.[0] ?? "";
}

function isTest(path: string): boolean {
  return /\.(test|suite)\.ts$/.test(path) || path.includes("/src/testing/laws/");
}

/** Whoever imports core, or tests with it, must not pull in what only its compiler needs. */
function compilerBehindItsEntry(imports: readonly Import[]): readonly string[] {
  const bySource = groupBySource(imports);
  const entry = "packages/core/src/index.ts";

  return [...reach(entry, bySource)].flatMap((path) =>
    (bySource.get(path) ?? [])
      .filter((found) => compilerOnly.has(found.packageName ?? ""))
      .map((found) => `${path}:${found.line} imports ${found.specifier}, and ${entry} leads there`),
  );
}

function reach(start: string, bySource: ReadonlyMap<string, readonly Import[]>): ReadonlySet<string> {
  const seen = new Set([start]);
  // A set that grows while it is walked is walked to its new end.
  for (const path of seen) for (const { target } of bySource.get(path) ?? []) if (target !== null) seen.add(target);

  return seen;
}

/** Each cycle once, as the path around it. */
function cycles(imports: readonly Import[]): readonly string[] {
  const bySource = groupBySource(imports);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push(`import cycle: ${[...trail.slice(start), path].join(" → ")}`);
    if (start >= 0 || done.has(path)) return;
    for (const { target } of bySource.get(path) ?? []) if (target !== null) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of bySource.keys()) visit(path, []);

  return found;
}

function groupBySource(imports: readonly Import[]): ReadonlyMap<string, readonly Import[]> {
  const groups = new Map<string, Import[]>();
  for (const found of imports) groups.set(found.from, [...(groups.get(found.from) ?? []), found]);

  return groups;
}
