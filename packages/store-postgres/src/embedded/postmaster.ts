import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { describe, type Ending, type Running } from "./guard.js";

const patienceMs = 3_000;
const pollMs = 20;

/** The lock file of a running server, as far as we read it. */
export interface Postmaster {
  readonly pid: number;
  readonly isReady: boolean;
}

export function readPostmaster(cluster: string): Postmaster | null {
  try {
    return parsePostmaster(readFileSync(lockFile(cluster), "utf8"));
  } catch {
    // It comes and goes with the server.
    return null;
  }
}

/** Line 1 of the file is the process id, line 8 the state. */
export function parsePostmaster(text: string): Postmaster | null {
  const lines = text.split("\n");
  const pid = Number(lines[0]);

  return Number.isInteger(pid) && pid > 0 ? { pid, isReady: lines[7]?.trim() === "ready" } : null;
}

/**
 * Makes sure that no server runs in the folder. One whose owner has just been killed is about to stop, so it gets a
 * moment. A lock file that a killed server left behind is Postgres' own to judge, because it also protects against
 * its surviving children; only where another program has got the process id since would Postgres be fooled.
 */
export async function awaitVacancy(cluster: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const postmaster = readPostmaster(cluster);
    if (postmaster === null || !isAlive(postmaster.pid)) return;
    if (!isPostgres(postmaster.pid)) return rm(lockFile(cluster), { force: true });
    if (waitedMs >= patienceMs) {
      throw new Error(`A PostgreSQL server (process ${postmaster.pid}) is already running in ${cluster}`);
    }
    await delay(pollMs);
  }
}

/** Waits until the server takes connections. A lock file of an earlier server may lie there until it has its own. */
export async function awaitReady(cluster: string, running: Running, timeoutMs: number): Promise<number> {
  let ending: Ending | null = null;
  void running.ended.then((found) => {
    ending = found;
  });
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += pollMs) {
    if (ending !== null) throw new Error(`the server ended while it started (${describe(ending)})`);
    const postmaster = readPostmaster(cluster);
    if (postmaster?.isReady && postmaster.pid === running.pid()) return postmaster.pid;
    await delay(pollMs);
  }
  throw new Error(`the server was not ready after ${timeoutMs} ms`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** True unless it is known to be something else: a second server on one folder would destroy it. */
function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("postgres");
  } catch {
    return true;
  }
}

function lockFile(cluster: string): string {
  return join(cluster, "postmaster.pid");
}
