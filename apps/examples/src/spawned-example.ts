import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** An example as its users run it: a process of its own. */
export interface SpawnedExample {
  readonly child: ChildProcess;
  /** Everything it has printed so far, errors included. */
  readonly lines: readonly string[];
  /** Calls back for each line that is printed from now on. */
  onLine(listener: (line: string) => void): void;
  /** Its exit code, or the name of the signal that ended it. */
  ended(): Promise<number | string>;
}

/** Runs `main.ts` of an example. */
export function spawnExample(name: string, args: readonly string[]): SpawnedExample {
  return spawnFile(join(import.meta.dirname, name, "main.ts"), args);
}

/** Where a file is run, and which variables it finds besides those of this process. */
export interface SpawnOptions {
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a file. The process is Node's own, so that a signal to it reaches the program and nobody else. */
export function spawnFile(file: string, args: readonly string[], options: SpawnOptions = {}): SpawnedExample {
  const { HOTMESH_TEST_POSTGRES_URL: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", file, ...args], {
    cwd: options.folder ?? import.meta.dirname,
    env: { ...env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const listeners: ((line: string) => void)[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => {
      lines.push(line);
      for (const listener of listeners) listener(line);
    });
  }
  const exit = once(child, "close");
  return {
    child,
    lines,
    onLine: (listener) => void listeners.push(listener),
    ended: async () => {
      const [code, signal] = await exit;
      return code ?? signal;
    },
  };
}
