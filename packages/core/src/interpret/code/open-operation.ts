import { type Address, after, type Instant, type PathText } from "../../brand.js";
import {
  type CancelledRequest,
  type ChildRequest,
  type OperationRequest,
  type ProxyRequest,
  runTopic,
  type SleepRequest,
  type WaitRequest,
  waitTopic,
} from "../../code/protocol.js";
import type { OpenPass, OperationState } from "../../job/control.js";
import { waitOf } from "../../job/escalation.js";
import { childGeneration, childJobId, keyOf } from "../../job/keys.js";
import { childAddress, pathOf } from "../../job/path.js";
import { planIndex } from "../../plan/plan-index.js";
import type { OutgoingMessage } from "../../ports/message.js";
import type { Draft } from "../draft.js";
import { claimKey, escalationContent } from "../escalation.js";
import { keysOf } from "../hook-keys.js";
import { spanOfWait, traceOf } from "../leg.js";
import { prepareStart } from "../start-event.js";

/** An operation that somebody else has to end. */
export type WaitingRequest = ProxyRequest | SleepRequest | WaitRequest | ChildRequest;

export function isWaiting(request: Exclude<OperationRequest, CancelledRequest>): request is WaitingRequest {
  return ["proxy", "sleep", "wait", "child", "start"].includes(request.kind);
}

/** Where an operation stands. */
export interface Place {
  /** The pass of the function. */
  readonly of: PathText;
  /** The address of its present turn. */
  readonly at: Address;
}

/** The pass of an operation. */
export function operationPath(at: Address, { kind, n }: Pick<OperationState, "kind" | "n">): PathText {
  return pathOf(kind, childAddress(at, n));
}

/** Asks whom it concerns, and waits. Throws when it cannot be asked for at all. */
export function openOperation(draft: Draft, place: Place, request: WaitingRequest): void {
  const path = operationPath(place.at, request);
  if (draft.open.has(path)) return;
  switch (request.kind) {
    case "proxy":
      draft.effects.push({ kind: "send", message: proxyMessage(draft, path, request) });
      wait(draft, { place, request }, { waits: "work", topic: request.topic });
      break;
    case "sleep":
      draft.effects.push({ kind: "send", message: wakeMessage(draft, path, request.ms) });
      wait(draft, { place, request }, { waits: "hook" });
      break;
    case "wait":
      openWait(draft, { place, request }, path);
      break;
    case "child":
    case "start": {
      const message = startMessage(draft, path, request);
      draft.effects.push({ kind: "send", message });
      wait(draft, { place, request }, { waits: "child", topic: runTopic, child: message.job });
    }
  }
}

interface Asked<Request extends WaitingRequest = WaitingRequest> {
  readonly place: Place;
  readonly request: Request;
}

function wait(
  draft: Draft,
  { place, request }: Asked,
  how: Pick<OpenPass, "waits"> & Partial<Pick<OpenPass, "topic" | "child" | "escalation">>,
): void {
  const { kind, n, name, hash, shielded = false } = request;
  draft.open.set(operationPath(place.at, request), {
    activity: kind,
    address: childAddress(place.at, n),
    via: [],
    enteredAt: draft.moment.now,
    passes: 0,
    handled: [],
    child: null,
    escalation: null,
    topic: null,
    ...how,
    operation: { of: place.of, n, kind, name, hash, shielded },
    ...spanOfWait(draft),
  });
}

function openWait(draft: Draft, { place, request }: Asked<WaitRequest>, path: PathText): void {
  const { generation, id } = draft.record;
  const { now } = draft.moment;
  const { signalId, timeoutMs } = request;
  const content = request.escalation === undefined ? null : escalationContent(request.escalation);
  if (content !== null) {
    claimKey(draft, signalId);
    const escalation = { ...content, topic: waitTopic, key: signalId, wait: waitOf({ generation, path }), job: id };
    draft.effects.push({ kind: "open-escalation", escalation });
  }
  const timeoutAt: Instant | null = timeoutMs === null ? null : after(now, Math.ceil(timeoutMs));
  for (const key of keysOf(waitRule(draft), [signalId])) {
    const hook = { job: id, generation, path, topic: waitTopic, key, openedAt: now, timeoutAt };
    draft.effects.push({ kind: "open-hook", hook });
  }
  if (timeoutMs !== null) draft.effects.push({ kind: "send", message: wakeMessage(draft, path, timeoutMs) });
  wait(draft, { place, request }, { waits: "hook", topic: waitTopic, escalation: content === null ? null : signalId });
}

function waitRule(draft: Draft) {
  const [rule] = planIndex(draft.plan).rulesOn(waitTopic);
  if (rule === undefined) throw new Error(`plan ${draft.plan.id} has no rule for ${waitTopic}`);
  return rule;
}

function proxyMessage(draft: Draft, path: PathText, { topic, body, policy, name }: ProxyRequest): OutgoingMessage {
  const { generation, id } = draft.record;
  return {
    ...bare(draft, path),
    key: keyOf({ generation, path }, "work"),
    topic,
    kind: "work",
    job: id,
    body,
    policy,
    workflow: name,
  };
}

function wakeMessage(draft: Draft, path: PathText, ms: number): OutgoingMessage {
  const { generation } = draft.record;
  const { now } = draft.moment;
  return {
    ...bare(draft, path),
    key: keyOf({ generation, path }, "wake"),
    kind: "wake",
    body: { armedAt: now },
    visibleAt: after(now, Math.ceil(ms)),
  };
}

function bare(draft: Draft, path: PathText): Omit<OutgoingMessage, "key" | "kind" | "body"> {
  const { id, generation } = draft.record;
  return {
    topic: null,
    job: id,
    generation,
    path,
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: traceOf(draft),
  };
}

function startMessage(draft: Draft, path: PathText, request: ChildRequest): OutgoingMessage {
  const { record, moment } = draft;
  const { generation } = record;
  return prepareStart(moment.active ?? draft.plan, {
    topic: runTopic,
    payload: request.payload,
    generatedId: childJobId(generation, path),
    generation: childGeneration(generation, path),
    key: keyOf({ generation, path }, "child"),
    origin: record.origin ?? record.id,
    parent: { job: record.id, generation, path, awaits: request.kind === "child" },
    fields: request.fields,
    entity: request.entity,
    trace: traceOf(draft),
    now: moment.now,
    violations: moment.violations,
  });
}
