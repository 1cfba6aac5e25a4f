import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { type Manifest, readManifests } from "./source-files.js";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "..");

/** The packages that are published. */
export const packages: readonly Manifest[] = readManifests().filter(({ folder }) => folder.startsWith("packages/"));

/** What a registry would have: a tarball of each package, and projects that install them. */
export class PackedPackages {
  readonly #folder: string;
  readonly #tarballs: ReadonlyMap<string, string>;

  private constructor(folder: string, tarballs: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#tarballs = tarballs;
  }

  /** Packs what was built before. */
  static async pack(): Promise<PackedPackages> {
    const folder = await mkdtemp(join(tmpdir(), "hotmesh-pack-"));
    const tarballs = new Map<string, string>();
    for (const { folder: own, name } of packages) tarballs.set(name, await pack(own, folder));
    return new PackedPackages(folder, tarballs);
  }

  tarball(name: string): string {
    const found = this.#tarballs.get(name);
    if (found === undefined) throw new Error(`${name} was not packed`);
    return found;
  }

  /** An empty project with nothing but the given packages of ours in it, and what npm adds to them. */
  async project(names: readonly string[]): Promise<string> {
    const project = await mkdtemp(join(this.#folder, "consumer-"));
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
    const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    const quiet = { npm_config_logs_max: "0", npm_config_update_notifier: "false" };
    const cache = { npm_config_cache: join(root, ".hotmesh", "npm") };

    await execute("npm", ["install", ...flags, ...names.map((name) => this.tarball(name))], {
      cwd: project,
      env: { ...process.env, ...quiet, ...cache },
      shell: process.platform === "win32",
    });
    return project;
  }

  /** Removes the tarballs and the projects. */
  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function pack(own: string, destination: string): Promise<string> {
  if (!existsSync(join(root, own, "dist"))) throw new Error(`${own} is not built: run npm test, or pnpm build before`);

  const args = [join(root, "scripts", "pnpm.mjs"), "pack", "--json", "--pack-destination", destination];
  const { stdout } = await execute(process.execPath, args, { cwd: join(root, own) });
  const packed: { filename: string } = JSON.parse(stdout.slice(stdout.indexOf("{")));
  return packed.filename;
}
