import type { Client } from "pg";
import { quoted } from "../schema/quoted.js";
import { dropApp, type HarnessOptions, openHarness, type PostgresHarness } from "./harness.js";

/**
 * Apps that tests use one after the other. Making a schema and dropping it costs the server more than most tests do, so
 * whoever needs an app without rows, and leaves the schema as it is, takes an emptied one.
 */
export class UsedApps {
  readonly #url: string;
  readonly #options: HarnessOptions;
  readonly #free: string[] = [];

  constructor(url: string, options: HarnessOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  async open(): Promise<PostgresHarness> {
    const appId = this.#free.pop();
    return openHarness(this.#url, {
      ...this.#options,
      ...(appId !== undefined && { appId }),
      leave: async (client, app) => {
        await emptyApp(client, app.schema);
        this.#free.push(app.appId);
      },
    });
  }

  /** Drops those that nobody uses. */
  async end(): Promise<void> {
    for (const appId of this.#free.splice(0)) {
      const harness = await openHarness(this.#url, { ...this.#options, appId, leave: dropApp });
      await harness.close();
    }
  }
}

const tables = `
select c.relname as name
from pg_class as c
where c.relnamespace = to_regnamespace(quote_ident($1)) and c.relkind = 'r' and c.relname <> 'migration'`;

/** Every table is left with the rows that a migration puts there. */
async function emptyApp(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ readonly name: string }>(tables, [schema]);
  const deletions = rows.map(({ name }) => `delete from ${quoted(schema)}.${quoted(name)};`);
  // Foreign keys would ask for an order.
  await client.query(`
    begin;
    set local session_replication_role = replica;
    ${deletions.join("\n")}
    insert into ${quoted(schema)}.app default values;
    commit`);
}
