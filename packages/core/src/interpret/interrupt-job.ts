import type { JobId, MessageKey } from "../brand.js";
import type { InterruptBody } from "../job/event.js";
import { keyOf } from "../job/keys.js";
import type { Position } from "../job/lineage.js";
import { pathOf } from "../job/path.js";
import type { OutgoingMessage } from "../ports/message.js";
import { announce } from "./announce.js";
import { expireSeconds, expiryOf } from "./complete.js";
import type { Draft } from "./draft.js";

/** How far an interruption moves the status down. */
const interruptedBy = 1_000_000_000;

/** Ends the job at once: nothing of it stays open, and it is told to whom it concerns. */
export function interruptJob(
  draft: Draft,
  position: Position,
  interruption: { readonly body: InterruptBody; readonly status: number },
): void {
  const { body, status } = interruption;
  const { id } = draft.record;
  if (body.throws) {
    draft.failure = {
      code: body.code,
      message: body.reason ?? `job [${id}] interrupted`,
      stack: body.stack,
      job_id: id,
    };
  }
  if (body.descend) interruptChildren(draft, body);
  draft.phase = "interrupted";
  draft.status = status - interruptedBy;
  draft.expireAt = expiryOf(draft, body.expireSeconds ?? expireSeconds(draft, position));
  draft.giveUp();
  announce(draft, { final: true, status: draft.status });
}

function interruptChildren(draft: Draft, body: InterruptBody): void {
  for (const pass of draft.open.values()) {
    if (pass.child === null) continue;
    const at = { generation: draft.record.generation, path: pathOf(pass.activity, pass.address) };
    // A child whose start is still under way must not begin after it was interrupted.
    draft.effects.push({ kind: "cancel", cancel: { by: "key", key: keyOf(at, "child") } });
    draft.effects.push({ kind: "send", message: interruptMessage(keyOf(at, "descend"), pass.child, body) });
  }
}

/** The message that ends a job at once. */
export function interruptMessage(key: MessageKey, job: JobId, body: InterruptBody): OutgoingMessage {
  return {
    key,
    topic: null,
    kind: "interrupt",
    job,
    generation: null,
    path: null,
    body,
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
  };
}
