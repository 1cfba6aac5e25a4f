import { HotMeshError } from "@hotmesh/core";

/** What the process knows of its instances: who lives, who is about to, and whether a global stop is under way. */
export class Instances<T extends { readonly guid: string; stop(): Promise<void> }> {
  readonly #live = new Set<T>();
  readonly #opening = new Set<Promise<T>>();
  #stopping: Promise<void> | null = null;
  #stops = 0;

  get isStopping(): boolean {
    return this.#stopping !== null;
  }

  has(guid: string): boolean {
    return [...this.#live].some((instance) => instance.guid === guid);
  }

  /** Opens one when no global stop is under way. One that begins meanwhile stops it too: then it is refused. */
  async open(make: () => Promise<T>): Promise<T> {
    while (this.#stopping !== null) await this.#stopping.catch(() => {});
    const opening = this.#open(make, this.#stops);
    this.#opening.add(opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(opening);
    }
  }

  remove(instance: T): void {
    this.#live.delete(instance);
  }

  /** Stops all; a second call while the first is under way resolves with it. */
  stopAll(): Promise<void> {
    if (this.#stopping !== null) return this.#stopping;
    this.#stops += 1;
    this.#stopping = this.#stopEach().finally(() => {
      this.#stopping = null;
    });
    return this.#stopping;
  }

  async #open(make: () => Promise<T>, stops: number): Promise<T> {
    const instance = await make();
    this.#live.add(instance);
    if (stops === this.#stops) return instance;
    await instance.stop();
    throw new HotMeshError("stopped", "HotMesh.stop() was called while init was under way; call init again");
  }

  async #stopEach(): Promise<void> {
    const openings = Promise.allSettled([...this.#opening]);
    const stops = await Promise.allSettled([...this.#live].map((instance) => instance.stop()));
    await openings;
    const failed = stops.find((stop) => stop.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}
