import { isJsonObject, type Json, quorumChannel, type SubListener, type Subscription } from "@hotmesh/core";
import { openerOf } from "../codec/encoded.js";
import type { ChannelHandler } from "./listener.js";
import { isVouched } from "./notices.js";

export interface AppChannelOptions {
  readonly processId: string;
  /** Begins to hear what other processes say; resolves when it does. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** A payload that was too long to travel by itself, as JSON text. */
  readonly fetch: (id: string) => Promise<unknown>;
}

/** What the listeners of a process hear of one app, from this process and from others. */
export class AppChannel implements ChannelHandler {
  readonly #options: AppChannelOptions;
  readonly #listeners = new Map<string, Set<SubListener>>();
  readonly #gapListeners = new Set<() => void>();
  #remote = 0;
  #switching: Promise<void> = Promise.resolve();

  constructor(options: AppChannelOptions) {
    this.#options = options;
  }

  has(channel: string): boolean {
    return this.#listeners.has(channel);
  }

  /** Tells the listeners of this process. One that throws is its owner's concern. */
  tell(channel: string, body: Json, isTrusted: boolean): void {
    for (const listener of [...(this.#listeners.get(channel) ?? [])]) harmlessly(() => listener(body, isTrusted));
  }

  /** `remote`: also what other processes say. */
  async subscribe(channel: string, listener: SubListener, remote: boolean): Promise<Subscription> {
    // Wrapped, because one function may listen twice and each subscription closes by itself.
    const own: SubListener = (body, isTrusted) => listener(body, isTrusted);
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(own));
    const leave = (): void => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel);
    };
    try {
      if (remote) await this.#enter();
    } catch (thrown) {
      leave();
      throw thrown;
    }
    let isOpen = true;
    return {
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        leave();
        if (remote) await this.#leave();
      },
    };
  }

  onGap(listener: () => void): Subscription {
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

  /**
   * Anybody may send anything on a channel. What no backend has sent is for the members of the mesh to judge: they hear
   * a quorum message that a person sent by hand, and log whatever else it is.
   */
  hear(payload: string): void {
    const notification = parsed(payload);
    const { from, c: channel, r: reference, b: body } = isJsonObject(notification) ? notification : {};
    const isOurs = typeof from === "string" && (typeof reference === "string" || body !== undefined);
    if (!isOurs || typeof channel !== "string") this.tell(quorumChannel, notification ?? payload, false);
    else if (from === this.#options.processId || !this.has(channel)) return;
    else if (typeof reference === "string") void this.#hearStored(channel, reference);
    else if (body !== undefined) this.tell(channel, body, false);
  }

  async #hearStored(channel: string, reference: string): Promise<void> {
    try {
      const body = await this.#options.fetch(reference);
      if (typeof body === "string") this.tell(channel, openerOf(body)(JSON.parse(body)), isVouched(reference));
    } catch {
      // A hint that cannot be read is a lost hint.
    }
  }

  #enter(): Promise<void> {
    return this.#switch(1);
  }

  #leave(): Promise<void> {
    return this.#switch(-1);
  }

  /** One after the other: the last to leave must not undo what the next to come has just begun. */
  #switch(change: 1 | -1): Promise<void> {
    const turn = this.#switching.then(async () => {
      if (change === 1 && this.#remote === 0) await this.#options.start();
      this.#remote += change;
      if (change === -1 && this.#remote === 0) await this.#options.stop();
    });
    this.#switching = turn.catch(() => {});
    return turn;
  }
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function harmlessly(listener: () => void): void {
  try {
    listener();
  } catch {
    // Nobody is there to hear of it, and the port promises that it harms nobody.
  }
}
