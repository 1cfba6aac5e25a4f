import type { Plan, PlanId, PlanSource } from "@hotmesh/core";

/** Plans this process has seen; the least recently used ones are forgotten. A plan never changes, so none is stale. */
export class PlanCache implements PlanSource {
  readonly #capacity: number;
  /** In order of use, the latest last. */
  readonly #plans = new Map<PlanId, Plan>();

  constructor(capacity = 64) {
    this.#capacity = capacity;
  }

  /** A plan that was seen; undefined: it has to be loaded. */
  get(id: PlanId): Plan | undefined {
    const plan = this.#plans.get(id);
    if (plan !== undefined) {
      this.#plans.delete(id);
      this.#plans.set(id, plan);
    }
    return plan;
  }

  /** Never forgets anything: a step may need more plans at once than the cache is meant to keep. */
  add(plans: Iterable<Plan>): void {
    for (const plan of plans) this.#plans.set(plan.id, plan);
  }

  /** Forgets what is too much; called between steps. */
  trim(): void {
    for (const id of this.#plans.keys()) {
      if (this.#plans.size <= this.#capacity) return;
      this.#plans.delete(id);
    }
  }

  /** How many plans are kept. */
  get size(): number {
    return this.#plans.size;
  }
}
