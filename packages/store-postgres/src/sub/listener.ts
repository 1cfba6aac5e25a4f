import { setTimeout as sleep } from "node:timers/promises";
import type { ListenConnection } from "../connection/database.js";
import { quoted } from "../schema/quoted.js";

export interface ChannelHandler {
  /** A notification came in. */
  hear(payload: string): void;
  /** Notifications may have been lost. */
  gap(): void;
}

const firstDelayMs = 100;
const delayMsMax = 10_000;

/** A connection that listens to what was asked for when it was opened, and to `channels` that came later. */
interface Ear {
  readonly connection: ListenConnection;
  readonly channels: Set<string>;
  /** Takes our event listeners off the client, which may be somebody else's. */
  readonly forget: () => void;
}

/** The LISTEN connection of a process and database. It opens with the first channel and comes back when it is lost. */
export class Listener {
  readonly #connect: () => Promise<ListenConnection>;
  readonly #handlers = new Map<string, ChannelHandler>();
  #ear: Ear | null = null;
  /** Null: nobody wants to hear anything. */
  #ready: Promise<Ear> | null = null;
  /** Ends the attempts to open that are under way. */
  #attempts = new AbortController();

  constructor(connect: () => Promise<ListenConnection>) {
    this.#connect = connect;
  }

  /** Resolves when later notifications are heard. Rejects when there has been no connection yet and none can be had. */
  async listen(channel: string, handler: ChannelHandler): Promise<void> {
    this.#handlers.set(channel, handler);
    if (this.#ready === null) return this.#begin(channel);
    try {
      await add(await this.#ready, channel);
    } catch {
      // The connection went away meanwhile. The next one listens to every channel before it is ready.
      await this.#ready;
    }
  }

  async unlisten(channel: string): Promise<void> {
    if (!this.#handlers.delete(channel)) return;
    if (this.#handlers.size === 0) return this.#hangUp();
    if (this.#ear !== null) await remove(this.#ear, channel);
  }

  /** Continues on another connection: the owner of this one is about to close it. */
  async move(): Promise<void> {
    if (this.#ear !== null) await this.#lost(this.#ear.connection);
  }

  async close(): Promise<void> {
    this.#handlers.clear();
    await this.#hangUp();
  }

  async #begin(channel: string): Promise<void> {
    const ready = this.#open(this.#freshAttempts());
    this.#ready = ready;
    try {
      await ready;
    } catch (thrown) {
      if (this.#ready === ready) this.#ready = null;
      this.#handlers.delete(channel);
      throw thrown;
    }
  }

  #freshAttempts(): AbortSignal {
    this.#attempts = new AbortController();
    return this.#attempts.signal;
  }

  /** Only our channels are left: a client that was lent may listen to others. */
  async #hangUp(): Promise<void> {
    const ear = this.#ear;
    this.#attempts.abort();
    this.#ear = null;
    this.#ready = null;
    if (ear === null) return;
    ear.forget();
    for (const channel of [...ear.channels]) await remove(ear, channel);
    await ear.connection.release().catch(() => {});
  }

  /**
   * A connection counts as ours when it listens to everything. One that breaks before fails here and nowhere else, and
   * one that comes when nobody wants it any more is given back.
   */
  async #open(signal: AbortSignal): Promise<Ear> {
    const connection = await this.#connect();
    const ear: Ear = { connection, channels: new Set(), forget: this.#attend(connection) };
    try {
      for (const channel of this.#handlers.keys()) await add(ear, channel);
      signal.throwIfAborted();
    } catch (thrown) {
      ear.forget();
      await connection.release().catch(() => {});
      throw thrown;
    }
    this.#ear = ear;
    return ear;
  }

  #attend(connection: ListenConnection): () => void {
    const { client } = connection;
    const hear = (message: { channel: string; payload?: string | undefined }): void =>
      this.#handlers.get(message.channel)?.hear(message.payload ?? "");
    const lost = (): void => void this.#lost(connection);
    client.on("notification", hear);
    client.on("error", lost);
    client.on("end", lost);
    return () => {
      client.off("notification", hear);
      client.off("error", lost);
      client.off("end", lost);
    };
  }

  async #lost(connection: ListenConnection): Promise<void> {
    const ear = this.#ear;
    if (ear === null || ear.connection !== connection) return;
    this.#ear = null;
    ear.forget();
    this.#ready = this.#reopen(this.#freshAttempts());
    // Nobody may be waiting for it. Whoever waits hears of the failure from the promise itself.
    this.#ready.catch(() => {});
    await connection.release().catch(() => {});
  }

  async #reopen(signal: AbortSignal): Promise<Ear> {
    for (let delayMs = 0; ; delayMs = Math.min(delayMsMax, Math.max(firstDelayMs, delayMs * 2))) {
      // Jitter, so that the processes of a mesh do not come back in one instant.
      if (delayMs > 0) await sleep(delayMs * (0.75 + Math.random() / 2), undefined, { signal, ref: false });
      signal.throwIfAborted();
      try {
        const ear = await this.#open(signal);
        for (const handler of [...this.#handlers.values()]) handler.gap();
        return ear;
      } catch {
        // Not back yet; how long it takes is the server's affair.
      }
    }
  }
}

async function add({ connection, channels }: Ear, channel: string): Promise<void> {
  channels.add(channel);
  await connection.run({ text: `listen ${quoted(channel)}`, values: [] });
}

async function remove({ connection, channels }: Ear, channel: string): Promise<void> {
  channels.delete(channel);
  await connection.run({ text: `unlisten ${quoted(channel)}`, values: [] }).catch(() => {});
}
