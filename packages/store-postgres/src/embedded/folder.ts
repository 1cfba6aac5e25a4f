import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { type Account, closedFolder } from "./account.js";
import { layoutOf } from "./layout.js";

/** A name for a new temporary folder where the account can enter it. */
export function scratchName(account: Account | null): string {
  const roots = [tmpdir(), "/tmp", "/var/tmp"];
  const root = roots.find((path) => existsSync(path) && closedFolder(path, account) === null);
  if (root === undefined)
    throw new Error(`${account?.name} can enter none of the temporary folders ${roots.join(", ")}`);

  return join(root, `hotmesh-postgres-${randomBytes(8).toString("hex")}`);
}

/** A new temporary folder for the account alone, which we have to remove. */
export async function makeScratch(account: Account | null, scratch = scratchName(account)): Promise<string> {
  await mkdir(scratch, { mode: 0o700 });
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
