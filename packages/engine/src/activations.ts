import { type Activation, HotMeshError, type Instant, type PlanId, type Store } from "@hotmesh/core";

export interface ActivationsOptions {
  /** Where the activation is read. */
  readonly store: Pick<Store, "activation" | "versions">;
  /** Shown in errors. */
  readonly appId: string;
  /** The time of this process. */
  readonly now: () => Instant;
}

/**
 * Which version new jobs start on, as this process knows it. Never trusted: the step that starts a job checks it, so a
 * stale entry costs a second step and nothing else.
 */
export class Activations {
  readonly #options: ActivationsOptions;
  #known: Activation | null = null;
  #everActive: { readonly epoch: number; readonly plans: readonly PlanId[] } | null = null;
  #nocacheUntil: Instant | null = null;
  #underWay: Promise<unknown> = Promise.resolve();
  /** Asked as soon as the question that is under way is answered. */
  #next: Promise<Activation | null> | null = null;

  constructor(options: ActivationsOptions) {
    this.#options = options;
  }

  /** What is cached; null: the storage will be asked. */
  get known(): Activation | null {
    return this.#known;
  }

  /** Asks the storage for every start until `until`; null: caches again. */
  nocache(until: Instant | null): void {
    this.#nocacheUntil = until;
    this.#known = null;
  }

  /** Takes what a step has seen, unless something newer is known. */
  learn(activation: Activation): void {
    if (this.#known === null || activation.epoch >= this.#known.epoch) this.#known = activation;
  }

  /** Asks the storage next time. */
  forget(): void {
    this.#known = null;
  }

  /** Throws `not-active` (409) or `app-not-found` (404) when no job can start. */
  async current(): Promise<Activation> {
    const { now } = this.#options;
    const asks = this.#nocacheUntil !== null && now() < this.#nocacheUntil;
    if (this.#known !== null && !asks) return this.#known;
    const activation = await this.#asked();
    if (activation === null) throw await this.#inactive();
    this.#known = activation;
    return activation;
  }

  /**
   * Plans of all versions that have been active: jobs may still wait under their rules. Asked for once after each
   * switch.
   */
  async everActive(): Promise<readonly PlanId[]> {
    const { epoch } = await this.current();
    if (this.#everActive === null || this.#everActive.epoch !== epoch) {
      const versions = await this.#options.store.versions();
      const plans = versions.filter(({ activatedAt }) => activatedAt !== null).map((version) => version.plan);
      this.#everActive = { epoch, plans: [...new Set(plans)] };
    }
    return this.#everActive.plans;
  }

  /** Whoever comes while a question is under way shares the next one, so that no answer is older than who asks. */
  #asked(): Promise<Activation | null> {
    this.#next ??= this.#underWay.then(() => {
      this.#next = null;
      const answer = this.#options.store.activation();
      this.#underWay = answer.catch(() => {});
      return answer;
    });
    return this.#next;
  }

  async #inactive(): Promise<HotMeshError> {
    const { store, appId } = this.#options;
    const versions = await store.versions();
    if (versions.length === 0) return new HotMeshError("app-not-found", `no app found for id ${appId}`);
    const names = versions.map(({ version }) => version).join(", ");
    return new HotMeshError(
      "not-active",
      `no version of app ${appId} is active; deployed: ${names}; activate one of them`,
    );
  }
}
