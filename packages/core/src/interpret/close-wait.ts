import type { OpenPass } from "../job/control.js";
import { closeEscalation } from "../job/escalation.js";
import type { CompleteEvent, SignalEvent, WakeEvent } from "../job/event.js";
import { keyOf } from "../job/keys.js";
import type { Draft } from "./draft.js";

/** Whatever closes a wait takes its timer, its registrations and its work item with it, in the same commit. */
export function closeWait(draft: Draft, pass: OpenPass, event: CompleteEvent | SignalEvent | WakeEvent): void {
  const { generation, id } = draft.record;
  draft.open.delete(event.path);
  if (pass.waits !== "hook") {
    // An answer from elsewhere (`add`) leaves the request behind, held or still being worked on.
    if (event.kind === "complete" && event.request === null && pass.waits === "work") {
      draft.effects.push({ kind: "cancel", cancel: { by: "path", job: id, path: event.path } });
    }
    return;
  }
  if (event.kind !== "wake") {
    draft.effects.push({ kind: "cancel", cancel: { by: "key", key: keyOf({ generation, path: event.path }, "wake") } });
  }
  draft.effects.push({ kind: "close-hook", hook: { job: id, path: event.path } });
  if (pass.escalation === null) return;
  const isTimer = event.kind === "wake";
  draft.effects.push(
    closeEscalation(
      { generation, path: event.path, key: pass.escalation },
      { status: isTimer ? "expired" : "resolved", payload: isTimer ? null : event.body.data },
    ),
  );
}
