import { sql } from "kysely";
import type { Run } from "../connection/database.js";
import { restored, stored } from "../rows/stored-text.js";
import type { ItemRow } from "./entry.js";
import { type EscalationFilter, matching } from "./filters.js";
import { inApp, isUuid, items, live, rowsOf, selected } from "./statements.js";

/** Columns that work items are sorted by. */
export type EscalationSortField = "priority" | "created_at" | "updated_at" | "resolved_at" | "role" | "type";

/** One key to sort work items by. */
export interface EscalationOrder {
  /** The column. */
  field: EscalationSortField;
  /** `asc`. */
  order?: "asc" | "desc";
}

export interface ItemPage {
  readonly orderBy: readonly EscalationOrder[];
  readonly limit: number;
  readonly offset: number;
}

export async function itemById(run: Run, id: string, name?: string): Promise<ItemRow | null> {
  if (!isUuid(id)) return null;
  const query = selected()
    .where("id", "=", id)
    .where((where) => inApp(where, name));
  return (await rowsOf<ItemRow>(run, query))[0] ?? null;
}

/** The pending one, or else the one that came last: a key may have been used again. */
export async function itemByKey(run: Run, key: string, name?: string): Promise<ItemRow | null> {
  const query = selected()
    .where(sql<string>`md5(signal_key)`, "=", sql<string>`md5(${stored(key)})`)
    .where("signal_key", "=", stored(key))
    .where((where) => inApp(where, name))
    .orderBy(sql`status <> 'pending'`)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(1);
  return (await rowsOf<ItemRow>(run, query))[0] ?? null;
}

/** The items of these waits, which are found by their keys. One that somebody has closed names no wait any more. */
export function itemsByWait(
  run: Run,
  waits: readonly { readonly key: string; readonly wait: string }[],
): Promise<readonly ItemRow[]> {
  const keys = waits.map(({ key }) => stored(key));
  const query = selected()
    .where(
      sql<string>`md5(signal_key)`,
      "=",
      sql<string>`any(array(select md5(k.key) from unnest(${keys}::text[]) as k(key)))`,
    )
    .where("wait", "=", sql<string>`any(${waits.map(({ wait }) => stored(wait))}::text[])`)
    .orderBy("id");
  return rowsOf<ItemRow>(run, query);
}

export function listItems(run: Run, filter: EscalationFilter, page: ItemPage): Promise<readonly ItemRow[]> {
  let query = selected().where((where) => matching(where, filter));
  for (const { field, order = "asc" } of page.orderBy) query = query.orderBy(field, order);
  return rowsOf<ItemRow>(run, query.orderBy("id", "desc").limit(page.limit).offset(page.offset));
}

export async function countItems(run: Run, filter: EscalationFilter): Promise<number> {
  const query = items
    .selectFrom("hmsh_escalations")
    .select(sql<number>`count(*)`.as("count"))
    .where((where) => matching(where, filter));
  return (await rowsOf(run, query))[0]?.count ?? 0;
}

export async function distinctTypes(run: Run, name?: string): Promise<readonly string[]> {
  const query = items
    .selectFrom("hmsh_escalations")
    .select(sql<string>`type collate "C"`.as("type"))
    .distinct()
    .where("type", "is not", null)
    .where((where) => inApp(where, name))
    .orderBy(sql`type collate "C"`);
  return (await rowsOf(run, query)).map(({ type }) => restored(type));
}

/** Numbers of work items. */
export interface ItemCounts {
  /** Not yet over, claimed or not. */
  pending: number;
  /** Those of them on which a claim is live. */
  claimed: number;
  /** In the period. */
  created: number;
  /** In the period. */
  resolved: number;
}

/** The counts of each role and type. */
export async function countsByRoleAndType(
  run: Run,
  options: { readonly roles?: readonly string[]; readonly seconds: number; readonly namespace?: string },
): Promise<readonly (ItemCounts & { readonly role: string | null; readonly type: string | null })[]> {
  const { seconds, ...filter } = options;
  const since = sql<string>`clock_timestamp() - ${seconds}::double precision * interval '1 second'`;
  const query = items
    .selectFrom("hmsh_escalations")
    .select(["role", "type"])
    .select([
      sql<number>`count(*) filter (where status = 'pending')`.as("pending"),
      sql<number>`count(*) filter (where status = 'pending' and ${live})`.as("claimed"),
      sql<number>`count(*) filter (where created_at >= ${since})`.as("created"),
      sql<number>`count(*) filter (where status = 'resolved' and resolved_at >= ${since})`.as("resolved"),
    ])
    .where((where) => matching(where, filter))
    .groupBy(["role", "type"]);
  const rows = await rowsOf(run, query);
  return rows.map((row) => ({ ...row, role: restored(row.role), type: restored(row.type) }));
}
