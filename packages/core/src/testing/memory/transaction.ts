import { HotMeshError } from "../../errors.js";
import type { Publication } from "../../ports/records.js";
import type { MemoryDatabase } from "./database.js";
import type { Hub } from "./hub.js";
import type { Holder } from "./locks.js";
import { applied, layered, type Tables } from "./tables.js";

/** A transaction of a caller: what happens within it is seen by nobody else before its commit. */
export class MemoryTransaction implements Holder {
  readonly ended: Promise<void>;
  /** @internal */
  readonly tables: Tables;
  readonly #database: MemoryDatabase;
  readonly #announcements: { readonly publications: readonly Publication[]; readonly from: Hub }[] = [];
  #end: () => void = () => {};
  #isOpen = true;

  constructor(database: MemoryDatabase) {
    this.#database = database;
    this.tables = layered(database.tables);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Has it been neither committed nor rolled back? */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** To be told when this commits. @internal */
  announce(publications: readonly Publication[], from: Hub): void {
    this.#announcements.push({ publications, from });
  }

  /** Makes everything that happened within it seen, at once. */
  async commit(): Promise<void> {
    this.#close();
    applied(this.tables);
    for (const { publications, from } of this.#announcements) this.#database.announce(publications, from);
  }

  /** Forgets everything that happened within it. */
  async rollback(): Promise<void> {
    this.#close();
  }

  #close(): void {
    if (!this.#isOpen) throw new HotMeshError("invalid-argument", "The transaction has ended");
    this.#isOpen = false;
    this.#database.locks.release(this);
    this.#end();
  }
}
