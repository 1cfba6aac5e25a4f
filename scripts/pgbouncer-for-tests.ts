import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import {
  type Account,
  accountForPostgres,
  freePort,
  type Guard,
  makeScratch,
  type Running,
  startGuard,
} from "@hotmesh/store-postgres/embedded";
import { findPgbouncer, type PgbouncerBinary } from "./pgbouncer-binary.js";

const startMs = 10_000;
const pollMs = 20;

/** A running PgBouncer, or why there is none. */
export type TestPgbouncer =
  | { readonly origin: string; readonly url: string; stop(): Promise<void> }
  | { readonly missing: string };

/** Starts PgBouncer in transaction mode in front of the server. A machine that has none gets the reason instead. */
export async function startPgbouncer(postgresUrl: string): Promise<TestPgbouncer> {
  const account = accountForPostgres();
  const scratch = await makeScratch(account);
  const guard = startGuard([scratch]);
  try {
    const binary = await findPgbouncer(scratch);
    const url = await launch({ binary, account, scratch, guard }, new URL(postgresUrl));
    return { origin: binary.origin, url, stop: () => guard.end() };
  } catch (error) {
    await guard.end();
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

interface Place {
  readonly binary: PgbouncerBinary;
  readonly account: Account | null;
  readonly scratch: string;
  readonly guard: Guard;
}

async function launch(place: Place, server: URL): Promise<string> {
  const port = await freePort();
  const config = join(place.scratch, "pgbouncer.ini");
  const log = join(place.scratch, "pgbouncer.log");
  writeFileSync(config, configuration(server, port), { mode: 0o644 });
  const owner = place.account === null ? {} : { uid: place.account.uid, gid: place.account.gid };
  const env = { PATH: process.env["PATH"] ?? "", ...place.binary.env };
  const program = { file: place.binary.file, args: [config], cwd: place.scratch, env, log, ...owner };

  await awaitListener(port, place.guard.run(program));
  place.guard.hold(false);
  // Whoever comes is taken for the one user of the entry, so the password stays out of this URL.
  return `postgresql://${server.username}@127.0.0.1:${port}${server.pathname}`;
}

/** Prepared statements are left to fail, as they do behind any pooler that does not know them. */
function configuration(server: URL, port: number): string {
  const host = server.hostname.replace(/^\[|\]$/g, "");
  const user = quote(decodeURIComponent(server.username));
  const password = quote(decodeURIComponent(server.password));
  const ssl = server.searchParams.get("sslmode");

  return [
    "[databases]",
    `* = host=${host} port=${server.port || 5432} user=${user} password=${password}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = any",
    "pool_mode = transaction",
    "default_pool_size = 20",
    "max_client_conn = 500",
    "ignore_startup_parameters = extra_float_digits,options",
    ...(ssl === null ? [] : [`server_tls_sslmode = ${ssl}`]),
    "",
  ].join("\n");
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

async function awaitListener(port: number, running: Running): Promise<void> {
  let isOver = false;
  void running.ended.then(() => {
    isOver = true;
  });
  for (let waitedMs = 0; waitedMs < startMs && !isOver; waitedMs += pollMs) {
    if (await listens(port)) return;
    await delay(pollMs);
  }
  throw new Error("PgBouncer was found but did not start");
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
