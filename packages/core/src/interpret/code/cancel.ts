import type { PathText } from "../../brand.js";
import type { RecordedError } from "../../code/protocol.js";
import type { OpenPass } from "../../job/control.js";
import { closeEscalation } from "../../job/escalation.js";
import { cancelMark } from "../cancel-mark.js";
import type { Draft } from "../draft.js";
import { isOperation, recordOutcome } from "./answer-operation.js";

/** How an operation ends that meets the cancellation of its job. */
export const cancelledError: RecordedError = { name: "CancelledFailure", message: "Workflow cancelled", code: 598 };

/** Somebody has asked the job to stop. */
export function isCancelled(draft: Draft): boolean {
  return Object.hasOwn(draft.fields, cancelMark);
}

/** Ends what functions wait for, except clean-up, and activities that are under way: these may end by themselves. */
export function cancelOperations(draft: Draft): void {
  for (const [path, pass] of [...draft.open]) {
    if (!isOperation(pass) || pass.operation.shielded || pass.operation.kind === "proxy") continue;
    dropOperation(draft, path, pass);
    recordOutcome(draft, pass, { error: cancelledError });
  }
}

/** Nobody waits for the operations of a function any more. A child goes on. */
export function dropOperations(draft: Draft, of: PathText): void {
  for (const [path, pass] of [...draft.open]) if (pass.operation?.of === of) dropOperation(draft, path, pass);
}

function dropOperation(draft: Draft, path: PathText, pass: OpenPass): void {
  const { generation, id } = draft.record;
  draft.open.delete(path);
  draft.effects.push({ kind: "cancel", cancel: { by: "path", job: id, path } });
  if (pass.waits === "hook") draft.effects.push({ kind: "close-hook", hook: { job: id, path } });
  if (pass.escalation === null) return;
  draft.effects.push(
    closeEscalation({ generation, path, key: pass.escalation }, { status: "cancelled", payload: null }),
  );
}
