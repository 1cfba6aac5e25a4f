/** What can go wrong at one moment of a run. */
export type FaultKind =
  | "engine-dies-before-commit"
  | "engine-dies-after-commit"
  | "worker-dies"
  | "worker-dies-after-effect"
  | "lease-lost"
  | "answered-twice";

/** One thing that goes wrong: at which step of the engine, or at which call of a callback, counted from 0. */
export interface Fault {
  readonly kind: FaultKind;
  readonly at: number;
}

/** What each kind does, for people. */
export const faultSentences: Readonly<Record<FaultKind, string>> = {
  "engine-dies-before-commit": "the engine died before its commit",
  "engine-dies-after-commit": "the engine died after its commit, before anybody heard of it",
  "worker-dies": "a worker died with a message, before it ran the callback",
  "worker-dies-after-effect": "a worker died after its callback had run, before it could answer",
  "lease-lost": "a callback took so long that another worker got the message too",
  "answered-twice": "a worker sent its answer twice",
};

const stepFaults: readonly FaultKind[] = ["engine-dies-before-commit", "engine-dies-after-commit"];
const callFaults: readonly FaultKind[] = ["worker-dies", "worker-dies-after-effect", "lease-lost", "answered-twice"];

/** Everything that can go wrong, once, in a run of so many steps and calls. Earlier moments first. */
export function faultsOf(run: { readonly steps: number; readonly calls: number }): readonly Fault[] {
  return [...faultsAt(callFaults, run.calls), ...faultsAt(stepFaults, run.steps)];
}

function faultsAt(kinds: readonly FaultKind[], moments: number): readonly Fault[] {
  return Array.from({ length: moments }, (_, at) => kinds.map((kind): Fault => ({ kind, at }))).flat();
}
