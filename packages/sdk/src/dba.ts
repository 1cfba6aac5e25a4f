import {
  type Audit,
  type AuditOptions,
  audit,
  deployApp,
  type PostgresConnection,
  type PruneOptions,
  type PruneResult,
  pruneApp,
} from "@hotmesh/store-postgres";

/** What an audit takes. */
export interface AuditApp extends AuditOptions {
  /** Of somebody who may read the tables of the app and call its functions. */
  readonly connection: PostgresConnection;
}

/** What administrators do to the storage of an app. */
export const DBA = {
  /** Creates or migrates the schema of an app, and with it the SQL function `prune`. */
  deploy: (connection: PostgresConnection, appId: string, namespace?: string): Promise<void> =>
    deployApp({ connection, appId, ...(namespace !== undefined && { namespace }) }),

  /** Prunes what has expired or finished for long. Jobs that have not finished, and open waits, are never touched. */
  prune: (options: PruneOptions): Promise<PruneResult> => pruneApp(options),

  /** Looks for what contradicts itself in the storage of an app, or needs somebody. It reads, and changes nothing. */
  audit: ({ connection, ...options }: AuditApp): Promise<Audit> => audit(connection, options),
} as const;
