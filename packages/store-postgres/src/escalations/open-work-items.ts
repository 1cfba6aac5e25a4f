import type { PostgresConnection } from "../connection/connection.js";
import { borrow, thisProcess } from "../connection/shared-connections.js";
import { openPostgres } from "../open-postgres.js";
import { addressOf } from "./app-name.js";
import { WorkItems } from "./work-items.js";

/** The work items of a database, and the end of what was opened for them. */
export interface OpenWorkItems {
  /** For all calls; usable at once. */
  readonly items: WorkItems;
  /** Closes what was opened for it and nothing that was brought. */
  close(): Promise<void>;
}

/** The work items of a database. Nothing is read, and no connection made, before the first call. */
export function openWorkItems(connection: PostgresConnection, taskQueue = ""): OpenWorkItems {
  const lent = borrow(connection, taskQueue, thisProcess);
  const prepare = async (app: string): Promise<void> => {
    const backend = await openPostgres({ connection, ...addressOf(app), ...(taskQueue !== "" && { taskQueue }) });
    await backend.close();
  };
  return { items: new WorkItems({ database: lent.database, prepare }), close: () => lent.giveBack() };
}
