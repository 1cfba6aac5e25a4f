/**
 * The storage of an app on PostgreSQL.
 *
 * @module @hotmesh/store-postgres
 */

export { type Audit, type AuditOptions, audit, auditChecks, type Finding } from "./audit/audit.js";
export type { Severity } from "./audit/check.js";
export { type Codec, registerCodec } from "./codec/codec.js";
export { databaseBehind, type PostgresConnection } from "./connection/connection.js";
export type { Entities, EntityQuery, EntityRow } from "./entities/entities.js";
export type { EntityCondition, EntityOperator } from "./entities/entity-condition.js";
export type { EntityIndexType } from "./entities/entity-index.js";
export type { EscalationEntry, EscalationStatus } from "./escalations/entry.js";
export type { EscalationFilter } from "./escalations/filters.js";
export type { CreateEscalation, MigrateEscalation } from "./escalations/insert-item.js";
export { type OpenWorkItems, openWorkItems } from "./escalations/open-work-items.js";
export type { EscalationOrder, EscalationSortField, ItemCounts } from "./escalations/read-items.js";
export type { UpdateEscalation } from "./escalations/upkeep.js";
export type { ItemResult, WorkItems } from "./escalations/work-items.js";
export { openPostgres, type PostgresBackend, type PostgresOptions } from "./open-postgres.js";
export { deployApp, type PruneOptions, type PruneResult, pruneApp } from "./prune/prune.js";
export type { WorkerCredentials } from "./roles/credentials.js";
export { openWorker, type WorkerBackend, type WorkerBackendOptions } from "./roles/open-worker.js";
export {
  listWorkerRoles,
  type ProvisionWorkerRole,
  provisionWorkerRole,
  type RolesOf,
  revokeWorkerRole,
  rotateWorkerPassword,
  type WorkerRole,
} from "./roles/worker-roles.js";
export { channelName, schemaName } from "./schema/schema-name.js";
