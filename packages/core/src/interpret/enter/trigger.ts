import { after } from "../../brand.js";
import { evaluateAt } from "../../expression/evaluate-at.js";
import { textOf } from "../../expression/functions/conversion.js";
import type { StartEvent } from "../../job/event.js";
import { wrapped } from "../../job/exotic.js";
import { lineageBelow, type Position } from "../../job/lineage.js";
import { checkName } from "../../job/name-size.js";
import { rootAddress } from "../../job/path.js";
import { timeText } from "../../job/time-text.js";
import { traceContextOf } from "../../job/trace-context.js";
import type { TriggerPlan } from "../../plan/plan.js";
import { announce, answerParent } from "../announce.js";
import { complete } from "../complete.js";
import type { Draft } from "../draft.js";
import { evaluateExits } from "../finish.js";
import { applyWrites, evaluateWrites } from "../job-writes.js";
import { beginLeg, contextIn, spanBelow } from "../leg.js";
import { observeLeg } from "../observe-leg.js";
import { resolvePersistent, scopeOf } from "../scope.js";
import { selectEdges } from "../select-edges.js";
import { countStatistics } from "../statistics.js";
import { enteredSelf, type Self } from "../visit.js";

/** A job begins: maps first, then edges on the new data. What throws refuses the start. */
export function enterTrigger(draft: Draft, trigger: TriggerPlan, event: StartEvent): void {
  const position: Position = { activity: trigger.id, address: rootAddress, via: [] };
  const { pendingSeconds, trace } = event.body;
  const payload = wrapped(event.body.payload);
  draft.exotic ||= payload !== event.body.payload;
  beginLeg(draft, trigger, { leg: 1, parent: traceContextOf(trace) });
  const self: Self = { ...enteredSelf(draft, position, { type: "trigger", topic: null }), output: payload };
  const environment = scopeOf({ draft, position, self });
  draft.current = 1;
  const writes = evaluateWrites(draft, trigger, environment);
  applyWrites(draft, { leaves: writes.leaves, fields: [...writes.fields] });
  const kids = pendingSeconds === null ? selectEdges(trigger, 200, environment) : [];
  if (draft.entity === null && trigger.entity !== null) {
    const entity = evaluateAt("entity", trigger.entity, environment);
    draft.entity = entity === undefined || entity === null ? null : textOf(entity);
    if (draft.entity !== null) checkName(`the entity of a job of ${draft.record.topic}`, draft.entity);
  }
  draft.persistent = resolvePersistent(draft, position, environment);
  countStatistics(draft, trigger, environment);
  draft.writePass(
    {
      job: draft.record.id,
      generation: draft.record.generation,
      activity: trigger.id,
      address: rootAddress,
      type: "trigger",
      topic: null,
      open: false,
      output: payload,
      hook: null,
      metadata: { ...self.metadata },
      input: null,
      startedAt: draft.moment.now,
      completedAt: draft.moment.now,
    },
    null,
  );
  draft.current = 0;
  acknowledge(draft);
  if (pendingSeconds !== null) {
    draft.phase = "pending";
    draft.expireAt = after(draft.moment.now, pendingSeconds * 1_000);
    observeLeg({ draft, activity: trigger, position, self }, 1);
    return;
  }
  spawn(draft, position, kids);
  const exits = evaluateExits(trigger, environment);
  const status = draft.obligations();
  if (status === 0) complete(draft, position);
  else if (exits.persist) announce(draft, { final: true, status });
  else if (exits.emit) announce(draft, { final: false, status });
  observeLeg({ draft, activity: trigger, position, self }, 1);
}

/** A pending job goes on as it would have at its start, on the data that was stored then. */
export function resumeTrigger(draft: Draft, trigger: TriggerPlan): void {
  const position: Position = { activity: trigger.id, address: rootAddress, via: [] };
  const stored = [...draft.passes.values()].find((pass) => pass.activity === trigger.id);
  const self: Self = {
    output: stored?.output ?? undefined,
    hook: undefined,
    metadata: { ...stored?.metadata },
  };
  const kids = selectEdges(trigger, 200, scopeOf({ draft, position, self }));
  draft.phase = "running";
  draft.expireAt = null;
  const parent = contextIn(draft, self.metadata["l1s"]);
  draft.leg = parent === null ? null : { context: parent, isOwn: false, isRecorded: false };
  spawn(draft, position, kids);
  if (draft.obligations() === 0) complete(draft, position);
}

function spawn(draft: Draft, position: Position, kids: ReturnType<typeof selectEdges>): void {
  const via = lineageBelow(position);
  const span = spanBelow(draft);
  for (const edge of kids) {
    draft.queue.push({ to: edge.to, from: position.activity, base: position.address, via, at: null, ...span });
  }
}

/** A parent that does not wait hears at once that the child exists. */
function acknowledge(draft: Draft): void {
  const { parent, id, createdAt } = draft.record;
  if (parent === null || parent.awaits) return;
  const created = timeText(createdAt);
  answerParent(draft, { status: "success", code: 200, data: { job_id: id, jc: created, ju: created } });
}
