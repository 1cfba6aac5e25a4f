/** What the process knows of its instances: who lives, and whether a global stop is under way. */
export class Instances<T extends { readonly guid: string; stop(): Promise<void> }> {
  readonly #live = new Set<T>();
  #stopping: Promise<void> | null = null;

  get isStopping(): boolean {
    return this.#stopping !== null;
  }

  has(guid: string): boolean {
    return [...this.#live].some((instance) => instance.guid === guid);
  }

  add(instance: T): void {
    this.#live.add(instance);
  }

  remove(instance: T): void {
    this.#live.delete(instance);
  }

  /** Stops all; a second call while the first is under way resolves with it. */
  stopAll(): Promise<void> {
    this.#stopping ??= this.#stopEach().finally(() => {
      this.#stopping = null;
    });
    return this.#stopping;
  }

  /** Resolves when no global stop is under way. */
  async settled(): Promise<void> {
    await this.#stopping;
  }

  async #stopEach(): Promise<void> {
    const stops = await Promise.allSettled([...this.#live].map((instance) => instance.stop()));
    const failed = stops.find((stop) => stop.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}
