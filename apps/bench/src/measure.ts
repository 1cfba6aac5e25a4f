import { setTimeout as pause } from "node:timers/promises";
import { Client, type Pool } from "pg";

/** What a piece of work cost the server. */
export interface Counts {
  /** Calls of top-level statements, `begin` and `commit` included. */
  readonly statements: number;
  readonly transactions: number;
  /** Of the whole server: nobody else should be writing. */
  readonly walBytes: number;
}

interface Reading {
  readonly statements: string;
  readonly transactions: string;
  readonly lsn: string;
}

/** It reads a table, because a server process that has touched none since its last report has nothing to report. */
const flush = "select pg_stat_force_next_flush(), count(*) from pg_am";

const reading = `
select
  (
    select coalesce(sum(s.calls), 0)
    from pg_stat_statements as s
    where s.dbid = d.oid and s.query not like '%pg_stat_force_next_flush%'
  ) as statements,
  pg_stat_get_db_xact_commit(d.oid) as transactions,
  pg_current_wal_lsn() as lsn
from pg_database as d
where d.datname = $1`;

/**
 * Counts what one database is asked to do. It looks from another database of the server, so that its own statements
 * are not among them. The server has to preload pg_stat_statements.
 */
export class Meter {
  readonly #probe: Client;
  readonly #pool: Pool;
  readonly #database: string;

  /** `url` leads to another database of the server, as a superuser; `pool` is the only one that works on `database`. */
  static async open(options: { url: string; pool: Pool; database: string }): Promise<Meter> {
    const probe = new Client({ connectionString: options.url });
    await probe.connect();
    try {
      await createExtension(probe);
      return new Meter(probe, options.pool, options.database);
    } catch (error) {
      await probe.end();
      throw error;
    }
  }

  private constructor(probe: Client, pool: Pool, database: string) {
    this.#probe = probe;
    this.#pool = pool;
    this.#database = database;
  }

  async count<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly counts: Counts }> {
    await this.#flush();
    const before = await this.#read();
    const result = await work();
    const flushes = await this.#flush();
    const after = await this.#read();
    const { rows } = await this.#probe.query<{ bytes: string }>("select pg_wal_lsn_diff($1, $2) as bytes", [
      after.lsn,
      before.lsn,
    ]);
    const counts = {
      statements: Number(after.statements) - Number(before.statements),
      transactions: Number(after.transactions) - Number(before.transactions) - flushes,
      walBytes: Number(rows[0]?.bytes),
    };
    return { result, counts };
  }

  async close(): Promise<void> {
    await this.#probe.end();
  }

  /** Server processes report their transactions late; this makes each do it at once. How many statements it took. */
  async #flush(): Promise<number> {
    // All but the one that listens: a client at work would keep its count for later.
    while (this.#pool.idleCount < this.#pool.totalCount - 1) await pause(1);
    const clients = await Promise.all(Array.from({ length: this.#pool.idleCount }, () => this.#pool.connect()));
    for (const client of clients) await client.query(flush);
    for (const client of clients) client.release();
    return clients.length;
  }

  async #read(): Promise<Reading> {
    const { rows } = await this.#probe.query<Reading>(reading, [this.#database]);
    const [row] = rows;
    if (row === undefined) throw new Error(`the server has no database ${this.#database}`);
    return row;
  }
}

async function createExtension(probe: Client): Promise<void> {
  try {
    await probe.query("create extension if not exists pg_stat_statements");
  } catch (error) {
    // Somebody else creates it at this very moment; what matters is that it can be read.
    await probe.query("select count(*) from pg_stat_statements").catch(() => {
      throw new Error("pg_stat_statements cannot be used; is it in shared_preload_libraries?", { cause: error });
    });
  }
}
