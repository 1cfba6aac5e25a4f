import { join } from "node:path";

/** The fixed places in an embedded server's folder. */
export interface Layout {
  readonly folder: string;
  /** The data directory of Postgres. */
  readonly cluster: string;
  readonly log: string;
}

export function layoutOf(folder: string): Layout {
  return { folder, cluster: join(folder, "cluster"), log: join(folder, "postgres.log") };
}
