import { Client, escapeIdentifier } from "pg";

/** Where a server is, and who asks. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

const duplicateDatabase = "42P04";

/** Makes the database when it is not there. */
export async function ensureDatabase(address: Address, database: string): Promise<void> {
  if (database === "postgres") return;

  const client = new Client({ ...address, database: "postgres" });
  await client.connect();
  try {
    const found = await client.query("select from pg_database where datname = $1", [database]);
    if (found.rowCount === 0) await client.query(`create database ${escapeIdentifier(database)}`);
  } catch (error) {
    // Another process may have been quicker.
    if (!(error instanceof Error && "code" in error && error.code === duplicateDatabase)) throw error;
  } finally {
    await client.end();
  }
}
