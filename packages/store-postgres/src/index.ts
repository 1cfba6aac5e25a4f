export { databaseBehind, type PostgresConnection } from "./connection/connection.js";
export { openPostgres, type PostgresBackend, type PostgresOptions } from "./open-postgres.js";
export { channelName, schemaName } from "./schema/schema-name.js";
