import { after, type Instant } from "@hotmesh/core";

/** How hard an engine finds its work. */
export type DuressLevel = "healthy" | "mild" | "moderate" | "severe";

/** Where duress begins, and how it is measured. */
export interface DuressOptions {
  /** Weight of the latest message in a moving average; 0.3. */
  readonly alpha: number;
  /** Messages between two evaluations; 10. */
  readonly evaluateEvery: number;
  /** Below it the engine is healthy; 200. */
  readonly healthyCeilingMs: number;
  /** 1,000. */
  readonly mildCeilingMs: number;
  /** 5,000. */
  readonly moderateCeilingMs: number;
  /** Shortest time between two broadcasts; 5,000. */
  readonly broadcastMs: number;
  /** Better evaluations in a row before the level goes down; 3. */
  readonly hysteresis: number;
}

/** What an engine tells of its load. */
export interface DuressReport {
  /** How hard the engine finds its work. */
  readonly level: DuressLevel;
  /** The largest average. */
  readonly scoreMs: number;
  /** Milliseconds between two claims that the engine asks of itself. */
  readonly floorMs: number;
}

/** What holds unless an engine is told otherwise. */
export const defaultDuress: DuressOptions = {
  alpha: 0.3,
  evaluateEvery: 10,
  healthyCeilingMs: 200,
  mildCeilingMs: 1_000,
  moderateCeilingMs: 5_000,
  broadcastMs: 5_000,
  hysteresis: 3,
};

const levels: readonly DuressLevel[] = ["healthy", "mild", "moderate", "severe"];
/** Where the floor of each level begins and ends. */
const floorsMs = [
  [0, 0],
  [100, 500],
  [500, 2_000],
  [2_000, 5_000],
] as const;

interface Average {
  ms: number;
  /** Evaluations since it was last fed. */
  age: number;
}

/**
 * How hard an engine finds its work: a moving average of the time that messages take, by their type;
 * the largest decides. What an engine has not met for some evaluations says nothing about its load any more.
 */
export class Duress {
  readonly #options: DuressOptions;
  readonly #averages = new Map<string, Average>();
  #handled = 0;
  #level = 0;
  #better = 0;
  #scoreMs = 0;
  #announced: { readonly level: number; readonly at: Instant } | null = null;

  constructor(options: Partial<DuressOptions> = {}) {
    this.#options = { ...defaultDuress, ...options };
  }

  get report(): DuressReport {
    return { level: levels[this.#level] ?? "healthy", scoreMs: this.#scoreMs, floorMs: this.#floorMs() };
  }

  /** Milliseconds by type of message. */
  get averages(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#averages].map(([type, { ms }]) => [type, rounded(ms)]));
  }

  /** A message of this type took this long. */
  note(type: string, ms: number): void {
    const { alpha, evaluateEvery } = this.#options;
    const known = this.#averages.get(type);
    if (known === undefined) this.#averages.set(type, { ms, age: 0 });
    else {
      known.ms += alpha * (ms - known.ms);
      known.age = 0;
    }
    this.#handled += 1;
    if (this.#handled % evaluateEvery === 0) this.#evaluate();
  }

  /** The report, when the level has changed since it was last announced, but not too often; null: nothing to tell. */
  announcement(now: Instant): DuressReport | null {
    const { level, at } = this.#announced ?? { level: 0, at: null };
    if (level === this.#level) return null;
    if (at !== null && now < after(at, this.#options.broadcastMs)) return null;
    this.#announced = { level: this.#level, at: now };
    return this.report;
  }

  #evaluate(): void {
    const { hysteresis } = this.#options;
    for (const [type, average] of this.#averages) {
      if (average.age >= hysteresis) this.#averages.delete(type);
      average.age += 1;
    }
    this.#scoreMs = rounded(Math.max(0, ...[...this.#averages.values()].map(({ ms }) => ms)));
    const found = this.#ceilings().filter((ceiling) => this.#scoreMs >= ceiling).length;
    this.#better = found < this.#level ? this.#better + 1 : 0;
    if (found < this.#level && this.#better < hysteresis) return;
    this.#level = found;
    this.#better = 0;
  }

  #ceilings(): readonly [number, number, number] {
    const { healthyCeilingMs, mildCeilingMs, moderateCeilingMs } = this.#options;
    return [healthyCeilingMs, mildCeilingMs, moderateCeilingMs];
  }

  /** The severe level has no ceiling: its floor ends at twice the score where it begins. */
  #floorMs(): number {
    const [least, most] = floorsMs[this.#level] ?? [0, 0];
    const ceilings = this.#ceilings();
    const from = ceilings[this.#level - 1] ?? 0;
    const to = ceilings[this.#level] ?? from * 2;
    const share = to > from ? (this.#scoreMs - from) / (to - from) : 1;
    return Math.round(least + (most - least) * Math.min(1, Math.max(0, share)));
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
