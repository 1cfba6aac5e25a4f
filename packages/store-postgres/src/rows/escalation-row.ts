import {
  type EscalationClose,
  type EscalationOpening,
  type EscalationState,
  type Instant,
  isJsonObject,
  type Json,
  type JsonObject,
  jobId,
} from "@hotmesh/core";
import { restored, stored } from "./stored-text.js";

/** A row of `public.hmsh_escalations` as far as a step makes it, with instants in milliseconds. */
export interface EscalationRow {
  readonly wait: string | null;
  readonly signal_key: string;
  readonly topic: string;
  readonly workflow_id: string;
  readonly role: string | null;
  readonly type: string | null;
  readonly subtype: string | null;
  readonly entity: string | null;
  readonly description: string | null;
  readonly status: EscalationState["status"];
  readonly priority: number;
  readonly metadata: JsonObject | null;
  readonly envelope: JsonObject | null;
  readonly origin_id: string | null;
  readonly parent_id: string | null;
  readonly initiated_by: string | null;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly task_queue: string | null;
  readonly workflow_type: string | null;
  readonly resolver_payload: Json;
  readonly expires_at: Instant | null;
  readonly created_at: Instant;
  readonly resolved_at: Instant | null;
}

/** What escalations_pending returns. An empty wait: somebody made the item by hand. */
export interface PendingRow {
  readonly key: string;
  readonly wait: string;
}

export function escalationOf(row: EscalationRow): EscalationState {
  return {
    wait: restored(row.wait) ?? "",
    key: restored(row.signal_key),
    topic: restored(row.topic),
    job: jobId(restored(row.workflow_id)),
    role: restored(row.role),
    type: restored(row.type),
    subtype: restored(row.subtype),
    entity: restored(row.entity),
    description: restored(row.description),
    status: row.status,
    priority: row.priority,
    metadata: row.metadata === null ? null : objectWith(row.metadata, restored),
    envelope: row.envelope,
    originId: restored(row.origin_id),
    parentId: restored(row.parent_id),
    initiatedBy: restored(row.initiated_by),
    traceId: restored(row.trace_id),
    spanId: restored(row.span_id),
    taskQueue: restored(row.task_queue),
    workflowType: restored(row.workflow_type),
    resolverPayload: row.resolver_payload,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    resolvedAt: row.resolved_at,
  };
}

/** `place`: among the items of a commit, which are stored in this order. */
export function openingParameter(item: EscalationOpening, place: number) {
  return {
    place,
    wait: stored(item.wait),
    signal_key: stored(item.key),
    topic: stored(item.topic),
    workflow_id: stored(item.job),
    role: stored(item.role),
    type: stored(item.type),
    subtype: stored(item.subtype),
    entity: stored(item.entity),
    description: stored(item.description),
    status: item.closed?.status ?? "pending",
    payload: textOrNull(item.closed?.payload ?? null),
    priority: item.priority,
    metadata: textOrNull(item.metadata === null ? null : objectWith(item.metadata, stored)),
    envelope: textOrNull(item.envelope),
    origin_id: stored(item.originId),
    parent_id: stored(item.parentId),
    initiated_by: stored(item.initiatedBy),
    trace_id: stored(item.traceId),
    span_id: stored(item.spanId),
    task_queue: stored(item.taskQueue),
    workflow_type: stored(item.workflowType),
    expires_at: item.expiresAt,
  };
}

export function closeParameter({ key, wait, status, payload }: EscalationClose) {
  return { signal_key: stored(key), wait: stored(wait), status, payload: textOrNull(payload) };
}

/** The same document with every text in it, names included, written another way: jsonb holds what text holds. */
function objectWith(document: JsonObject, write: (text: string) => string): JsonObject {
  return Object.fromEntries(Object.entries(document).map(([name, value]) => [write(name), jsonWith(value, write)]));
}

function jsonWith(value: Json, write: (text: string) => string): Json {
  if (typeof value === "string") return write(value);
  if (Array.isArray(value)) return value.map((item) => jsonWith(item, write));
  return isJsonObject(value) ? objectWith(value, write) : value;
}

function textOrNull(value: Json): string | null {
  return value === null ? null : JSON.stringify(value);
}
