import type { Json } from "../../json.js";
import type { Publication } from "../../ports/records.js";
import type { Sub, Subscription } from "../../ports/sub.js";
import type { MemoryDatabase } from "./database.js";
import type { Faults } from "./faults.js";
import { frozenCopy } from "./frozen.js";

type Listener = (body: Json) => void;

/** The listeners of one process. */
export class Hub {
  readonly faults: Faults;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #gapListeners = new Set<() => void>();

  constructor(faults: Faults) {
    this.faults = faults;
  }

  /** Tells the listeners of the process that publishes; whether there are any. */
  hearLocally(publication: Publication): boolean {
    const listens = this.#listeners.has(publication.channel);
    if (!listens || this.faults.losesPublication?.(publication, true) === true) return listens;
    this.#tell(publication.channel, publication.local ?? publication.body);
    return true;
  }

  hear(channel: string, body: Json): void {
    this.#tell(channel, body);
  }

  listen(channel: string, listener: Listener): Subscription {
    // Wrapped, because one function may listen twice and each subscription closes by itself.
    const own: Listener = (body) => listener(body);
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

  #tell(channel: string, body: Json): void {
    for (const listener of [...(this.#listeners.get(channel) ?? [])]) harmlessly(() => listener(body));
  }
}

export class MemorySub implements Sub {
  readonly #database: MemoryDatabase;
  readonly #hub: Hub;

  constructor(database: MemoryDatabase, hub: Hub) {
    this.#database = database;
    this.#hub = hub;
  }

  async publish(publications: readonly Publication[]): Promise<void> {
    this.#database.announce(publications.map(announcement), this.#hub);
  }

  async subscribe(channel: string, listener: Listener): Promise<Subscription> {
    return this.#hub.listen(channel, listener);
  }

  onGap(listener: () => void): Subscription {
    return this.#hub.listenForGaps(listener);
  }

  /** As if the connection had been lost and found again. */
  gap(): void {
    this.#hub.gap();
  }
}

/** A publication as it goes out. `local` is passed on as it is: it never leaves the process. */
export function announcement(publication: Publication): Publication {
  return { ...publication, body: frozenCopy(publication.body) };
}

/** A listener that throws is its owner's concern: it must stop neither the others nor the step that told it. */
function harmlessly(listener: () => void): void {
  try {
    listener();
  } catch {
    // Nobody is there to hear of it: the step has committed, and the port promises that it harms nobody.
  }
}
