import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Account } from "./account.js";
import { describe, type Guard, type Run } from "./guard.js";
import type { Layout } from "./layout.js";
import { logTail } from "./log.js";

/** What a new cluster is made with, and what stays as it is when the cluster is there. */
export interface Initial {
  readonly initdb: string;
  readonly user: string;
  readonly durable: boolean;
}

const passwordFile = "hotmesh-password";

/** The password of the cluster, which is made when it is not there yet. */
export async function openCluster(layout: Layout, initial: Initial, runAs: RunAs): Promise<string> {
  if (!existsSync(layout.cluster)) await createCluster(layout, initial, runAs);

  return (await readFile(join(layout.cluster, passwordFile), "utf8")).trim();
}

/** The guard, and how programs run in it. */
export interface RunAs {
  readonly guard: Guard;
  readonly account: Account | null;
}

/** The parts of a run that are the same for initdb and postgres. */
export function runIn(layout: Layout, account: Account | null): Omit<Run, "file" | "args"> {
  const owner = account === null ? {} : { uid: account.uid, gid: account.gid };

  return { cwd: layout.folder, env: environment(), log: layout.log, ...owner };
}

/**
 * Prepared beside its place and renamed into it, so that a cluster is either complete or not there: a process killed
 * in the middle leaves nothing that looks like one, and of two that start at once one finds the other's.
 */
async function createCluster(layout: Layout, initial: Initial, runAs: RunAs): Promise<void> {
  const draft = join(layout.folder, `cluster-draft-${randomBytes(8).toString("hex")}`);
  const password = randomBytes(24).toString("base64url");
  const passwordDraft = `${draft}.password`;
  // Before they are there: we may be killed at any moment after.
  runAs.guard.remove([draft, passwordDraft]);
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordDraft, `${password}\n`, { mode: 0o600 });
    await own(runAs.account, [draft, passwordDraft]);
    await initialise(layout, runAs, { file: initial.initdb, args: initdbArguments(initial, draft, passwordDraft) });
    await rename(passwordDraft, join(draft, passwordFile));
    await rename(draft, layout.cluster).catch((error: unknown) => {
      if (!existsSync(layout.cluster)) throw error;
    });
  } finally {
    await Promise.all([draft, passwordDraft].map((path) => rm(path, { recursive: true, force: true })));
  }
}

async function initialise(layout: Layout, runAs: RunAs, program: Pick<Run, "file" | "args">): Promise<void> {
  const ending = await runAs.guard.run({ ...program, ...runIn(layout, runAs.account) }).ended;
  if (ending.kind === "ended" && ending.code === 0) return;

  throw new Error(`initdb failed in ${layout.folder} (${describe(ending)}):\n${await logTail(layout.log)}`);
}

function initdbArguments(initial: Initial, folder: string, password: string): readonly string[] {
  const options = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", `--username=${initial.user}`];
  const sync = initial.durable ? [] : ["--no-sync"];

  return [`--pgdata=${folder}`, `--pwfile=${password}`, ...options, ...sync];
}

async function own(account: Account | null, paths: readonly string[]): Promise<void> {
  if (account === null) return;

  await Promise.all(paths.map((path) => chown(path, account.uid >>> 0, account.gid >>> 0)));
}

/** Only what a program needs to start: PGDATA, PGPORT, PGOPTIONS and the like of the caller are not meant for us. */
function environment(): Record<string, string> {
  const names = ["PATH", "TZ", "SystemRoot"];
  const entries = names.map((name) => [name, process.env[name] ?? ""]);

  return { ...Object.fromEntries(entries.filter(([, value]) => value !== "")), LC_ALL: "C" };
}
