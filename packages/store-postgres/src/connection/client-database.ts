import type { ClientBase } from "pg";
import { type Database, runOn } from "./database.js";
import { survive } from "./pool-database.js";
import { storageError } from "./storage-error.js";

/** Statements on one client of the caller: they queue, and so do transactions. The client is never closed. */
export function clientDatabase(client: ClientBase): Database {
  survive(client);
  const run = runOn(client);
  let last: Promise<unknown> = Promise.resolve();
  const queued = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work).catch((thrown: unknown) => {
      throw storageError(thrown);
    });
    last = turn.catch(() => {});
    return turn;
  };
  return {
    query: (statement) => queued(() => run(statement)),
    transaction: (work) =>
      queued(async () => {
        await run({ text: "begin", values: [] });
        try {
          const result = await work(run);
          await run({ text: "commit", values: [] });
          return result;
        } catch (thrown) {
          await run({ text: "rollback", values: [] });
          throw thrown;
        }
      }),
    listenWith: async () => ({ client, run: (statement) => queued(() => run(statement)), release: async () => {} }),
  };
}
