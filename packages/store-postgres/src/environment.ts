/** The documented variables that this package obeys by itself. `0` is a value. */
export interface Environment {
  /** False: no LISTEN and no NOTIFY. */
  readonly notifications: boolean;
  /** How long another process may take to migrate before we give up waiting. */
  readonly migrationWaitMs: number;
}

export function readEnvironment(variables: Readonly<Record<string, string | undefined>> = process.env): Environment {
  const text = variables["HMSH_DEPLOYMENT_DELAY"]?.trim() ?? "";
  const waitMs = text === "" ? Number.NaN : Number(text);
  return {
    notifications: variables["HOTMESH_POSTGRES_DISABLE_NOTIFICATIONS"] !== "true",
    migrationWaitMs: Number.isFinite(waitMs) && waitMs >= 0 ? Math.round(waitMs) : 10_000,
  };
}
