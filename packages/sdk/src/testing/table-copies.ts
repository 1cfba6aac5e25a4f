import type { Client } from "pg";

/** The rows of an app as they were: whatever a test does to them by hand, it takes back. */
export class TableCopies {
  readonly #client: Client;
  readonly #app: string;
  #restore = "";

  constructor(client: Client, app: string) {
    this.#client = client;
    this.#app = app;
  }

  /** Remembers what is there now. */
  async take(): Promise<void> {
    const { rows } = await this.#client.query<{ name: string; columns: string }>(
      `select c.table_name as name, string_agg(quote_ident(c.column_name), ', ' order by c.ordinal_position) as columns
       from information_schema.columns as c
       join information_schema.tables as t using (table_schema, table_name)
       where c.table_schema = $1 and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
       group by c.table_name
       order by c.table_name = 'version', c.table_name`,
      [this.#app],
    );
    const copied = [];
    // Versions refer to plans. Small tables are deleted from in a tenth of the time in which they are truncated.
    const statements = [...rows].reverse().map(({ name }) => `delete from ${this.#table(name)}`);
    for (const { name, columns } of rows) {
      copied.push(`create temp table "${this.#copy(name)}" as table ${this.#table(name)}`);
      statements.push(
        `insert into ${this.#table(name)} (${columns}) overriding system value
          select ${columns} from "${this.#copy(name)}"`,
      );
    }
    const items = `public.hmsh_escalations where app_id = '${this.#app}'`;
    copied.push(`create temp table "${this.#copy("items")}" as select * from ${items}`);
    statements.push(`delete from ${items}`, `insert into public.hmsh_escalations table "${this.#copy("items")}"`);
    await this.#client.query(copied.join(";"));
    this.#restore = statements.join(";");
  }

  /** Makes everything what it was. */
  async restore(): Promise<void> {
    await this.#client.query(this.#restore);
  }

  #table(name: string): string {
    return `"${this.#app}"."${name}"`;
  }

  #copy(name: string): string {
    return `copy of ${this.#app} ${name}`.slice(0, 63);
  }
}
