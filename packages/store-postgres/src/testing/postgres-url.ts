import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The server of this test run, as a superuser, with the database that tests may fill. */
    readonly postgresUrl: string;
    /** The same database through PgBouncer in transaction mode; empty when there is no PgBouncer. */
    readonly pgbouncerUrl: string;
  }
}

/** The server that the `pg` tests of this run share. Tests keep apart by using schemas of their own. */
export function postgresUrl(): string {
  return inject("postgresUrl");
}

/** The same database through PgBouncer in transaction mode, or null when there is none on this machine. */
export function pgbouncerUrl(): string | null {
  return inject("pgbouncerUrl") || null;
}
