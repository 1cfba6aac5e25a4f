import {
  generationId,
  HotMeshError,
  type Instant,
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
import { type Engine, startJob } from "@hotmesh/engine";
import type { StreamData } from "@hotmesh/worker";
import type { Action } from "./stories.js";

/** Who performs an action, and through what. */
export interface Performer<Tx> {
  readonly engine: Engine<Tx>;
  now(): Instant;
  /** Draws an id nobody else gets. */
  newId(): string;
  /** The worker message of a job whose worker did not answer. */
  heldMessage(job: string): StreamData | undefined;
}

/** Does one thing that a client does; what had been done before is done. Null: its time has not come. */
export function perform<Tx>(performer: Performer<Tx>, action: Action): Promise<unknown> | null {
  const { engine } = performer;
  const key = messageKey(performer.newId());
  switch (action.kind) {
    case "start": {
      const pendingSeconds = action.pending ? 1_000_000 : null;
      const ports = { engine, now: () => performer.now(), newId: () => performer.newId() };
      return startJob(ports, { topic: action.topic, payload: action.payload, pendingSeconds });
    }
    case "resume":
      return submit(engine, { ...blank, key, kind: "resume", job: jobId(action.job), body: {} });
    case "signal":
      return signal(performer, key, action);
    case "interrupt":
      return submit(engine, interruptMessage(key, jobId(action.job), interruptBody));
    case "add": {
      const held = performer.heldMessage(action.job);
      return held === undefined ? null : submit(engine, addedAnswer(held, action.data));
    }
  }
}

async function signal<Tx>(
  { engine }: Performer<Tx>,
  key: OutgoingMessage["key"],
  { topic, data }: Extract<Action, { kind: "signal" }>,
): Promise<void> {
  const plans = await engine.activations.everActive();
  const body: SignalRequestBody = { topic, data, status: "success", code: 200, plans };
  return submit(engine, { ...blank, key, kind: signalRequestKind, body });
}

async function submit<Tx>(engine: Engine<Tx>, event: OutgoingMessage): Promise<void> {
  const verdict: Verdict = await engine.submit(event);
  if (verdict.outcome === "applied" || verdict.outcome === "duplicate") return;
  if (verdict.outcome === "stale" && verdict.reason === "closed") return;
  throw new HotMeshError("protocol", JSON.stringify(verdict));
}

const interruptBody = {
  reason: null,
  code: 410,
  throws: true,
  stack: "",
  expireSeconds: null,
  descend: true,
};

const blank: Omit<OutgoingMessage, "key" | "kind" | "body"> = {
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
