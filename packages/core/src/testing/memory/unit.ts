import type { Instant, Topic } from "../../brand.js";
import { HotMeshError } from "../../errors.js";
import type { Publication } from "../../ports/records.js";
import { laneChannel } from "../../ports/sub.js";
import type { MemoryDatabase } from "./database.js";
import type { Faults, Guard } from "./faults.js";
import type { Hub } from "./hub.js";
import { Blocked } from "./locks.js";
import { applied, layered, type Tables } from "./tables.js";
import type { MemoryTransaction } from "./transaction.js";

/** One process's view of the database. */
export interface Access {
  readonly database: MemoryDatabase;
  readonly clock: { now(): Instant };
  readonly hub: Hub;
  readonly faults: Faults;
}

/** Changes that are made together or not at all, by itself or as a part of a caller's transaction. */
export class Unit {
  readonly now: Instant;
  readonly tables: Tables;
  readonly faults: Faults;
  readonly within: MemoryTransaction | null;
  readonly publications: Publication[] = [];
  readonly #database: MemoryDatabase;
  readonly #lanes = new Set<Topic | null>();

  constructor(access: Access, within: MemoryTransaction | null) {
    this.now = access.clock.now();
    this.faults = access.faults;
    this.within = within;
    this.#database = access.database;
    this.tables = layered(within === null ? access.database.tables : within.tables);
  }

  /** Keeps the lock until the caller's transaction ends; a unit by itself only has to find it free. */
  lock(name: string, shared = false): void {
    this.#database.locks.take(name, this.within, shared);
  }

  isLocked(name: string): boolean {
    return this.#database.locks.isHeld(name, this.within);
  }

  next(): number {
    return this.#database.next();
  }

  lacks(guard: Guard): boolean {
    return this.faults.without?.has(guard) === true;
  }

  /** Somebody should look at this lane once the changes can be seen. */
  wake(topic: Topic | null): void {
    this.#lanes.add(topic);
  }

  announcements(): readonly Publication[] {
    const hints = [...this.#lanes].map((topic): Publication => ({ channel: laneChannel(topic), body: null }));
    return [...hints, ...this.publications];
  }
}

/**
 * Runs `work` in one synchronous stretch and commits what it did. When it meets a lock of an open transaction it waits
 * for the end of that and begins again; when it throws nothing has happened.
 */
export async function perform<T>(
  access: Access,
  work: (unit: Unit) => T,
  within: MemoryTransaction | null = null,
): Promise<T> {
  // Callers take turns here, as they would on their way to a server.
  await Promise.resolve();
  for (;;) {
    if (within?.isOpen === false) throw new HotMeshError("invalid-argument", "The transaction has ended");
    const unit = new Unit(access, within);
    const attempt = attempted(() => work(unit));
    if (attempt.blocked === null) {
      finish(access, unit);
      return attempt.result;
    }
    await access.database.locks.wait(within, attempt.blocked.by);
  }
}

function attempted<T>(work: () => T): { readonly blocked: null; readonly result: T } | { readonly blocked: Blocked } {
  try {
    return { blocked: null, result: work() };
  } catch (thrown) {
    if (thrown instanceof Blocked) return { blocked: thrown };
    throw thrown;
  }
}

function finish(access: Access, unit: Unit): void {
  if (unit.within !== null) {
    applied(unit.tables);
    unit.within.announce(unit.announcements(), access.hub);
    return;
  }
  access.faults.beforeCommit?.();
  applied(unit.tables);
  // A process that dies here takes its hints with it.
  access.faults.afterCommit?.();
  access.database.announce(unit.announcements(), access.hub);
}
