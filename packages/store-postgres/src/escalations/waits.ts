import { generationId, type JsonObject, pathText, waitOf } from "@hotmesh/core";
import { sql } from "kysely";
import { documentText } from "../codec/encoded.js";
import type { Run } from "../connection/database.js";
import { restored, stored } from "../rows/stored-text.js";
import { queryBuilder } from "../schema/query-builder.js";
import { quoted } from "../schema/quoted.js";
import { channelName, schemaName } from "../schema/schema-name.js";
import { notify } from "../sub/notifier.js";
import type { ItemRow } from "./entry.js";
import { rowsOf } from "./statements.js";

/** An item that is being closed, and what its wait is to be told. */
export interface Wake {
  readonly row: ItemRow;
  readonly data: JsonObject;
}

interface OpenHook {
  readonly job_id: string;
  readonly path: string;
  readonly generation: string;
  readonly lookup: string;
}

/**
 * Locks the jobs of items, and then the keys they wait under: in the order in which steps do, so that nothing else
 * decides what becomes of these waits before the transaction is over.
 */
export async function lockWaits(run: Run, rows: readonly ItemRow[]): Promise<void> {
  const waiting = rows.filter((row) => row.wait !== null && row.status === "pending");
  if (waiting.length === 0) return;
  await lock(
    run,
    waiting.map((row) => `${schemaOf(row)} job ${row.workflow_id}`),
  );
  const lookups: string[] = [];
  for (const [schema, own] of await bySchema(run, waiting)) {
    for (const { lookup } of (await openHooks(run, schema, own)).values()) lookups.push(`${schema} wait ${lookup}`);
  }
  await lock(run, lookups);
}

/**
 * Gives each wait its signal, as a message of its job that any engine takes up, and closes it to all others. A wait
 * that a plain signal has closed already gets nothing. The locks of {@link lockWaits} are held.
 */
export async function wakeWaits(run: Run, wakes: readonly Wake[]): Promise<void> {
  const data = new Map(wakes.map((wake) => [wake.row.wait, wake.data]));
  const told = new Map<string, ReturnType<typeof notice>>();
  const waiting = wakes.map(({ row }) => row).filter(({ wait }) => wait !== null);
  for (const [schema, rows] of await bySchema(run, waiting)) {
    const hooks = await openHooks(run, schema, rows);
    const signals = rows.flatMap((row) => {
      const hook = hooks.get(row.wait);
      return hook === undefined ? [] : [signalOf(row, hook, data.get(row.wait) ?? {})];
    });
    if (signals.length === 0) continue;
    const [first] = rows;
    if (first !== undefined) told.set(schema, notice(first));
    await run({
      text: `select ${quoted(schema)}.signal_deliver(x.dispatch, x.body::json, true, x.hooks, x.at)
        from json_to_recordset($1) as x(dispatch text, body text, hooks json, at bigint)`,
      values: [JSON.stringify(signals)],
    });
  }
  await signalKeys(
    run,
    wakes.filter(({ row }) => row.wait === null),
    told,
  );
  if (told.size > 0) await run(notify([...told.values()]));
}

/** Items made by hand have no wait of their own; with a topic and a key they signal whoever waits there. */
async function signalKeys(run: Run, wakes: readonly Wake[], told: Map<string, unknown>): Promise<void> {
  const byHand = wakes.filter(({ row }) => row.topic !== null && row.signal_key !== null);
  for (const [schema, rows] of await bySchema(
    run,
    byHand.map(({ row }) => row),
  )) {
    const signals = byHand
      .filter(({ row }) => rows.includes(row))
      .map(({ row, data }) => ({ topic: row.topic, data: documentText({ ...data, id: restored(row.signal_key) }) }));
    await run({
      text: `select ${quoted(schema)}.signal_request_put(x.topic, x.data::json, 'success', 200)
        from json_to_recordset($1) as x(topic text, data text)`,
      values: [JSON.stringify(signals)],
    });
    // It has told the engines by itself.
    told.delete(schema);
  }
}

function signalOf(row: ItemRow, { job_id, generation, path }: OpenHook, data: JsonObject) {
  const body = { topic: restored(row.topic), keys: [], status: "success", code: 200, data, keepMs: 0 };
  return {
    dispatch: `${row.id}:closed`,
    body: documentText(body),
    hooks: [{ job_id, generation, path }],
    // As if it had come when the wait began: a timer that is due, but has not been decided, comes after it.
    at: Math.floor(Date.parse(row.created_at)),
  };
}

/** The hooks of these items by their waits; a wait with several keys has several, of which one is enough. */
async function openHooks(run: Run, schema: string, rows: readonly ItemRow[]): Promise<Map<string | null, OpenHook>> {
  const jobs = rows.flatMap(({ workflow_id }) => (workflow_id === null ? [] : [workflow_id]));
  const query = queryBuilder(schema)
    .selectFrom("hook")
    .select(["job_id", "path", "generation", "lookup"])
    .where("job_id", "=", sql<string>`any(${jobs}::text[])`)
    .orderBy("lookup");
  const wanted = new Set(rows.map(({ wait }) => wait));
  const found = new Map<string | null, OpenHook>();
  for (const hook of await rowsOf<OpenHook>(run, query)) {
    const generation = generationId(restored(hook.generation));
    const wait = stored(waitOf({ generation, path: pathText(restored(hook.path)) }));
    if (wanted.has(wait)) found.set(wait, hook);
  }
  return found;
}

/** By the schemas of their apps. An app that was dropped has nobody who waits. */
async function bySchema(run: Run, rows: readonly ItemRow[]): Promise<ReadonlyMap<string, readonly ItemRow[]>> {
  const grouped = new Map<string, ItemRow[]>();
  for (const row of rows) {
    const schema = schemaOf(row);
    const own = grouped.get(schema) ?? [];
    own.push(row);
    grouped.set(schema, own);
  }
  if (grouped.size === 0) return grouped;
  const there = await run({
    text: "select n.nspname::text as schema from pg_catalog.pg_namespace as n where n.nspname = any($1::text[])",
    values: [[...grouped.keys()]],
  });
  const existing = new Set(there.map(({ schema }) => schema));
  return new Map([...grouped].filter(([schema]) => existing.has(schema)));
}

async function lock(run: Run, names: readonly string[]): Promise<void> {
  await run({
    text: `select pg_advisory_xact_lock(l.key) from (
      select distinct hashtextextended(n.name, 0) as key from unnest($1::text[]) as n(name) order by 1
    ) as l`,
    values: [names],
  });
}

function schemaOf(row: ItemRow): string {
  return schemaName(row.namespace, row.app_id);
}

function notice(row: ItemRow) {
  return { channel: channelName(row.namespace, row.app_id), payload: '{"from":"","c":"lane","b":null}' };
}
