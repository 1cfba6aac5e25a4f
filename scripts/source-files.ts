import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of ours: its path from the root of the checkout, with slashes, and what is in it. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a package says about itself, as far as rules are about it. */
export interface Manifest {
  /** From the root of the checkout; empty for the root itself. */
  readonly folder: string;
  readonly name: string;
  /** Every name that its code may import: dependencies, peers, and those for development. */
  readonly declared: ReadonlySet<string>;
  /** Same, without those for development: what is there when the package is installed. */
  readonly shipped: ReadonlySet<string>;
  /** Entry to file, `./compiler` to `src/compiler.ts`. */
  readonly exports: ReadonlyMap<string, string>;
}

const root = join(import.meta.dirname, "..");
const ignored = new Set(["node_modules", "dist", "generated", "coverage"]);

/** All TypeScript files of packages, apps and scripts. */
export function readSources(): readonly SourceFile[] {
  const paths = [...["packages", "apps", "scripts"].flatMap(listTypeScript), "vitest.config.ts"];

  return paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** The manifests of the root and of all packages and apps. */
export function readManifests(): readonly Manifest[] {
  const folders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );

  return ["", ...folders].map(readManifest);
}

function listTypeScript(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ignored.has(entry.name) || entry.name.startsWith(".") ? [] : listTypeScript(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

interface PackageJson {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: object;
  readonly peerDependencies?: object;
  readonly devDependencies?: object;
}

function readManifest(folder: string): Manifest {
  const json: PackageJson = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const shipped = Object.keys({ ...json.dependencies, ...json.peerDependencies });
  const entries = Object.entries(json.exports ?? {}).map(
    ([entry, file]) => [entry, file.replace(/^\.\//, "")] as const,
  );

  return {
    folder,
    name: json.name,
    shipped: new Set(shipped),
    declared: new Set([...shipped, ...Object.keys(json.devDependencies ?? {})]),
    exports: new Map(entries),
  };
}
