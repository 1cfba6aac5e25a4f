import { Client, type ClientConfig, type Pool, type PoolClient } from "pg";
import { type Database, type ListenConnection, type Row, type Run, runOn, type Statement } from "./database.js";
import { storageError } from "./storage-error.js";

const watched = new WeakSet<object>();

/** A client without an error listener ends the process when its connection breaks. */
export function survive(emitter: { on(event: "error", listener: (error: Error) => void): unknown }): void {
  if (watched.has(emitter)) return;
  watched.add(emitter);
  // Whatever statement was under way rejects by itself; an idle connection is replaced when it is needed.
  emitter.on("error", () => {});
}

/** Statements on a pool. `own`: the configuration of a pool that we opened, which is listened beside, not out of it. */
export function poolDatabase(pool: Pool, own: ClientConfig | null): Database {
  // At once when it has connected: it can be cut before whoever waits for it gets it.
  if (!watched.has(pool)) pool.on("connect", survive);
  survive(pool);
  return {
    async query(statement) {
      try {
        return await alone(pool, statement);
      } catch (thrown) {
        throw storageError(thrown);
      }
    },
    async transaction(work) {
      try {
        return await inTransaction(pool, work);
      } catch (thrown) {
        throw storageError(thrown);
      }
    },
    listenWith: () => (own === null ? takenOut(pool) : opened(own)),
  };
}

async function checkedOut(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect();
  survive(client);
  return client;
}

/** Runs one statement and gives the client back; one whose connection may have ended is thrown away. */
async function alone(pool: Pool, statement: Statement): Promise<readonly Row[]> {
  const client = await checkedOut(pool);
  try {
    const rows = await runOn(client)(statement);
    client.release();
    return rows;
  } catch (thrown) {
    client.release(!isRefusal(thrown));
    throw thrown;
  }
}

async function inTransaction<T>(pool: Pool, work: (run: Run) => Promise<T>): Promise<T> {
  const client = await checkedOut(pool);
  const run = runOn(client);
  try {
    await run({ text: "begin", values: [] });
    const result = await work(run);
    await run({ text: "commit", values: [] });
    client.release();
    return result;
  } catch (thrown) {
    // A client that cannot roll back is in an unknown state: nobody may get it from the pool again.
    const isClean = await run({ text: "rollback", values: [] }).then(
      () => true,
      () => false,
    );
    client.release(!isClean);
    throw thrown;
  }
}

/** The server refused a statement; its connection is fine. */
function isRefusal(thrown: unknown): boolean {
  return thrown instanceof Error && "severity" in thrown && thrown.severity === "ERROR";
}

async function opened(config: ClientConfig): Promise<ListenConnection> {
  const client = new Client({ keepAlive: true, ...config });
  survive(client);
  await client.connect();
  return { client, run: runOn(client), release: () => client.end() };
}

async function takenOut(pool: Pool): Promise<ListenConnection> {
  const client = await checkedOut(pool);
  return {
    client,
    run: runOn(client),
    // Thrown away rather than given back: it may still be subscribed.
    release: async () => client.release(true),
  };
}
