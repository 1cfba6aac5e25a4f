import type { Commit, Snapshot } from "../ports/program.js";
import type { EscalationClose, EscalationOpening, EscalationRecord } from "../ports/records.js";

/** Work items that the decisions of a batch open and close, by the wait they are kept beside. */
export class FoldedItems {
  readonly #snapshot: Snapshot["escalations"];
  readonly #opened = new Map<string, EscalationOpening>();
  readonly #closed = new Map<string, EscalationClose>();
  /** Key → the wait whose item was opened last. */
  readonly #latest = new Map<string, string>();

  constructor({ escalations }: Pick<Snapshot, "escalations">) {
    this.#snapshot = escalations;
  }

  /** The wait whose item of the key is pending; null: none is; undefined: that was not read. */
  pending(key: string): string | null | undefined {
    const holder = this.#latest.get(key) ?? this.#snapshot?.get(key);
    const isOver = typeof holder === "string" && (this.#closed.has(holder) || this.#opened.get(holder)?.closed);
    return isOver ? null : holder;
  }

  open(escalation: EscalationRecord): void {
    this.#opened.set(escalation.wait, { ...escalation, closed: null });
    this.#latest.set(escalation.key, escalation.wait);
  }

  /** What this batch opened is written as over; only what was there before is closed by the storage. */
  close(close: EscalationClose): void {
    const { key, wait, ...outcome } = close;
    const opening = this.#opened.get(wait);
    if (opening === undefined) this.#closed.set(wait, { key, wait, ...outcome });
    else this.#opened.set(wait, { ...opening, closed: outcome });
  }

  /** Nothing at all for a batch without items, which is almost every one. */
  commit(): Pick<Commit, "escalationsClosed" | "escalationsOpened"> {
    return {
      ...(this.#closed.size > 0 && { escalationsClosed: [...this.#closed.values()] }),
      ...(this.#opened.size > 0 && { escalationsOpened: [...this.#opened.values()] }),
    };
  }
}
