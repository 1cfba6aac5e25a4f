import type * as config from "../config.js";

/**
 * How to reach Postgres: `{ class: Client, options }`, one for each purpose, or else what `HotMesh.init` takes.
 * `readonly: true`: whoever is given it never works and never deploys.
 */
export type Connection = config.Connection;

/** A connection as `Connection.connect` gives it: with `options`, where there is a `class`. */
export type Connected<Config> = Config extends { readonly class: unknown }
  ? Config & { readonly options: object }
  : Config;

/** Where workflows are. Nothing is opened before it is used; what is opened is shared in the process. */
export const Connection = {
  /** Resolves with what it is given: for clients and workers. */
  async connect<Config extends Connection>(config: Config): Promise<Connected<Config>> {
    const hasClass = typeof config === "object" && config !== null && "class" in config;
    return (hasClass ? { ...config, options: config.options ?? {} } : config) as Connected<Config>;
  },

  /** The same as `connect`. */
  create<Config extends Connection>(config: Config): Promise<Connected<Config>> {
    return Connection.connect(config);
  },
} as const;

/** True: whoever uses it starts, signals and asks, and never works. */
export function isReadonly(connection: Connection): boolean {
  if (typeof connection !== "object" || connection === null) return false;
  return "readonly" in connection && connection.readonly === true;
}
