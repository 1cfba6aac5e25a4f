import { isJsonObject, type Json, type JsonObject } from "@hotmesh/core";
import type { Selectable } from "kysely";
import { restored, stored } from "../rows/stored-text.js";
import type { Tables } from "../schema/tables.js";
import { appNameOf } from "./app-name.js";

/** How a work item is: to be done, or how it was closed. */
export type EscalationStatus = "pending" | "resolved" | "cancelled" | "expired";

/** A work item. The names are those of the columns of `public.hmsh_escalations`. */
export interface EscalationEntry {
  /** A UUID. */
  id: string;
  /** The app as calls name it: its id, or `<namespace>.<app id>` outside of the usual HotMesh namespace. */
  namespace: string;
  /** The app. */
  app_id: string;
  /** What whoever waits is found by; null: nobody waits. */
  signal_key: string | null;
  /** The topic that a signal for it has. */
  topic: string | null;
  /** The job that waits. */
  workflow_id: string | null;
  /** As the item's maker says. */
  task_queue: string | null;
  /** As the item's maker says. */
  workflow_type: string | null;
  /** Kind of work, for choosing and counting. */
  type: string | null;
  /** Kind within the type. */
  subtype: string | null;
  /** Kind of thing it is about. */
  entity: string | null;
  /** For people. */
  description: string | null;
  /** Whose work it is. */
  role: string | null;
  /** Only `pending` ones can be claimed or closed. */
  status: EscalationStatus;
  /** Lower is more urgent. */
  priority: number;
  /** Who has claimed it last. */
  assigned_to: string | null;
  /** When that claim lapses. */
  assigned_until: Date | null;
  /** When it was claimed last. */
  claimed_at: Date | null;
  /** When the claim lapses. */
  claim_expires_at: Date | null;
  /** When it was closed. */
  resolved_at: Date | null;
  /** What its maker gives to whoever does it. */
  escalation_payload: Json;
  /** What whoever closed it gives to whoever waits. */
  resolver_payload: Json;
  /** What its maker attaches for programs. */
  envelope: JsonObject | null;
  /** Names and values to find it by. */
  metadata: JsonObject | null;
  /** The first job of the chain. */
  origin_id: string | null;
  /** The job that awaits the one that waits. */
  parent_id: string | null;
  /** Who caused it. */
  initiated_by: string | null;
  /** Who made it. */
  created_by: string | null;
  /** What happened to it, oldest first. */
  milestones: JsonObject[];
  /** Trace of the job. */
  trace_id: string | null;
  /** Span that made it. */
  span_id: string | null;
  /** As its maker says; nothing happens by itself then. */
  expires_at: Date | null;
  /** The task it belongs to, as its maker says. */
  task_id: string | null;
  /** When it was made. */
  created_at: Date;
  /** When it was changed last. */
  updated_at: Date;
  /** Pending, and nobody's claim on it is live. */
  available: boolean;
}

/** A row as the statements of this folder read it. */
export interface ItemRow extends Selectable<Tables["hmsh_escalations"]> {
  /** By the server's clock: a claim of somebody is under way. */
  readonly live: boolean;
}

export function entryOf(row: ItemRow): EscalationEntry {
  const { live, wait: _, ...columns } = row;
  return {
    ...columns,
    namespace: appNameOf({ namespace: row.namespace, appId: row.app_id }),
    signal_key: restored(row.signal_key),
    topic: restored(row.topic),
    workflow_id: restored(row.workflow_id),
    task_queue: restored(row.task_queue),
    workflow_type: restored(row.workflow_type),
    type: restored(row.type),
    subtype: restored(row.subtype),
    entity: restored(row.entity),
    description: restored(row.description),
    role: restored(row.role),
    assigned_to: restored(row.assigned_to),
    origin_id: restored(row.origin_id),
    parent_id: restored(row.parent_id),
    initiated_by: restored(row.initiated_by),
    created_by: restored(row.created_by),
    trace_id: restored(row.trace_id),
    span_id: restored(row.span_id),
    task_id: restored(row.task_id),
    metadata: row.metadata === null ? null : rewritten(row.metadata, restored),
    milestones: row.milestones.map((milestone) => rewritten(milestone, restored)),
    assigned_until: dateOf(row.assigned_until),
    claimed_at: dateOf(row.claimed_at),
    claim_expires_at: dateOf(row.claim_expires_at),
    resolved_at: dateOf(row.resolved_at),
    expires_at: dateOf(row.expires_at),
    created_at: new Date(row.created_at),
    updated_at: new Date(row.updated_at),
    available: row.status === "pending" && !live,
  };
}

/** A document for a column of jsonb, which cannot hold every character. */
export function jsonbText(document: JsonObject | readonly JsonObject[]): string {
  return JSON.stringify(
    isJsonObject(document) ? rewritten(document, stored) : document.map((one) => rewritten(one, stored)),
  );
}

function rewritten(document: JsonObject, write: (text: string) => string): JsonObject {
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => [write(name), rewrittenJson(value, write)]),
  );
}

function rewrittenJson(value: Json, write: (text: string) => string): Json {
  if (typeof value === "string") return write(value);
  if (Array.isArray(value)) return value.map((item) => rewrittenJson(item, write));
  return isJsonObject(value) ? rewritten(value, write) : value;
}

function dateOf(timestamp: string | null): Date | null {
  return timestamp === null ? null : new Date(timestamp);
}
