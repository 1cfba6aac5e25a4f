import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const limitMs = 90_000;

/** A PgBouncer that can be run, and what it needs in its environment. */
export interface PgbouncerBinary {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly origin: string;
}

/**
 * The installed PgBouncer, else the one of the Debian package, fetched by apt-get and unpacked without installing it,
 * which needs no root. It is kept inside the checkout for the next run. Throws when there is no way to get one.
 */
export async function findPgbouncer(scratch: string): Promise<PgbouncerBinary> {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  const installed = folders.map((folder) => join(folder, "pgbouncer")).find((path) => existsSync(path));
  if (installed !== undefined) return tried({ file: installed, env: {} });

  const kept = join(import.meta.dirname, "..", ".hotmesh", "pgbouncer");
  // Tried from the copy: the checkout may lie where the account that runs PgBouncer has no access.
  const copy = join(scratch, "pgbouncer");
  if (existsSync(kept)) {
    await cp(kept, copy, { recursive: true, verbatimSymlinks: true });
    const before = await unpacked(copy).then(tried, () => null);
    if (before !== null) return before;
  }
  await rm(copy, { recursive: true, force: true });
  await fetchPackage(join(scratch, "apt"), copy);
  const fetched = await tried(await unpacked(copy));
  await rm(kept, { recursive: true, force: true });
  await cp(copy, kept, { recursive: true, verbatimSymlinks: true });
  return fetched;
}

async function tried(binary: Omit<PgbouncerBinary, "origin">): Promise<PgbouncerBinary> {
  const { stdout } = await execute(binary.file, ["--version"], { env: { ...binary.env }, timeout: 10_000 });

  return { ...binary, origin: `${stdout.split("\n")[0]} (${binary.file})` };
}

/** The libraries of the package lie beside it and not where the loader looks. */
async function unpacked(root: string): Promise<Omit<PgbouncerBinary, "origin">> {
  const parents = [join(root, "usr", "lib"), join(root, "lib")].filter((path) => existsSync(path));
  const nested = await Promise.all(
    parents.map(async (parent) => (await readdir(parent)).map((name) => join(parent, name))),
  );

  return {
    file: join(root, "usr", "sbin", "pgbouncer"),
    env: { LD_LIBRARY_PATH: [...parents, ...nested.flat()].join(":") },
  };
}

/** Lists, archives and locks are all kept in `work`, so that the machine's own package state is not touched. */
async function fetchPackage(work: string, root: string): Promise<void> {
  const signal = AbortSignal.timeout(limitMs);
  const folders = { lists: join(work, "lists"), cache: join(work, "cache"), log: join(work, "log") };
  await Promise.all(Object.values(folders).map((folder) => mkdir(folder, { recursive: true })));
  const options = {
    "Dir::State::lists": folders.lists,
    "Dir::Cache": folders.cache,
    "Dir::Log": folders.log,
    "APT::Sandbox::User": "root",
    "Debug::NoLocking": "1",
  };
  const flags = ["-qq", "-y", ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
  const apt = (...args: string[]) =>
    execute("apt-get", [...flags, ...args], { signal, env: { ...process.env, LC_ALL: "C" } });

  try {
    await apt("update");
    await apt("install", "--no-install-recommends", "--download-only", "pgbouncer");
    const archives = join(folders.cache, "archives");
    const wanted = (await readdir(archives)).filter((name) => /^(pgbouncer|lib).*\.deb$/.test(name));
    for (const name of wanted) await execute("dpkg", ["-x", join(archives, name), root], { signal });
  } catch (cause) {
    throw new Error(`pgbouncer is not installed, and apt-get could not fetch it: ${firstLine(cause)}`, { cause });
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n").slice(0, 2).join(" ");
}
