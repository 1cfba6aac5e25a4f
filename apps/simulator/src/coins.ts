import type { Prng } from "@hotmesh/core/testing";

export const faultKinds = [
  "crash-before-commit",
  "commit-without-answer",
  "failed-read",
  "dead-process",
  "lost-hint",
  "late-message",
  "answer-twice",
  "impatient-client",
  "repeated-call",
  "clock-jump",
  "wrong-clock",
  "version-switch",
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** How often each fault strikes when its moment comes. Every seed has rates of its own: many are 0. */
export type FaultRates = Readonly<Record<FaultKind, number>>;

const heaviest: FaultRates = {
  "crash-before-commit": 0.25,
  "commit-without-answer": 0.25,
  "failed-read": 0.2,
  "dead-process": 0.04,
  "lost-hint": 0.9,
  "late-message": 0.4,
  "answer-twice": 0.4,
  "impatient-client": 0.3,
  "repeated-call": 0.4,
  "clock-jump": 0.1,
  "wrong-clock": 0.05,
  "version-switch": 0.05,
};

export function drawRates(prng: Prng): FaultRates {
  const rates: Record<FaultKind, number> = { ...heaviest };
  for (const kind of faultKinds) rates[kind] = prng.chance(0.6) ? heaviest[kind] * prng.next() : 0;
  return rates;
}

/** The coins that decide about faults. Once `most` have struck, or when all is quiet, nothing goes wrong any more. */
export class Coins {
  isQuiet = false;
  readonly struck = new Map<FaultKind, number>();
  readonly #prng: Prng;
  readonly #rates: FaultRates;
  #left: number;

  constructor(prng: Prng, rates: FaultRates, most: number) {
    this.#prng = prng;
    this.#rates = rates;
    this.#left = most;
  }

  toss(kind: FaultKind): boolean {
    if (this.isQuiet || this.#left <= 0 || !this.#prng.chance(this.#rates[kind])) return false;
    this.#left -= 1;
    this.struck.set(kind, (this.struck.get(kind) ?? 0) + 1);
    return true;
  }

  /** How many faults have struck. */
  get total(): number {
    return [...this.struck.values()].reduce((sum, count) => sum + count, 0);
  }
}
