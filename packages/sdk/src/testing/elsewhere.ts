import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { JobOutput, QuorumMessage } from "../index.js";
import type { Begun } from "./mesh.js";
import { programFile } from "./program.js";

/** What an instance in another process is made of. */
export interface ElsewhereSpec {
  readonly connection: string;
  readonly appId: string;
  readonly guid: string;
  /** It has a worker for each. */
  readonly topics: readonly string[];
  /** A `reader` is an engine that never claims. */
  readonly engine: "none" | "reader" | "whole";
  /** What its `psub` callback hears. */
  readonly patterns: readonly string[];
  /** The key of its codec. Not given: it has none. */
  readonly codecKey?: string;
  /** Of each worker. */
  readonly concurrency?: number;
  /** How long each callback of its workers takes. */
  readonly workMs?: number;
  /** Asks the database a question after every so many milliseconds, and tells when. */
  readonly metronomeMs?: number;
  /** Registers a callback that throws and one that rejects before each one that hears something. */
  readonly isClumsy?: boolean;
}

export interface Announced {
  readonly topic: string;
  readonly output: JobOutput;
}

/** An event of its log. */
export interface Logged {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
}

export interface Heard {
  readonly topic: string;
  readonly message: QuorumMessage;
}

/**
 * Methods of an instance, and two of the process: `beginLoad(topic, options)` starts jobs of `do.<topic>` until
 * `endLoad()`, which gives what became of it.
 */
export type RemoteMethod = InstanceMethod | "beginLoad" | "endLoad";

export type InstanceMethod = "pub" | "pubsub" | "pubQuorum" | "rollCall" | "signalAll" | "throttle" | "activate";

export interface RemoteCall {
  readonly number: number;
  readonly method: RemoteMethod;
  readonly parameters: readonly unknown[];
}

type Told =
  | { readonly ready: string }
  | { readonly heard: Heard }
  | { readonly announced: Announced }
  | { readonly begun: Begun }
  | { readonly beat: number }
  | { readonly logged: Logged }
  | { readonly answered: number; readonly value?: unknown; readonly failure?: string };

/** An instance in another process, whose methods are called from here. */
export class Elsewhere {
  readonly spec: ElsewhereSpec;
  /** What its `subQuorum` callback has heard. */
  readonly heard: Heard[] = [];
  /** What its `psub` callback has heard. */
  readonly announced: Announced[] = [];
  /** The messages its workers have begun with. */
  readonly begun: Begun[] = [];
  /** When its metronome had an answer from the database, by the clock that `begun` is told by. */
  readonly beats: number[] = [];
  /** Warnings and errors that it has logged. */
  readonly logged: Logged[] = [];
  readonly #process: ChildProcess;
  readonly #calls: { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }[] = [];

  /** Resolves when its `init` has. */
  static async join(spec: ElsewhereSpec): Promise<Elsewhere> {
    const child = fork(programFile("elsewhere-process"), [JSON.stringify(spec)], { execArgv: [] });
    const elsewhere = new Elsewhere(spec, child);
    const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`${spec.guid} ended with ${code}`)));
    const there = new Promise<void>((resolve) => {
      child.on("message", (told: Told) => "ready" in told && resolve());
    });
    await Promise.race([there, ended]);
    ended.catch(() => {});
    return elsewhere;
  }

  private constructor(spec: ElsewhereSpec, child: ChildProcess) {
    this.spec = spec;
    this.#process = child;
    child.on("message", (told: Told) => this.#hear(told));
    child.on("exit", (code) => {
      for (const { reject } of this.#calls) reject(new Error(`process ${spec.guid} has ended with ${code}`));
    });
  }

  /** Calls a method of the instance over there. */
  async call(method: RemoteMethod, ...parameters: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const number = this.#calls.push({ resolve, reject }) - 1;
      this.#process.send({ number, method, parameters } satisfies RemoteCall);
    });
  }

  /** `SIGSTOP` freezes the process as it is, `SIGCONT` lets it go on, `SIGKILL` ends it without a word. */
  async kill(signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<void> {
    this.#process.kill(signal);
    if (signal === "SIGKILL") await once(this.#process, "exit");
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async leave(): Promise<void> {
    if (!this.isAlive) return;
    // A test that has failed may have left it frozen.
    this.#process.kill("SIGCONT");
    this.#process.send("stop");
    await once(this.#process, "exit");
  }

  #hear(told: Told): void {
    if ("heard" in told) this.heard.push(told.heard);
    if ("announced" in told) this.announced.push(told.announced);
    if ("begun" in told) this.begun.push(told.begun);
    if ("beat" in told) this.beats.push(told.beat);
    if ("logged" in told) this.logged.push(told.logged);
    if (!("answered" in told)) return;
    const call = this.#calls[told.answered];
    if (told.failure === undefined) call?.resolve(told.value);
    else call?.reject(new Error(told.failure));
  }
}

/** What all of this kind have said, in the order in which it was heard. */
export function messagesOf<Type extends QuorumMessage["type"]>(
  heard: readonly Heard[],
  type: Type,
): readonly Extract<QuorumMessage, { readonly type: Type }>[] {
  return heard.flatMap(({ message }) => (isOf(message, type) ? [message] : []));
}

function isOf<Type extends QuorumMessage["type"]>(
  message: QuorumMessage,
  type: Type,
): message is Extract<QuorumMessage, { readonly type: Type }> {
  return message.type === type;
}
