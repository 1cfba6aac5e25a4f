import {
  deployApp,
  type PostgresConnection,
  type PruneOptions,
  type PruneResult,
  pruneApp,
} from "@hotmesh/store-postgres";

/** What administrators do to the storage of an app. */
export const DBA = {
  /** Creates or migrates the schema of an app, and with it the SQL function `prune`. */
  deploy: (connection: PostgresConnection, appId: string, namespace?: string): Promise<void> =>
    deployApp({ connection, appId, ...(namespace !== undefined && { namespace }) }),

  /** Prunes what has expired or finished for long. Jobs that have not finished, and open waits, are never touched. */
  prune: (options: PruneOptions): Promise<PruneResult> => pruneApp(options),
} as const;
