import { HotMeshError } from "@hotmesh/core";
import type { Database, Run } from "../connection/database.js";
import { codeOf } from "../connection/storage-error.js";
import { migrations } from "../generated/migrations.js";
import { literal, quoted } from "./quoted.js";
import { channelName, defaultNamespace, schemaName } from "./schema-name.js";

export interface SchemaOwner {
  readonly namespace?: string;
  readonly appId: string;
  /** How long another process may take to migrate before we give up waiting. */
  readonly waitMs: number;
}

/**
 * Brings the schema of an app up to date; true when it changed anything. An up-to-date schema costs one read and no
 * lock.
 */
export async function migrate(database: Database, owner: SchemaOwner): Promise<boolean> {
  const { namespace = defaultNamespace, appId, waitMs } = owner;
  const name = schemaName(namespace, appId);
  const target = migrations.at(-1)?.version ?? 0;
  if ((await versionSeen(database, name)) >= target) return false;
  try {
    return await database.transaction((run) => upgrade(run, name, { namespace, appId, waitMs }));
  } catch (thrown) {
    throw isLockTimeout(thrown)
      ? new HotMeshError("schema-timeout", timedOut(name, waitMs), {
          cause: thrown,
        })
      : thrown;
  }
}

async function versionSeen(database: Database, name: string): Promise<number> {
  const read = `select coalesce(max(version), 0)::int as version from ${quoted(name)}.migration`;
  try {
    return numberOf((await database.query({ text: read, values: [] }))[0]?.["version"]);
  } catch (thrown) {
    if (isAbsent(thrown)) return 0;
    throw thrown;
  }
}

async function upgrade(run: Run, name: string, { namespace, appId, waitMs }: Required<SchemaOwner>): Promise<boolean> {
  const schema = quoted(name);
  // To the server zero means for ever, and to us not at all.
  await run({ text: `set local lock_timeout = ${Math.max(1, waitMs)}`, values: [] });
  await run({ text: "select pg_advisory_xact_lock(hashtextextended($1, 0))", values: [`${name} migration`] });
  await run({ text: `create schema if not exists ${schema}`, values: [] });
  await run({
    text: `create table if not exists ${schema}.migration (
      version integer primary key, name text not null, applied_at timestamptz not null default now())`,
    values: [],
  });
  const rows = await run({
    text: `select coalesce(max(version), 0)::int as version from ${schema}.migration`,
    values: [],
  });
  const seen = numberOf(rows[0]?.["version"]);
  const due = migrations.filter(({ version }) => version > seen);
  for (const { version, name: file, sql } of due) {
    await run({ text: filled(sql, { schema, name, namespace, app: appId }), values: [] });
    await run({ text: `insert into ${schema}.migration (version, name) values ($1, $2)`, values: [version, file] });
  }
  if (due.length === 0) return false;
  // Functions that a migration makes are for everybody until this is said.
  await run({ text: `select ${schema}.set_rights()`, values: [] });
  return true;
}

interface Names {
  readonly schema: string;
  readonly name: string;
  readonly namespace: string;
  readonly app: string;
}

/**
 * `{{schema}}`: the quoted schema; `{{name}}`: it as a text; `{{namespace}}` and `{{app}}`: whose it is; `{{prefix}}`:
 * both, as keys begin; `{{channel}}`: where its notifications go.
 */
export function filled(sql: string, { schema, name, namespace, app }: Names): string {
  return sql
    .replaceAll("{{schema}}", () => schema)
    .replaceAll("{{name}}", () => literal(name))
    .replaceAll("{{namespace}}", () => literal(namespace))
    .replaceAll("{{app}}", () => literal(app))
    .replaceAll("{{channel}}", () => literal(channelName(namespace, app)))
    .replaceAll("{{prefix}}", () => literal(`${namespace}:${app}:`));
}

function timedOut(name: string, waitMs: number): string {
  const since = `another process has been migrating schema ${name} for ${waitMs} ms`;
  return `timeout waiting for table creation: ${since}; try again, or allow more with HMSH_DEPLOYMENT_DELAY`;
}

function isAbsent(thrown: unknown): boolean {
  const code = codeOf(HotMeshError.is(thrown) ? thrown.cause : thrown);
  return code === "42P01" || code === "3F000";
}

function isLockTimeout(thrown: unknown): boolean {
  return codeOf(HotMeshError.is(thrown) ? thrown.cause : thrown) === "55P03";
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
