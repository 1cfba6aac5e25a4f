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

/** The LISTEN connection of a process and database. It opens with the first channel and comes back when it is lost. */
export class Listener {
  readonly #connect: () => Promise<ListenConnection>;
  readonly #handlers = new Map<string, ChannelHandler>();
  readonly #stopped = new AbortController();
  #current: ListenConnection | null = null;
  #ready: Promise<ListenConnection> | null = null;
  #forget: () => void = () => {};

  constructor(connect: () => Promise<ListenConnection>) {
    this.#connect = connect;
  }

  /** Resolves when later notifications are heard. Rejects when there has been no connection yet and none can be had. */
  async listen(channel: string, handler: ChannelHandler): Promise<void> {
    this.#handlers.set(channel, handler);
    if (this.#ready === null) {
      this.#ready = this.#open();
      try {
        await this.#ready;
      } catch (thrown) {
        this.#ready = null;
        this.#handlers.delete(channel);
        throw thrown;
      }
      return;
    }
    try {
      await (await this.#ready).run(listenTo(channel));
    } catch {
      // The connection went away meanwhile. The next one listens to every channel before it is ready.
      await this.#ready;
    }
  }

  async unlisten(channel: string): Promise<void> {
    if (!this.#handlers.delete(channel) || this.#current === null) return;
    const connection = this.#current;
    if (this.#handlers.size === 0) return this.#hangUp();
    await connection.run({ text: `unlisten ${quoted(channel)}`, values: [] }).catch(() => {});
  }

  /** Continues on another connection: the owner of this one is about to close it. */
  async move(): Promise<void> {
    if (this.#current === null) return;
    const connection = this.#current;
    this.#lost(connection);
    await connection.release().catch(() => {});
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    this.#handlers.clear();
    await this.#hangUp();
  }

  async #hangUp(): Promise<void> {
    const connection = this.#current;
    this.#current = null;
    this.#ready = null;
    this.#forget();
    await connection?.run({ text: "unlisten *", values: [] }).catch(() => {});
    await connection?.release().catch(() => {});
  }

  async #open(): Promise<ListenConnection> {
    const connection = await this.#connect();
    const { client } = connection;
    const hear = (message: { channel: string; payload?: string | undefined }): void =>
      this.#handlers.get(message.channel)?.hear(message.payload ?? "");
    const lost = (): void => this.#lost(connection);
    this.#current = connection;
    this.#forget = () => {
      client.off("notification", hear);
      client.off("error", lost);
      client.off("end", lost);
    };
    client.on("notification", hear);
    client.on("error", lost);
    client.on("end", lost);
    try {
      for (const channel of this.#handlers.keys()) await connection.run(listenTo(channel));
    } catch (thrown) {
      this.#forget();
      this.#current = null;
      await connection.release().catch(() => {});
      throw thrown;
    }
    return connection;
  }

  #lost(connection: ListenConnection): void {
    if (this.#current !== connection) return;
    this.#current = null;
    this.#forget();
    connection.release().catch(() => {});
    this.#ready = this.#reopen();
    // Nobody may be waiting for it. Whoever waits hears of the failure from the promise itself.
    this.#ready.catch(() => {});
  }

  async #reopen(): Promise<ListenConnection> {
    for (let delayMs = 0; ; delayMs = Math.min(delayMsMax, Math.max(firstDelayMs, delayMs * 2))) {
      // Jitter, so that the processes of a mesh do not come back in one instant.
      const options = { signal: this.#stopped.signal, ref: false };
      if (delayMs > 0) await sleep(delayMs * (0.75 + Math.random() / 2), undefined, options);
      this.#stopped.signal.throwIfAborted();
      try {
        const connection = await this.#open();
        for (const handler of [...this.#handlers.values()]) handler.gap();
        return connection;
      } catch {
        // Not back yet; how long it takes is the server's affair.
      }
    }
  }
}

function listenTo(channel: string) {
  return { text: `listen ${quoted(channel)}`, values: [] };
}
