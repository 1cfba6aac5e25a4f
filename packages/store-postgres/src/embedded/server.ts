import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

import type { Account } from "./account.js";
import { runIn } from "./cluster.js";
import { freePort } from "./free-port.js";
import type { Guard, Running } from "./guard.js";
import type { Layout } from "./layout.js";
import { logTail } from "./log.js";
import { awaitReady } from "./postmaster.js";

const attemptsMax = 5;
const pauseMs = 200;
const fastStopMs = 20_000;
const exitMs = 3_000;

/** Where a server lives and what it runs in. `scratch` goes away with the guard. */
export interface Place {
  readonly layout: Layout;
  readonly account: Account | null;
  readonly scratch: string;
  readonly guard: Guard;
}

/** How a server is to be started. */
export interface Service {
  readonly postgres: string;
  /** Null: a free one. */
  readonly port: number | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** A server that takes connections. */
export interface Server {
  readonly port: number;
  readonly pid: number;
  readonly running: Running;
}

/**
 * Starts Postgres and waits until it is ready. It is tried again when somebody took the free port first, and when
 * the children of a server that was killed are still on their way out.
 */
export async function serve(place: Place, service: Service): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const port = service.port ?? (await freePort());
    const program = { file: service.postgres, args: serverArguments(place.layout.cluster, port, service.settings) };
    const running = place.guard.run({ ...program, ...runIn(place.layout, place.account) });
    try {
      return { port, pid: await awaitReady(place.layout.cluster, running, service.timeoutMs), running };
    } catch (cause) {
      const tail = await logTail(place.layout.log);
      if (attempt >= attemptsMax || !passes(tail, service)) throw failure(place.layout.folder, cause, tail);
    }
    await delay(pauseMs * attempt);
  }
}

/** Makes the `stop` of a server. Temporary data need no orderly end; a persistent folder opens faster after one. */
export function stopper(place: Place, server: Server): () => Promise<void> {
  const atExit = () => stopAtExit(place);
  process.once("exit", atExit);
  let stopping: Promise<void> | null = null;
  void server.running.ended.then((ending) => {
    // The guard itself was killed: nobody else is left to stop the server.
    if (ending.kind === "failed" && stopping === null) kill(server.pid);
  });
  place.guard.hold(false);

  const stop = async () => {
    place.guard.hold(true);
    if (place.layout.folder !== place.scratch) await shutDown(place.guard, server);
    await place.guard.end();
    await rm(place.scratch, { recursive: true, force: true, maxRetries: 10 });
    process.off("exit", atExit);
  };
  return () => {
    stopping ??= stop();
    return stopping;
  };
}

async function shutDown(guard: Guard, server: Server): Promise<void> {
  const limit = new AbortController();
  guard.signal("SIGINT");
  const patience = delay(fastStopMs, null, { signal: limit.signal }).catch(() => null);
  await Promise.race([server.running.ended, patience]);
  limit.abort();
}

function serverArguments(cluster: string, port: number, settings: Readonly<Record<string, string>>): readonly string[] {
  const all = { listen_addresses: "127.0.0.1", unix_socket_directories: "", logging_collector: "off", ...settings };

  return [
    "-D",
    cluster,
    "-p",
    `${port}`,
    ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}

/** Whether what went wrong may be over by itself in a moment. */
function passes(tail: string, service: Service): boolean {
  const isTaken = /Address already in use/.test(tail) && service.port === null;

  return isTaken || /pre-existing shared memory block .* is still in use/.test(tail);
}

function failure(folder: string, cause: unknown, tail: string): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);

  return new Error(`PostgreSQL did not start in ${folder}: ${reason}. The end of its log:\n${tail}`, { cause });
}

/** Nothing can be awaited when a process exits, so this blocks until the guard has cleaned up; scratch goes last. */
function stopAtExit(place: Place): void {
  place.guard.endNow();
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; waitedMs < exitMs && existsSync(place.scratch); waitedMs += 10) Atomics.wait(cell, 0, 0, 10);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGQUIT");
  } catch {
    // It is gone already.
  }
}
