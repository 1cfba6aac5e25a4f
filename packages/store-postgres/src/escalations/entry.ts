import { isJsonObject, type Json, type JsonObject } from "@hotmesh/core";
import type { Selectable } from "kysely";
import { restored, stored } from "../rows/stored-text.js";
import type { Tables } from "../schema/tables.js";
import { appNameOf } from "./app-name.js";

export type EscalationStatus = "pending" | "resolved" | "cancelled" | "expired";

/** A work item. The names are those of the columns of `public.hmsh_escalations`. */
export interface EscalationEntry {
  id: string;
  /** The app as calls name it: its id, or `<namespace>.<app id>` outside of the usual HotMesh namespace. */
  namespace: string;
  app_id: string;
  signal_key: string | null;
  topic: string | null;
  workflow_id: string | null;
  task_queue: string | null;
  workflow_type: string | null;
  type: string | null;
  subtype: string | null;
  entity: string | null;
  description: string | null;
  role: string | null;
  status: EscalationStatus;
  /** Lower is more urgent. */
  priority: number;
  assigned_to: string | null;
  assigned_until: Date | null;
  claimed_at: Date | null;
  claim_expires_at: Date | null;
  resolved_at: Date | null;
  escalation_payload: Json;
  resolver_payload: Json;
  envelope: JsonObject | null;
  metadata: JsonObject | null;
  origin_id: string | null;
  parent_id: string | null;
  initiated_by: string | null;
  created_by: string | null;
  milestones: JsonObject[];
  trace_id: string | null;
  span_id: string | null;
  expires_at: Date | null;
  task_id: string | null;
  created_at: Date;
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
