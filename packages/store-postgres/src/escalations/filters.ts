import type { JsonObject } from "@hotmesh/core";
import { type Expression, type SqlBool, sql } from "kysely";
import { stored } from "../rows/stored-text.js";
import { type EscalationStatus, jsonbText } from "./entry.js";
import { type ItemWhere, inApp, live, uuids } from "./statements.js";

/** Which items are meant: those that fulfil all that is given. */
export interface EscalationFilter {
  /** An app: its id, or `<namespace>.<app id>`. */
  namespace?: string;
  /** Whose work it is. */
  role?: string;
  /** Wins over `role`. */
  roles?: readonly string[];
  /** Kind of work. */
  type?: string;
  /** Kind within the type. */
  subtype?: string;
  /** Kind of thing it is about. */
  entity?: string;
  /** How it is. */
  status?: EscalationStatus;
  /** Who has claimed it last; the claim may have lapsed. */
  assignedTo?: string;
  /** The job that waits. */
  workflowId?: string;
  /** The first job of the chain. */
  originId?: string;
  /** Pending and not claimed, or the opposite of it. */
  available?: boolean;
  /** Just this one. */
  priority?: number;
  /** What the metadata has to contain. */
  metadata?: JsonObject;
  /** One of these. */
  ids?: readonly string[];
  /** The task it belongs to. */
  taskId?: string;
}

const columns = {
  type: "type",
  subtype: "subtype",
  entity: "entity",
  assignedTo: "assigned_to",
  workflowId: "workflow_id",
  originId: "origin_id",
  taskId: "task_id",
} as const;

export function matching(where: ItemWhere, filter: EscalationFilter) {
  const conditions: Expression<SqlBool>[] = [inApp(where, filter.namespace)];
  for (const name of ["type", "subtype", "entity", "assignedTo", "workflowId", "originId", "taskId"] as const) {
    const value = filter[name];
    if (value !== undefined) conditions.push(where(columns[name], "=", stored(value)));
  }
  const roles = filter.roles ?? (filter.role === undefined ? undefined : [filter.role]);
  if (roles !== undefined)
    conditions.push(where("role", "=", sql<string>`any(${roles.map((role) => stored(role))}::text[])`));
  if (filter.status !== undefined) conditions.push(where("status", "=", filter.status));
  if (filter.priority !== undefined) conditions.push(where("priority", "=", filter.priority));
  if (filter.metadata !== undefined) conditions.push(contains(filter.metadata));
  if (filter.ids !== undefined) conditions.push(where("id", "in", uuids(filter.ids)));
  if (filter.available !== undefined) {
    conditions.push(sql<boolean>`(status = 'pending' and not ${live}) = ${filter.available}`);
  }
  return where.and(conditions);
}

function contains(metadata: JsonObject) {
  return sql<boolean>`metadata @> ${jsonbText(metadata)}::jsonb`;
}
