import { broken, invariant } from "../../errors.js";
import type { InboundMessage } from "../../ports/message.js";
import {
  type Commit,
  joinReads,
  type MissingPlans,
  type Program,
  type ReadSet,
  readRoundsMax,
  type Snapshot,
} from "../../ports/program.js";
import type { StepOptions, StepReport } from "../../ports/store.js";
import { answered, brought, claimed, type Entry, nextDueAt } from "./batch.js";
import { write } from "./commit.js";
import { insists, keysTaken } from "./escalations.js";
import { load } from "./load.js";
import { jobLock } from "./locks.js";
import type { MemoryTransaction } from "./transaction.js";
import type { Unit } from "./unit.js";

/** The step was given up because plans are missing. Thrown, so that the unit of work leaves no trace of it. */
export class GivenUp extends Error {
  readonly report: StepReport;

  constructor(report: StepReport) {
    super("plans are missing");
    this.report = report;
  }
}

export function step(unit: Unit, options: StepOptions<MemoryTransaction>, program: Program): StepReport {
  const { entries: answers, settled } = answered(unit, options.answers ?? []);
  const events = brought(unit, options.events ?? []);
  lockJobs(unit, [...answers, ...events]);
  const batch = [...answers, ...events, ...claimed(unit, unit.within === null ? options.limit : 0)];
  lockJobs(unit, batch);
  const messages = batch.map((entry) => entry.message);

  const reads = present(unit, program.reads(messages));
  const { snapshot, commit } = decided(unit, { program, messages, reads });

  invariant(commit.verdicts.length === batch.length, `${commit.verdicts.length} verdicts for ${batch.length} messages`);
  const committed = write(unit, { batch, commit }, options.handoff ?? null);
  return {
    missing: [],
    verdicts: commit.verdicts.slice(answers.length, answers.length + events.length),
    answers: settled,
    ...committed,
    nextDueAt: nextDueAt(unit),
    activation: snapshot.activation,
    now: unit.now,
  };
}

/** Asks for a decision, and again with what it wanted to see besides, or should have. */
function decided(
  unit: Unit,
  asked: { readonly program: Program; readonly messages: readonly InboundMessage[]; readonly reads: ReadSet },
): { readonly snapshot: Snapshot; readonly commit: Commit } {
  const { program, messages } = asked;
  let { reads } = asked;
  const escalations = new Set<string>();
  for (let round = 0; round <= readRoundsMax; round += 1) {
    const snapshot = load(unit, messages, { reads, escalations });
    const answer = present(unit, program.decide(messages, snapshot));
    if ("wanted" in answer) {
      reads = { ...reads, ...joinReads(reads, answer.wanted) };
      for (const key of answer.escalations ?? []) escalations.add(key);
      continue;
    }
    const taken = unit.lacks("item") ? [] : keysTaken(unit, answer);
    if (taken.length === 0) return { snapshot, commit: answer };
    if (taken.every((key) => escalations.has(key))) throw insists(taken);
    for (const key of taken) escalations.add(key);
  }
  throw broken(`the program wants to read more after ${readRoundsMax} rounds`);
}

function lockJobs(unit: Unit, entries: readonly Entry[]): void {
  for (const { message } of entries) if (message.job !== null) unit.lock(jobLock(message.job));
}

function present<T extends object>(unit: Unit, answer: T | MissingPlans): T {
  if (!("missing" in answer)) return answer;
  throw new GivenUp({
    missing: answer.missing,
    verdicts: [],
    answers: [],
    claimed: 0,
    parked: 0,
    handed: [],
    nextDueAt: nextDueAt(unit),
    activation: null,
    now: unit.now,
  });
}
