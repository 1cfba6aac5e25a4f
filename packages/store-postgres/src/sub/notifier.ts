import type { Statement } from "../connection/database.js";

const collectMs = 5;
const patienceMs = 250;
const flushSize = 500;

/**
 * Sends notifications off the path of the work they tell of. What comes within some milliseconds goes out in one
 * statement, and what is said twice in that time is said once. A notification that cannot be sent is dropped.
 */
export class Notifier {
  readonly #send: (statement: Statement) => Promise<unknown>;
  #pending = new Map<string, { readonly channel: string; readonly payload: string }>();
  #timer: { readonly handle: ReturnType<typeof setTimeout>; readonly isPatient: boolean } | null = null;
  #flushing: Promise<void> = Promise.resolve();

  constructor(send: (statement: Statement) => Promise<unknown>) {
    this.#send = send;
  }

  /** `isPatient`: it may wait for others, longer than what somebody waits for. */
  add(channel: string, payload: string, isPatient = false): void {
    this.#pending.set(JSON.stringify([channel, payload]), { channel, payload });
    if (this.#timer !== null && (isPatient || !this.#timer.isPatient)) return;
    this.#stopTimer();
    this.#timer = { handle: setTimeout(() => void this.flush(), isPatient ? patienceMs : collectMs), isPatient };
  }

  /** Resolves when everything that was added has been sent. */
  flush(): Promise<void> {
    this.#stopTimer();
    this.#flushing = this.#flushing.then(() => this.#sendPending());
    return this.#flushing;
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer.handle);
    this.#timer = null;
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
