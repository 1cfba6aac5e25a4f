import {
  DuplicateJobError,
  generationId,
  HotMeshError,
  interruptMessage,
  type JsonObject,
  jobId,
  keyAfter,
  messageKey,
  type OutgoingMessage,
  pathText,
  type SignalRequestBody,
  signalRequestKind,
  type Verdict,
} from "@hotmesh/core";
import type { MemoryTransaction } from "@hotmesh/core/testing";
import { type Engine, startJob } from "@hotmesh/engine";
import type { StreamData } from "@hotmesh/worker";
import type { Coins } from "./coins.js";
import type { Process } from "./process.js";
import type { Action, Story } from "./stories.js";
import { Violation } from "./violation.js";

export interface ClientHost {
  readonly coins: Coins;
  /** Draws an id nobody else gets. */
  newId(): string;
  /** The worker message of a job whose worker did not answer. */
  heldMessage(job: string): StreamData | undefined;
  report(violation: unknown): void;
  note(line: () => string): void;
}

/** A caller who tells one story, in order, and does not give up: what fails, or is not answered, is done again. */
export class Client {
  readonly story: Story;
  readonly #host: ClientHost;
  #at = 0;
  /** The call under way, and who is to answer it. */
  #call: { readonly process: Process } | null = null;

  constructor(story: Story, host: ClientHost) {
    this.story = story;
    this.#host = host;
  }

  get isDone(): boolean {
    return this.#at >= this.story.actions.length;
  }

  /** Does the next thing through this process, if nothing is under way. */
  act(process: Process): void {
    const action = this.story.actions[this.#at];
    if (this.#call !== null && (!this.#call.process.isAlive || this.#host.coins.toss("impatient-client"))) {
      this.#call = null;
    }
    if (action === undefined || this.#call !== null || process.engine === null) return;
    const done = this.#perform(action, process, process.engine);
    if (done === null) return;
    const call = { process };
    this.#call = call;
    this.#host.note(() => `a client asks ${process.plan.name}: ${JSON.stringify(action)}`);
    done.then(
      () => this.#succeeded(call),
      (error: unknown) => this.#failed(call, action, error),
    );
  }

  #succeeded(call: object): void {
    if (this.#call !== call) return;
    this.#call = null;
    if (!this.#host.coins.toss("repeated-call")) this.#at += 1;
  }

  #failed(call: object, action: Action, error: unknown): void {
    if (this.#call !== call) return;
    this.#call = null;
    // Its first call succeeded, though nobody said so.
    if (error instanceof DuplicateJobError) this.#at += 1;
    else if (!HotMeshError.is(error) || !error.retryable) {
      this.#host.report(new Violation("no call is refused", `${JSON.stringify(action)}: ${String(error)}`));
    }
  }

  /** Null: its time has not come. */
  #perform(action: Action, process: Process, engine: Engine<MemoryTransaction>): Promise<unknown> | null {
    switch (action.kind) {
      case "start": {
        const ports = { engine, now: () => process.clock.now(), newId: () => this.#host.newId() };
        const pendingSeconds = action.pending ? 1_000_000 : null;
        return startJob(ports, { topic: action.topic, payload: action.payload, pendingSeconds });
      }
      case "resume":
        return this.#submit(engine, { ...blank, kind: "resume", job: jobId(action.job), body: {} });
      case "signal":
        return this.#signal(engine, action);
      case "interrupt":
        return this.#submit(engine, interruptMessage(this.#key(), jobId(action.job), interruptBody));
      case "add": {
        const held = this.#host.heldMessage(action.job);
        return held === undefined ? null : this.#submit(engine, addedAnswer(held, action.data));
      }
    }
  }

  async #signal(engine: Engine<MemoryTransaction>, action: Extract<Action, { kind: "signal" }>): Promise<unknown> {
    const { topic, data } = action;
    const plans = await engine.activations.everActive();
    const body: SignalRequestBody = { topic, data, status: "success", code: 200, plans };
    return this.#submit(engine, { ...blank, kind: signalRequestKind, body });
  }

  /** What had been done before is done. */
  async #submit(engine: Engine<MemoryTransaction>, event: OutgoingMessage): Promise<void> {
    const verdict: Verdict = await engine.submit({ ...event, key: event.key === blank.key ? this.#key() : event.key });
    if (verdict.outcome === "applied" || verdict.outcome === "duplicate") return;
    if (verdict.outcome === "stale" && verdict.reason === "closed") return;
    throw new HotMeshError("refused", 409, JSON.stringify(verdict));
  }

  #key() {
    return messageKey(this.#host.newId());
  }
}

const interruptBody = {
  reason: null,
  code: 410,
  throws: true,
  stack: "",
  expireSeconds: null,
  descend: true,
};

const blank: Omit<OutgoingMessage, "kind" | "body"> = {
  key: messageKey(""),
  topic: null,
  job: null,
  generation: null,
  path: null,
  visibleAt: null,
  attempt: 0,
  policy: null,
  codeRetries: [],
  workflow: null,
  trace: null,
};

function addedAnswer(held: StreamData, data: JsonObject): OutgoingMessage {
  const { guid, jid = "", gid = "", aid, dad = "" } = held.metadata;
  return {
    ...blank,
    key: keyAfter(messageKey(guid), "answer"),
    kind: "complete",
    job: jobId(jid),
    generation: generationId(gid),
    path: pathText(`${aid}${dad}`),
    body: { status: "success", code: 200, data },
  };
}
