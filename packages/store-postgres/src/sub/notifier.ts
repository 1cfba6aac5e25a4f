import type { Statement } from "../connection/database.js";

const collectMs = 5;
const flushSize = 500;

/**
 * Sends notifications off the path of the work they tell of. What comes within some milliseconds goes out in one
 * statement, and what is said twice in that time is said once. A notification that cannot be sent is dropped.
 */
export class Notifier {
  readonly #send: (statement: Statement) => Promise<unknown>;
  #pending = new Map<string, { readonly channel: string; readonly payload: string }>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #flushing: Promise<void> = Promise.resolve();

  constructor(send: (statement: Statement) => Promise<unknown>) {
    this.#send = send;
  }

  add(channel: string, payload: string): void {
    this.#pending.set(JSON.stringify([channel, payload]), { channel, payload });
    this.#timer ??= setTimeout(() => void this.flush(), collectMs);
  }

  /** Resolves when everything that was added has been sent. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#flushing = this.#flushing.then(() => this.#sendPending());
    return this.#flushing;
  }

  async #sendPending(): Promise<void> {
    const pending = [...this.#pending.values()];
    this.#pending = new Map();
    for (let start = 0; start < pending.length; start += flushSize) {
      const part = pending.slice(start, start + flushSize);
      await this.#send(notify(part)).catch(() => {});
    }
  }
}

export function notify(parts: readonly { readonly channel: string; readonly payload: string }[]): Statement {
  return {
    text: "select pg_notify(n.channel, n.payload) from unnest($1::text[], $2::text[]) as n(channel, payload)",
    values: [parts.map((part) => part.channel), parts.map((part) => part.payload)],
  };
}
