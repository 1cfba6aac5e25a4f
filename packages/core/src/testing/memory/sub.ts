import type { Publication } from "../../ports/records.js";
import type { Sub, SubListener, Subscription } from "../../ports/sub.js";
import type { MemoryDatabase } from "./database.js";
import { frozenCopy } from "./frozen.js";
import type { Hub } from "./hub.js";

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

  async subscribe(channel: string, listener: SubListener): Promise<Subscription> {
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
