import type { Json } from "../../json.js";
import type { Publication } from "../../ports/records.js";
import type { SubListener, Subscription } from "../../ports/sub.js";
import type { Faults } from "./faults.js";

/** The listeners of one process. */
export class Hub {
  readonly faults: Faults;
  readonly #listeners = new Map<string, Set<SubListener>>();
  readonly #gapListeners = new Set<() => void>();

  constructor(faults: Faults) {
    this.faults = faults;
  }

  /** Tells the listeners of the process that publishes; whether there are any. */
  hearLocally(publication: Publication): boolean {
    const listens = this.#listeners.has(publication.channel);
    if (!listens || this.faults.losesPublication?.(publication, true) === true) return listens;
    this.#tell(publication.channel, publication.local ?? publication.body, true);
    return true;
  }

  /** Tells the listeners of another process than the one that publishes. */
  hear({ channel, body, vouched = false }: Publication): void {
    this.#tell(channel, body, vouched);
  }

  listen(channel: string, listener: SubListener): Subscription {
    // Wrapped, because one function may listen twice and each subscription closes by itself.
    const own: SubListener = (body, isTrusted) => listener(body, isTrusted);
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(own));
    return {
      close: async () => {
        listeners.delete(own);
        if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel);
      },
    };
  }

  listenForGaps(listener: () => void): Subscription {
    const own = (): void => listener();
    this.#gapListeners.add(own);
    return {
      close: async () => {
        this.#gapListeners.delete(own);
      },
    };
  }

  gap(): void {
    for (const listener of [...this.#gapListeners]) harmlessly(listener);
  }

  clear(): void {
    this.#listeners.clear();
    this.#gapListeners.clear();
  }

  #tell(channel: string, body: Json, isTrusted: boolean): void {
    for (const listener of [...(this.#listeners.get(channel) ?? [])]) harmlessly(() => listener(body, isTrusted));
  }
}

/** A listener that throws is its owner's concern: it must stop neither the others nor the step that told it. */
function harmlessly(listener: () => void): void {
  try {
    listener();
  } catch {
    // Nobody is there to hear of it: the step has committed, and the port promises that it harms nobody.
  }
}
