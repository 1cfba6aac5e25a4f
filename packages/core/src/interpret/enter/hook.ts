import { after } from "../../brand.js";
import { evaluateAt } from "../../expression/evaluate-at.js";
import { waitOf } from "../../job/escalation.js";
import { keyOf } from "../../job/keys.js";
import { pathOf } from "../../job/path.js";
import type { HookPlan } from "../../plan/plan.js";
import type { IndexedRule } from "../../plan/plan-index.js";
import { claimKey, type EscalationContent, evaluateEscalation } from "../escalation.js";
import { keysOf, matchTexts } from "../hook-keys.js";
import { applyWrites, evaluateWrites } from "../job-writes.js";
import { spanOfWait, traceOf } from "../leg.js";
import { evaluateOutput, passThrough } from "../pass-through.js";
import { scopeOf } from "../scope.js";
import { enteredSelf, type Visit } from "../visit.js";

/** One type, four behaviours, chosen when it is entered. */
export function enterHook(visit: Visit<HookPlan>): void {
  const { draft, activity } = visit;
  const rules = draft.index.rulesFor(activity.id);
  const sleepMs = activity.sleep === null ? 0 : milliseconds(evaluateAt("sleep", activity.sleep, scopeOf(visit)));
  if (rules.length > 0 || sleepMs > 0) wait(visit, rules, sleepMs);
  else passThrough(visit);
}

/** Seconds as ms; what is not positive, not numeric, null or undefined does not wait. True is one second. */
function milliseconds(value: unknown): number {
  if (value === null || typeof value === "object" || value === "") return 0;
  const seconds = Number(value);
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds * 1_000) : 0;
}

/** A wait the visit has opened: what ends it, and the work item beside it. */
interface Wait {
  readonly rules: readonly KeyedRule[];
  readonly sleepMs: number;
  readonly item: Item | null;
}

interface KeyedRule {
  readonly topic: string;
  /** Under which a signal finds the wait. */
  readonly keys: readonly string[];
  /** What the rule expects, as text. */
  readonly texts: readonly (string | undefined)[];
}

interface Item extends EscalationContent {
  readonly topic: string;
  readonly key: string;
}

function wait(entered: Visit<HookPlan>, rules: readonly IndexedRule[], sleepMs: number): void {
  const { draft, activity, position } = entered;
  const topic = rules[0]?.rule.topic ?? null;
  const visit = { ...entered, self: enteredSelf(draft, position, { type: activity.type, topic }) };
  const environment = scopeOf(visit);
  evaluateOutput(visit, environment);
  const writes = evaluateWrites(draft, activity, environment);
  const undo = draft.savepoint();
  applyWrites(draft, writes);
  try {
    // Both see what the maps of this leg have written.
    const content = evaluateEscalation(activity, environment);
    const keyed = rules.map((rule): KeyedRule => {
      const texts = matchTexts(rule, "expected", environment);
      return { topic: rule.rule.topic, keys: keysOf(rule, texts), texts };
    });
    const item = content === null ? null : itemOf(content, keyed);
    if (item !== null) claimKey(draft, item.key);
    openWait(visit, { rules: keyed, sleepMs, item });
  } catch (thrown) {
    undo();
    throw thrown;
  }
  if (visit.self.output !== undefined) writeOpenPass(visit);
  draft.current = 0;
}

/**
 * The key of an item is the first value that the first rule expects. A rule with which no signal can find the wait is
 * passed over; without any key there is no item, because nobody could finish it.
 */
function itemOf(content: EscalationContent, rules: readonly KeyedRule[]): Item | null {
  const rule = rules.find(({ keys }) => keys.length > 0);
  const key = rule?.texts.find((text) => text !== undefined);
  return rule === undefined || key === undefined ? null : { ...content, topic: rule.topic, key };
}

function openWait(visit: Visit<HookPlan>, { rules, sleepMs, item }: Wait): void {
  const { draft, activity, position } = visit;
  const { generation, id } = draft.record;
  const { now } = draft.moment;
  const path = pathOf(activity.id, position.address);
  const timeoutAt = sleepMs > 0 ? after(now, sleepMs) : null;
  for (const { topic, keys } of rules) {
    for (const key of keys) {
      const hook = { job: id, generation, path, topic, key, openedAt: now, timeoutAt };
      draft.effects.push({ kind: "open-hook", hook });
    }
  }
  if (item !== null) {
    const escalation = { ...item, wait: waitOf({ generation, path }), job: id };
    draft.effects.push({ kind: "open-escalation", escalation });
  }
  if (timeoutAt !== null) {
    draft.effects.push({
      kind: "send",
      message: {
        key: keyOf({ generation, path }, "wake"),
        topic: null,
        kind: "wake",
        job: id,
        generation,
        path,
        body: { armedAt: now },
        visibleAt: timeoutAt,
        attempt: 0,
        policy: null,
        codeRetries: [],
        workflow: null,
        trace: traceOf(draft),
      },
    });
  }
  draft.open.set(path, {
    activity: activity.id,
    address: position.address,
    via: position.via,
    waits: "hook",
    enteredAt: now,
    passes: 0,
    handled: [],
    child: null,
    topic: rules[0]?.topic ?? null,
    escalation: item?.key ?? null,
    ...spanOfWait(draft),
  });
}

/** What `output.maps` made can be read by others while the hook waits. */
function writeOpenPass({ draft, activity, position, self }: Visit<HookPlan>): void {
  draft.writeDataPass(
    {
      job: draft.record.id,
      generation: draft.record.generation,
      activity: activity.id,
      address: position.address,
      type: activity.type,
      topic: null,
      open: true,
      output: self.output ?? null,
      hook: null,
      metadata: { ...self.metadata },
      input: null,
      startedAt: draft.moment.now,
      completedAt: null,
    },
    position.via,
    null,
  );
}
