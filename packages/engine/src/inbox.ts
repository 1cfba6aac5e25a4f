import type { OutgoingMessage, Settled, Settlement, Verdict } from "@hotmesh/core";

export interface QueuedEvent {
  readonly kind: "event";
  readonly event: OutgoingMessage;
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (error: unknown) => void;
}

export interface QueuedAnswer {
  readonly kind: "answer";
  readonly settlement: Settlement;
  readonly resolve: (settled: Settled) => void;
  readonly reject: (error: unknown) => void;
}

export type Queued = QueuedEvent | QueuedAnswer;

/** What callers and workers of this process have brought since the last step began. All of it shares the next one. */
export class Inbox {
  #queued: Queued[] = [];

  event(event: OutgoingMessage): Promise<Verdict> {
    return new Promise((resolve, reject) => {
      this.#queued.push({ kind: "event", event, resolve, reject });
    });
  }

  answer(settlement: Settlement): Promise<Settled> {
    return new Promise((resolve, reject) => {
      this.#queued.push({ kind: "answer", settlement, resolve, reject });
    });
  }

  get isEmpty(): boolean {
    return this.#queued.length === 0;
  }

  get hasEvents(): boolean {
    return this.#queued.some((queued) => queued.kind === "event");
  }

  /** Takes the first `limit`, oldest first. */
  take(limit: number): readonly Queued[] {
    return this.#queued.splice(0, limit);
  }

  /** Puts answers back whose step failed: they come first in the next one. */
  putBack(answers: readonly QueuedAnswer[]): void {
    this.#queued.unshift(...answers);
  }
}
