import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { programFile } from "./program.js";

/** A process whose workers have much to do when it is told to end. */
export interface ShiftSpec {
  readonly connection: string;
  readonly appId: string;
  readonly guid: string;
  /** It has a worker for each. */
  readonly topics: readonly string[];
  /** Of each worker. */
  readonly concurrency: number;
  readonly hasEngine: boolean;
  readonly drainMs: number;
  /** Callbacks for jobs that are `slow` never end here, and others do when the process is about to stop. */
  readonly isHeld: boolean;
}

export interface Execution {
  readonly id: string;
  readonly guid: string;
  readonly at: number;
}

/** What a shift says when its instance has stopped. */
export interface Farewell {
  readonly at: number;
  readonly stopMs: number;
  /** What Node waits for that it did not wait for before `init`. */
  readonly resources: readonly string[];
}

export type ShiftTold = { readonly ready: string } | { readonly begun: Execution } | { readonly stopped: Farewell };

/** One life of such a process. */
export class Shift {
  readonly begun: Execution[] = [];
  readonly #process: ChildProcess;
  #written = "";
  #farewell: Farewell | null = null;

  static async begin(spec: ShiftSpec): Promise<Shift> {
    const child = fork(programFile("shift-process"), [JSON.stringify(spec)], { execArgv: [], silent: true });
    const shift = new Shift(child);
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`${spec.guid} ended with ${code} before it was there: ${shift.#written}`);
    });
    const there = new Promise<void>((resolve) => {
      child.on("message", (told: ShiftTold) => "ready" in told && resolve());
    });
    await Promise.race([there, ended]);
    ended.catch(() => {});
    return shift;
  }

  private constructor(child: ChildProcess) {
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (this.#written += String(text)));
    child.on("message", (told: ShiftTold) => {
      if ("begun" in told) this.begun.push(told.begun);
      if ("stopped" in told) this.#farewell = told.stopped;
    });
  }

  /** Has it stop and end by itself: what it said, and how long it lived on after it had stopped, by its own clock. */
  async end(): Promise<Farewell & { readonly exitCode: number; readonly exitMs: number }> {
    // All that it has written is here by then, which is not so when it exits.
    const closed = once(this.#process, "close");
    this.#process.send("stop");
    const [exitCode] = await closed;
    if (this.#farewell === null) throw new Error(`it ended without a word: ${this.#written}`);
    return { ...this.#farewell, exitCode, exitMs: Number(/exit after (\d+) ms/.exec(this.#written)?.[1]) };
  }

  /** Ends it without a word, if it lives. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }
}
