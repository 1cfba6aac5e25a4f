import type { Json, JsonObject } from "@hotmesh/core";
import { sql } from "kysely";
import type { Run } from "../connection/database.js";
import { stored } from "../rows/stored-text.js";
import { schemaName } from "../schema/schema-name.js";
import { addressOf } from "./app-name.js";
import { type EscalationStatus, type ItemRow, jsonbText } from "./entry.js";
import { items, live, rowsOf } from "./statements.js";

/** A work item that somebody makes by hand: no wait is kept beside it. */
export interface CreateEscalation {
  /** The app: its id, or `<namespace>.<app id>`; `durable`. */
  namespace?: string;
  /** At most one pending item of the app has it. With `topic`: who resolves the item signals it, this key as `id`. */
  signalKey?: string;
  /** A topic of signals. */
  topic?: string;
  /** The job it is about. */
  workflowId?: string;
  /** For choosing. */
  taskQueue?: string;
  /** For choosing. */
  workflowType?: string;
  /** Kind of work, for choosing and counting. */
  type?: string;
  /** Kind within the type. */
  subtype?: string;
  /** Kind of thing it is about. */
  entity?: string;
  /** For people. */
  description?: string;
  /** Whose work it is. */
  role?: string;
  /** 5; lower is more urgent. */
  priority?: number;
  /** Who has it from the beginning; with `assignedUntil`, as a claim. */
  assignedTo?: string;
  /** When that claim lapses. */
  assignedUntil?: Date;
  /** What whoever does it is given. */
  escalationPayload?: Json;
  /** What is attached for programs. */
  envelope?: JsonObject;
  /** Names and values to find it by. */
  metadata?: JsonObject;
  /** The first job of the chain. */
  originId?: string;
  /** The job above. */
  parentId?: string;
  /** Who caused it. */
  initiatedBy?: string;
  /** Who makes it. */
  createdBy?: string;
  /** Trace it belongs to. */
  traceId?: string;
  /** Span it belongs to. */
  spanId?: string;
  /** Shown; nothing happens by itself then. */
  expiresAt?: Date;
  /** The task it belongs to. */
  taskId?: string;
}

/** An item with its whole life, from another database. */
export interface MigrateEscalation extends CreateEscalation {
  /** A UUID: its id there and here. */
  id: string;
  /** `pending` unless given. */
  status?: EscalationStatus;
  /** When it was claimed last. */
  claimedAt?: Date;
  /** When the claim lapses; `assignedUntil` unless given. */
  claimExpiresAt?: Date;
  /** When it was closed. */
  resolvedAt?: Date;
  /** What whoever closed it gave. */
  resolverPayload?: Json;
  /** What happened to it, oldest first. */
  milestones?: readonly JsonObject[];
  /** Now unless given. */
  createdAt?: Date;
  /** Now unless given. */
  updatedAt?: Date;
}

const texts = {
  signalKey: "signal_key",
  topic: "topic",
  workflowId: "workflow_id",
  taskQueue: "task_queue",
  workflowType: "workflow_type",
  type: "type",
  subtype: "subtype",
  entity: "entity",
  description: "description",
  role: "role",
  assignedTo: "assigned_to",
  originId: "origin_id",
  parentId: "parent_id",
  initiatedBy: "initiated_by",
  createdBy: "created_by",
  traceId: "trace_id",
  spanId: "span_id",
  taskId: "task_id",
} as const;

const instants = {
  assignedUntil: "assigned_until",
  claimedAt: "claimed_at",
  claimExpiresAt: "claim_expires_at",
  resolvedAt: "resolved_at",
  expiresAt: "expires_at",
  createdAt: "created_at",
  updatedAt: "updated_at",
} as const;

/** Null: the id is taken. Steps and people take one lock for a key, so that neither runs into the other's item. */
export async function insertItem(
  run: Run,
  item: CreateEscalation & Partial<MigrateEscalation>,
  name: string,
): Promise<ItemRow | null> {
  const { namespace, appId } = addressOf(name);
  if (item.signalKey !== undefined) {
    const lock = `${schemaName(namespace, appId)} escalation ${stored(item.signalKey)}`;
    await run({ text: "select pg_advisory_xact_lock(hashtextextended($1, 0))", values: [lock] });
  }
  const query = items
    .insertInto("hmsh_escalations")
    .values({ ...columnsOf(item), namespace, app_id: appId } as never)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returningAll()
    .returning(live.as("live"));
  return (await rowsOf<ItemRow>(run, query))[0] ?? null;
}

function columnsOf(item: CreateEscalation & Partial<MigrateEscalation>): Record<string, unknown> {
  const columns: Record<string, unknown> = {};
  const given: Readonly<Record<string, unknown>> = { ...item };
  for (const [name, column] of Object.entries(texts)) {
    const value = given[name];
    if (typeof value === "string") columns[column] = stored(value);
  }
  for (const [name, column] of Object.entries(instants)) {
    const value = given[name];
    if (value instanceof Date) columns[column] = value.toISOString();
  }
  if (item.assignedUntil !== undefined) columns["claim_expires_at"] ??= item.assignedUntil.toISOString();
  for (const [column, value] of [
    ["escalation_payload", item.escalationPayload],
    ["resolver_payload", item.resolverPayload],
    ["envelope", item.envelope],
  ] as const) {
    if (value !== undefined && value !== null) columns[column] = sql`${JSON.stringify(value)}::json`;
  }
  if (item.metadata !== undefined) columns["metadata"] = sql`${jsonbText(item.metadata)}::jsonb`;
  if (item.milestones !== undefined) columns["milestones"] = sql`${jsonbText(item.milestones)}::jsonb`;
  if (item.id !== undefined) columns["id"] = item.id;
  if (item.status !== undefined) columns["status"] = item.status;
  if (item.priority !== undefined) columns["priority"] = item.priority;
  return columns;
}
