import { type Compilable, type ExpressionBuilder, type RawBuilder, sql } from "kysely";
import type { Run } from "../connection/database.js";
import { call } from "../rows/call.js";
import { queryBuilder, statementOf } from "../schema/query-builder.js";
import type { Tables } from "../schema/tables.js";
import { addressOf } from "./app-name.js";
import type { ItemRow } from "./entry.js";

/** Builds statements about the table that all apps share. */
export const items = queryBuilder("public");

export type ItemWhere = ExpressionBuilder<Tables, "hmsh_escalations">;

/** A claim is implicit: it lasts as long as this holds. */
export const live = sql<boolean>`coalesce(assigned_until > clock_timestamp(), false)`;

/** No two changes of an item have one time, so that each can be named by it. */
export const touched = sql<string>`greatest(clock_timestamp(), updated_at + interval '1 millisecond')`;

export const now = sql<string>`clock_timestamp()`;

export function until(minutes: number): RawBuilder<string> {
  return sql<string>`statement_timestamp() + ${minutes}::double precision * interval '1 minute'`;
}

/** `document`: as text. The metadata that is there, with these names over it. */
export function mergedMetadata(document: string): RawBuilder<never> {
  return sql<never>`coalesce(metadata, '{}'::jsonb) || ${document}::jsonb`;
}

/** The items of an app, or of all when none is named. */
export function inApp(where: ItemWhere, name: string | undefined) {
  if (name === undefined) return where.lit(true);
  const { namespace, appId } = addressOf(name);
  return where.and([where("namespace", "=", namespace), where("app_id", "=", appId)]);
}

/** The rows of any statement, reads and `returning` alike. They come as one JSON text, as from our functions. */
export function rowsOf<Row>(run: Run, query: Compilable<Row>): Promise<readonly Row[]> {
  const { text, values } = statementOf(query);
  return call(run, {
    text: `with r as (${text}) select coalesce(json_agg(row_to_json(r)), '[]')::text as result from r`,
    values,
  });
}

export function selected() {
  return items.selectFrom("hmsh_escalations").selectAll().select(live.as("live"));
}

/** Locks items by their ids and reads them as they are then. What is no id is not found. */
export function lockedItems(run: Run, ids: readonly string[]): Promise<readonly ItemRow[]> {
  return rowsOf(run, selected().where("id", "in", uuids(ids)).orderBy("id").forUpdate());
}

/** Those of the texts that an id can be. */
export function uuids(ids: readonly string[]) {
  return sql<string>`(select unnest(${ids.filter(isUuid)}::uuid[]))`;
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
