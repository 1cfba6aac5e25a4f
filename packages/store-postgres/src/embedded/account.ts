import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** The user and group that a child process runs as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account that Postgres has to run as, or null for our own. Postgres refuses to run as root, so root lends it an
 * account that exists already: `nobody` where there is one, else any other than root. Nothing is created.
 */
export function accountForPostgres(): Account | null {
  if (process.getuid?.() !== 0) return null;

  return unprivileged(readPasswd());
}

/** Picks an account out of the text of /etc/passwd. */
export function unprivileged(passwd: string): Account {
  const accounts = passwd.split("\n").map(parseEntry);
  const usable = accounts.filter((account) => account !== null).filter((account) => account.uid !== 0);

  return usable.find((account) => account.name === "nobody") ?? usable[0] ?? { name: "65534", uid: 65534, gid: 65534 };
}

/** What tells who may do what with a file or folder. */
export type Stat = (path: string) => { readonly uid: number; readonly gid: number; readonly mode: number };

/** The innermost of the folder and the ones around it that keeps the account out by its mode bits, or null. */
export function closedFolder(folder: string, account: Account | null, stat: Stat = statSync): string | null {
  if (account === null) return null;

  for (let path = resolve(folder); ; path = dirname(path)) {
    if (!permits(stat(path), account, "x")) return path;
    if (path === dirname(path)) return null;
  }
}

export function canRead(file: string, account: Account | null, stat: Stat = statSync): boolean {
  if (account === null) return true;

  return closedFolder(dirname(file), account, stat) === null && permits(stat(file), account, "r");
}

function permits(stat: ReturnType<Stat>, account: Account, access: "r" | "x"): boolean {
  const bits = stat.uid === account.uid ? stat.mode >> 6 : stat.gid === account.gid ? stat.mode >> 3 : stat.mode;

  return (bits & (access === "r" ? 4 : 1)) !== 0;
}

function parseEntry(line: string): Account | null {
  const [name, , uid, gid] = line.split(":");
  if (!name || !uid || !gid) return null;

  return { name, uid: Number(uid), gid: Number(gid) };
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    // Images without a passwd file exist; the number that means "nobody" everywhere will do.
    return "";
  }
}
