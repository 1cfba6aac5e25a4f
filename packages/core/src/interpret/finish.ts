import type { MessageKey } from "../brand.js";
import { evaluateAt } from "../expression/evaluate-at.js";
import type { Environment } from "../expression/expression.js";
import { numberOf } from "../expression/functions/conversion.js";
import { lineageBelow } from "../job/lineage.js";
import { pathOf } from "../job/path.js";
import type { Json } from "../json.js";
import type { ActivityPlan, Edge } from "../plan/plan.js";
import { announce } from "./announce.js";
import { complete } from "./complete.js";
import { spanBelow } from "./leg.js";
import type { Visit } from "./visit.js";

/** What is left of a pass once its expressions have been evaluated. */
export interface Finish {
  readonly kids: readonly Edge[];
  /** False: the pass stays open and expects another answer. */
  readonly closes: boolean;
  /** An error that no edge takes fails the job at once. */
  readonly fatal: boolean;
  readonly exits: Exits;
  /** The request whose body is the pass's input. */
  readonly inputOf: MessageKey | null;
}

/** How a pass leaves: what `emit`, `persist` and `statusThreshold` say, evaluated on the data after its own maps. */
export interface Exits {
  readonly emit: boolean;
  readonly persist: boolean;
  readonly threshold: number;
}

export const noExits: Exits = { emit: false, persist: false, threshold: 0 };

export function evaluateExits(activity: ActivityPlan, environment: Environment): Exits {
  if (activity.emit === null && activity.persist === null && activity.statusThreshold === null) return noExits;
  return {
    emit: activity.emit !== null && evaluateAt("emit", activity.emit, environment) === true,
    persist: activity.persist !== null && evaluateAt("persist", activity.persist, environment) === true,
    threshold: evaluateThreshold(activity, environment),
  };
}

/** The threshold as a number; what is no number counts as 0. */
export function evaluateThreshold(activity: ActivityPlan, environment: Environment): number {
  if (activity.statusThreshold === null) return 0;
  const value = numberOf(evaluateAt("statusThreshold", activity.statusThreshold, environment));
  return Number.isNaN(value) ? 0 : value;
}

/**
 * Ends a pass, or one answer of it: its row is written, its children set out, its obligation is released when it
 * closes, and the job completes when the semaphore says so.
 */
export function finishPass(visit: Visit, finish: Finish): void {
  const { draft, activity, position } = visit;
  const { exits } = finish;
  writePassRow(visit, finish);
  draft.ended.add(pathOf(activity.id, position.address));
  const via = lineageBelow(position);
  const span = spanBelow(draft);
  for (const edge of finish.kids) {
    draft.queue.push({ to: edge.to, from: activity.id, base: position.address, via, at: null, ...span });
  }
  if (finish.closes) draft.current = 0;

  const status = draft.obligations();
  const done = status === 0 || (exits.threshold > 0 && status === exits.threshold);
  if (done || finish.fatal) complete(draft, position);
  else if (exits.persist) announce(draft, { final: true, status });
  else if (exits.emit) announce(draft, { final: false, status });
}

/** The row of a pass as an answer leaves it. */
export function writePassRow({ draft, activity, position, self, enteredAt }: Visit, finish: Finish): void {
  const { record, moment } = draft;
  const stored = draft.passes.get(pathOf(activity.id, position.address));
  // `$error` exists only in the maps of the leg that received it.
  const { $error: _, ...metadata } = self.metadata;
  draft.writeDataPass(
    {
      job: record.id,
      generation: record.generation,
      activity: activity.id,
      address: position.address,
      type: activity.type,
      topic: activity.type === "signal" ? null : textOrNull(metadata["stp"]),
      open: !finish.closes && stored?.open === true,
      output: self.output ?? null,
      hook: self.hook ?? null,
      metadata,
      input: stored?.input ?? null,
      startedAt: stored?.startedAt ?? enteredAt ?? moment.now,
      completedAt: moment.now,
    },
    position.via,
    finish.inputOf,
  );
}

function textOrNull(value: Json | undefined): string | null {
  return typeof value === "string" ? value : null;
}
