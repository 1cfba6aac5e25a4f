import {
  type Activation,
  HotMeshError,
  type Plan,
  type PlanId,
  type Program,
  type StepOptions,
  type StepReport,
  type Store,
} from "@hotmesh/core";
import type { PlanCache } from "./plan-cache.js";

export interface StepperOptions<Tx> {
  readonly store: Pick<Store<Tx>, "step" | "loadPlans">;
  /** The plans that programs see. */
  readonly plans: PlanCache;
  /** Hears of the active version whenever a step has seen it. */
  readonly learn: (activation: Activation) => void;
}

/** A step may learn of missing plans in several rounds; more than this many means a plan is gone. */
const roundsMax = 5;

/** Takes steps, and sees to it that the plans they need are at hand. */
export class Stepper<Tx> {
  readonly #options: StepperOptions<Tx>;
  #inFlight = 0;

  constructor(options: StepperOptions<Tx>) {
    this.#options = options;
  }

  /** Steps under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** A step, repeated until the plans it needs are in the cache. */
  async step(options: StepOptions<Tx>, program: Program): Promise<StepReport> {
    const { store, plans, learn } = this.#options;
    this.#inFlight += 1;
    try {
      for (let round = 0; round < roundsMax; round += 1) {
        const report = await store.step(options, program);
        if (report.activation !== null) learn(report.activation);
        if (report.missing.length === 0) return report;
        await this.#load(report.missing);
      }
      throw new HotMeshError("plan-not-found", "a step kept asking for plans that do not exist");
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) plans.trim();
    }
  }

  /** A plan, from the cache or the storage. */
  async plan(id: PlanId): Promise<Plan> {
    const known = this.#options.plans.get(id);
    if (known !== undefined) return known;
    const loaded = (await this.#load([id])).get(id);
    if (loaded === undefined) throw missingPlan([id]);
    return loaded;
  }

  async #load(ids: readonly PlanId[]): Promise<ReadonlyMap<PlanId, Plan>> {
    const { store, plans } = this.#options;
    const loaded = await store.loadPlans(new Set(ids));
    const absent = ids.filter((id) => !loaded.has(id));
    if (absent.length > 0) throw missingPlan(absent);
    plans.add(loaded.values());
    return loaded;
  }
}

function missingPlan(ids: readonly PlanId[]): HotMeshError {
  return new HotMeshError(
    "plan-not-found",
    `plans ${ids.join(", ")} are not stored, but jobs or versions need them; restore the rows of the table plan`,
  );
}
