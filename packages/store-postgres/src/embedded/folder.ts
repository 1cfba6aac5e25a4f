import { existsSync, readdirSync } from "node:fs";
import { chown, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { type Account, closedFolder } from "./account.js";
import { layoutOf } from "./layout.js";

/** A new temporary folder that the account can enter and we have to remove. */
export async function makeScratch(account: Account | null): Promise<string> {
  const roots = [tmpdir(), "/tmp", "/var/tmp"];
  const root = roots.find((path) => existsSync(path) && closedFolder(path, account) === null);
  if (root === undefined)
    throw new Error(`${account?.name} can enter none of the temporary folders ${roots.join(", ")}`);

  const scratch = await mkdtemp(join(root, "hotmesh-postgres-"));
  if (account !== null) await giveFolder(scratch, account);
  return scratch;
}

/** The caller's own folder, made and opened to the account as far as that takes nothing from anybody else. */
export async function prepareFolder(path: string, account: Account | null): Promise<string> {
  const folder = resolve(path);
  const made = await mkdir(folder, { recursive: true });
  if (account === null) return folder;

  const isOurs = made !== undefined || isUnused(folder);
  if (isOurs && closedFolder(folder, account) === folder) await giveFolder(folder, account);
  const closed = closedFolder(folder, account);
  if (closed === null) return folder;
  throw new Error(
    `PostgreSQL refuses to run as root, and ${account.name}, which it would run as, cannot enter ${closed}. ` +
      `Choose a folder outside of it for the data, or open it: chmod a+x ${closed}`,
  );
}

function isUnused(folder: string): boolean {
  return readdirSync(folder).length === 0 || existsSync(layoutOf(folder).cluster);
}

async function giveFolder(folder: string, account: Account): Promise<void> {
  await chown(folder, account.uid >>> 0, account.gid >>> 0);
}
