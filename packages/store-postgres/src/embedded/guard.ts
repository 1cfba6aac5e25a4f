import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

import { guardSource } from "./guard-source.js";

/** A program that the guard runs; what it prints is appended to `log`. */
export interface Run {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly log: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** How a program ended; `failed` when it could not even be started. */
export type Ending =
  | { readonly kind: "ended"; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: "failed"; readonly message: string };

/** For an error message. */
export function describe(ending: Ending): string {
  return ending.kind === "failed" ? ending.message : `code ${ending.code}, signal ${ending.signal}`;
}

/** A program that was started. */
export interface Running {
  /** Null until it runs. */
  pid(): number | null;
  readonly ended: Promise<Ending>;
}

/** A process that runs one program after the other and stops it when we are gone, whatever ended us. */
export interface Guard {
  run(program: Run): Running;
  signal(name: NodeJS.Signals): void;
  /** Adds to what is removed at the end. What is not there yet, or not there any more, does no harm. */
  remove(paths: readonly string[]): void;
  /** Stops what runs at once, removes what it has to, and waits until the guard itself is gone. */
  end(): Promise<void>;
  /** Same, for the moment when this process exits and nothing can be awaited. */
  endNow(): void;
  /** Whether the guard keeps this process from ending of itself. */
  hold(isHeld: boolean): void;
}

/** Starts a guard that removes the given files and folders when it ends. */
export function startGuard(remove: readonly string[]): Guard {
  // Detached: Ctrl-C in a terminal goes to every process of its group, and Postgres must outlive our own clean-up.
  const child = spawn(process.execPath, ["-e", guardSource, JSON.stringify(remove)], {
    detached: true,
    env: guardEnvironment(),
    stdio: ["pipe", "pipe", "ignore"],
    windowsHide: true,
  });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  // Writing to a guard that is gone fails, which its `exit` tells as well.
  child.stdin.on("error", () => undefined);
  const say = (line: object) => void child.stdin.write(`${JSON.stringify(line)}\n`);

  return {
    run: (program) => {
      const running = watch(child);
      say({ run: program });
      return running;
    },
    signal: (name) => say({ signal: name }),
    remove: (paths) => say({ remove: paths }),
    end: async () => {
      hold(child, true);
      child.stdin.end(`${JSON.stringify({ end: true })}\n`);
      await gone;
    },
    endNow: () => void child.kill("SIGTERM"),
    hold: (isHeld) => hold(child, isHeld),
  };
}

interface Report {
  readonly started?: number;
  readonly ended?: { readonly code: number | null; readonly signal: string | null };
  readonly failed?: string;
}

/** Follows the program that is started next, through what the guard reports. */
function watch(child: ChildProcessByStdio<Writable, Readable, null>): Running {
  let pid: number | null = null;
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<Ending>((resolve) => {
    lines.on("line", (text) => {
      const report: Report = JSON.parse(text);
      if (report.started !== undefined) pid = report.started;
      if (report.ended !== undefined) resolve({ kind: "ended", ...report.ended });
      if (report.failed !== undefined) resolve({ kind: "failed", message: report.failed });
    });
    child.once("error", (error) => resolve({ kind: "failed", message: error.message }));
    child.once("exit", () => resolve({ kind: "failed", message: "The process that guards Postgres is gone" }));
  });

  return { pid: () => pid, ended: ended.finally(() => lines.close()) };
}

function hold(child: ChildProcessByStdio<Writable, Readable, null>, isHeld: boolean): void {
  for (const handle of [child, child.stdin, child.stdout]) {
    // The pipes of a child are sockets, which can be let go of; their declared type does not say so.
    if (isHeld && "ref" in handle && typeof handle.ref === "function") handle.ref();
    if (!isHeld && "unref" in handle && typeof handle.unref === "function") handle.unref();
  }
}

/** Without what would make the guard load, measure or debug something: NODE_OPTIONS, NODE_V8_COVERAGE and the like. */
function guardEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith("NODE_"));

  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? ""]));
}
