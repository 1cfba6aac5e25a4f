import type { JsonObject } from "@hotmesh/core";
import { sql } from "kysely";
import type { Run } from "../connection/database.js";
import { stored } from "../rows/stored-text.js";
import { type EscalationStatus, type ItemRow, jsonbText } from "./entry.js";
import { inApp, items, live, mergedMetadata, rowsOf, touched, uuids } from "./statements.js";

/** Changes to a work item: what is left out stays. */
export interface UpdateEscalation {
  /** The item. */
  id: string;
  /** The app it has to be of: its id, or `<namespace>.<app id>`. */
  namespace?: string;
  /** Whose work it is. */
  role?: string;
  /** Kind of work. */
  type?: string;
  /** Kind within the type. */
  subtype?: string;
  /** Kind of thing it is about. */
  entity?: string;
  /** For people. */
  description?: string;
  /** Lower is more urgent. */
  priority?: number;
  /** The task it belongs to. */
  taskId?: string;
  /** Trace it belongs to. */
  traceId?: string;
  /** Span it belongs to. */
  spanId?: string;
  /** Shown; nothing happens by itself then. */
  expiresAt?: Date;
  /** These names over what is there. */
  metadata?: JsonObject;
  /** In place of what is there. */
  envelope?: JsonObject;
}

export async function updateItem(run: Run, change: UpdateEscalation): Promise<ItemRow | null> {
  const { metadata, envelope, expiresAt, priority } = change;
  const query = items
    .updateTable("hmsh_escalations")
    .set({
      ...textsOf(change),
      ...(priority !== undefined && { priority }),
      ...(expiresAt !== undefined && { expires_at: expiresAt.toISOString() }),
      ...(metadata !== undefined && { metadata: mergedMetadata(jsonbText(metadata)) }),
      ...(envelope !== undefined && { envelope: sql<never>`${JSON.stringify(envelope)}::json` }),
      updated_at: touched,
    })
    .where("id", "in", uuids([change.id]))
    .where((where) => inApp(where, change.namespace))
    .returningAll()
    .returning(live.as("live"));
  return (await rowsOf<ItemRow>(run, query))[0] ?? null;
}

export async function appendMilestones(
  run: Run,
  id: string,
  milestones: readonly JsonObject[],
): Promise<ItemRow | null> {
  const added = sql`(
    select coalesce(jsonb_agg(jsonb_build_object('created_at', clock_timestamp()) || m.value order by m.place), '[]')
    from jsonb_array_elements(${jsonbText(milestones)}::jsonb) with ordinality as m(value, place)
  )`;
  const query = items
    .updateTable("hmsh_escalations")
    .set({ milestones: sql<never>`milestones || ${added}`, updated_at: touched })
    .where("id", "in", uuids([id]))
    .returningAll()
    .returning(live.as("live"));
  return (await rowsOf<ItemRow>(run, query))[0] ?? null;
}

export interface PruneTerms {
  readonly before: Date;
  readonly statuses: readonly EscalationStatus[];
  readonly namespace: string | undefined;
  readonly limit: number;
}

/** Deletes items that are over, the oldest first. */
export async function pruneItems(run: Run, { before, statuses, namespace, limit }: PruneTerms): Promise<number> {
  const over = items
    .selectFrom("hmsh_escalations")
    .select("id")
    .where("status", "in", statuses.length === 0 ? sql<EscalationStatus>`(null)` : statuses)
    .where("status", "<>", "pending")
    .where(sql<string>`coalesce(resolved_at, updated_at)`, "<", before.toISOString())
    .where((where) => inApp(where, namespace))
    .orderBy(sql`coalesce(resolved_at, updated_at)`)
    .limit(limit)
    .forUpdate()
    .skipLocked();
  const query = items.deleteFrom("hmsh_escalations").where("id", "in", over).returning("id");
  return (await rowsOf(run, query)).length;
}

function textsOf(change: UpdateEscalation) {
  const columns = {
    role: change.role,
    type: change.type,
    subtype: change.subtype,
    entity: change.entity,
    description: change.description,
    task_id: change.taskId,
    trace_id: change.traceId,
    span_id: change.spanId,
  };
  return Object.fromEntries(
    Object.entries(columns).flatMap(([column, text]) => (text === undefined ? [] : [[column, stored(text)]])),
  );
}
