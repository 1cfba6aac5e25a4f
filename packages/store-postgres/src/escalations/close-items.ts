import { isJsonObject, type Json, type JsonObject } from "@hotmesh/core";
import { sql } from "kysely";
import type { Run } from "../connection/database.js";
import { stored } from "../rows/stored-text.js";
import { type ItemRow, jsonbText } from "./entry.js";
import { type EscalationFilter, matching } from "./filters.js";
import { inApp, items, live, lockedItems, mergedMetadata, rowsOf, selected, touched, uuids } from "./statements.js";
import { lockWaits, wakeWaits } from "./waits.js";

export type CloseRefusal =
  | "not-found"
  | "already-resolved"
  | "already-cancelled"
  | "already-expired"
  | "claim-expired"
  | "claimed-by-other";

export interface Closing {
  readonly id: string;
  readonly status: "resolved" | "cancelled";
  readonly payload: Json;
  readonly metadata: JsonObject | null;
}

export interface CloseTerms<Reason extends string> {
  readonly namespace: string | undefined;
  /** Null: it may be closed. `row` undefined: there is none. */
  readonly refuse: (row: ItemRow | undefined, closing: Closing) => Reason | null;
}

export interface Closed<Reason extends string> {
  readonly rows: readonly ItemRow[];
  readonly refused: readonly { readonly id: string; readonly reason: Reason }[];
}

/**
 * Closes items and tells those who wait, in this transaction: all, or none when one of them may not be closed. Of
 * several who close an item one has its locks first, and the others find it closed.
 */
export async function closeItems<Reason extends string>(
  run: Run,
  closings: readonly Closing[],
  terms: CloseTerms<Reason>,
): Promise<Closed<Reason>> {
  const ids = closings.map(({ id }) => id);
  const seen = await rowsOf<ItemRow>(
    run,
    selected()
      .where("id", "in", uuids(ids))
      .where((where) => inApp(where, terms.namespace)),
  );
  await lockWaits(run, seen);
  const mine = new Set(seen.map(({ id }) => id));
  const rows = new Map((await lockedItems(run, [...mine])).map((row) => [row.id, row]));
  const refused = closings.flatMap((closing) => {
    const row = rows.get(closing.id.toLowerCase());
    const reason = terms.refuse(row, closing);
    return reason === null ? [] : [{ id: closing.id, reason }];
  });
  if (refused.length > 0) return { rows: [], refused };
  const open = closings.flatMap((closing) => {
    const row = rows.get(closing.id.toLowerCase());
    return row?.status === "pending" ? [{ row, data: signalData(closing) }] : [];
  });
  await wakeWaits(run, open);
  return { rows: await write(run, closings), refused: [] };
}

/** Closes pending items that have no key, so that nobody waits for them. */
export function closeStandAlone(
  run: Run,
  options: { readonly ids: readonly string[]; readonly payload: Json; readonly metadata: JsonObject | null },
): Promise<readonly ItemRow[]> {
  const { ids, payload, metadata } = options;
  const query = items
    .updateTable("hmsh_escalations")
    .set({
      status: "resolved",
      resolver_payload: jsonOrNull(payload),
      resolved_at: touched,
      updated_at: touched,
      ...(metadata !== null && { metadata: mergedMetadata(jsonbText(metadata)) }),
    })
    .where("id", "in", uuids(ids))
    .where("status", "=", "pending")
    .where("signal_key", "is", null)
    .where("wait", "is", null)
    .returningAll()
    .returning(live.as("live"));
  return rowsOf<ItemRow>(run, query);
}

/** The item that somebody means who names a value of its metadata: the most urgent pending one, or else the last. */
export async function idByMetadata(run: Run, filter: EscalationFilter): Promise<string | null> {
  const query = items
    .selectFrom("hmsh_escalations")
    .select("id")
    .where((where) => matching(where, filter))
    .orderBy(sql`case status when 'pending' then 0 else 1 end`)
    .orderBy(sql`case status when 'pending' then priority end`)
    .orderBy(sql`case status when 'pending' then created_at end`)
    .orderBy("created_at", "desc")
    .limit(1);
  return (await rowsOf(run, query))[0]?.id ?? null;
}

/**
 * Why an item cannot be resolved. One that a plain signal closed can be, once: its row still names its wait
 * (0.26 callers signal first and resolve after).
 */
export function refusalToResolve(row: ItemRow | undefined, assertClaim: string | undefined): CloseRefusal | null {
  if (row === undefined) return "not-found";
  if (row.status === "resolved" && row.wait !== null) return null;
  if (row.status !== "pending") return `already-${row.status}`;
  if (assertClaim === undefined) return null;
  if (row.assigned_to === stored(assertClaim)) return row.live || row.assigned_until === null ? null : "claim-expired";
  return row.live ? "claimed-by-other" : null;
}

/** A signal carries an object. Whoever waits tells a cancelled item by `cancelled`. */
function signalData({ status, payload }: Closing): JsonObject {
  if (status === "cancelled") return { cancelled: true };
  if (payload === null) return {};
  return isJsonObject(payload) ? payload : { data: payload };
}

/** The row does not name its wait any more: it was closed by somebody, for good. */
function write(run: Run, closings: readonly Closing[]): Promise<readonly ItemRow[]> {
  const changes = closings.map(({ id, status, payload, metadata }) => ({
    id,
    status,
    payload: payload === null ? null : JSON.stringify(payload),
    metadata: metadata === null ? null : jsonbText(metadata),
  }));
  const update = sql<ItemRow>`update public.hmsh_escalations as e
    set status = x.status,
      resolver_payload = x.payload::json,
      metadata = case when x.metadata is null then e.metadata
        else coalesce(e.metadata, '{}'::jsonb) || x.metadata::jsonb end,
      resolved_at = coalesce(e.resolved_at, ${touched}),
      updated_at = ${touched},
      wait = null
    from json_to_recordset(${JSON.stringify(changes)}::json) as x(id uuid, status text, payload text, metadata text)
    where e.id = x.id
    returning e.*, coalesce(e.assigned_until > clock_timestamp(), false) as live`;
  return rowsOf<ItemRow>(run, { compile: () => update.compile(items) });
}

function jsonOrNull(payload: Json) {
  return payload === null ? null : sql<never>`${JSON.stringify(payload)}::json`;
}
