import type { Publication, Sub, SubListener, Subscription } from "@hotmesh/core";
import { documentText } from "../codec/encoded.js";
import type { Run } from "../connection/database.js";
import type { AppChannel } from "./app-channel.js";
import type { Hub } from "./hub.js";
import { type Notice, type Notices, noticeId } from "./notices.js";
import { notify } from "./notifier.js";

const inlineBytesMax = 7_000;

export interface PostgresSubOptions {
  readonly hub: Hub;
  /** Where payloads are kept that are too long to travel. */
  readonly notices: Notices;
  /** The notification channel of the app. */
  readonly name: string;
  /** False: nothing is heard from other processes, nor said to them. */
  readonly notifications: boolean;
}

interface Wrapped {
  readonly payload: string;
  readonly notice: Notice | null;
}

interface Addressed extends Wrapped {
  readonly isPatient: boolean;
}

export class PostgresSub implements Sub {
  readonly #options: PostgresSubOptions;
  readonly #channel: AppChannel;
  readonly #open = new Set<Subscription>();

  constructor(options: PostgresSubOptions) {
    this.#options = options;
    this.#channel = options.hub.app(options.name, options.notices.fetch);
  }

  async publish(publications: readonly Publication[]): Promise<void> {
    const remote = this.#tell(publications);
    if (remote.length === 0) return;
    await this.#send(remote.map((publication) => this.#addressed(publication)));
    await this.#options.hub.notifier.flush();
  }

  /** Tells the listeners of this process and lets the others know soon. Never fails: hints may be lost. */
  announce(publications: readonly Publication[]): void {
    const remote = this.#tell(publications);
    const addressed = remote.flatMap((publication) => {
      try {
        return [this.#addressed(publication)];
      } catch {
        // The codec refuses it. What is said with it is none the worse.
        return [];
      }
    });
    if (addressed.length > 0) void this.#send(addressed).catch(() => {});
  }

  /** Says it as a part of a caller's transaction: everybody, this process included, hears of it when it commits. */
  async announceWithin(run: Run, publications: readonly Publication[]): Promise<void> {
    if (!this.#options.notifications || publications.length === 0) return;
    const wrapped = publications.map((publication) => this.#wrap(publication, ""));
    const notices = wrapped.flatMap(({ notice }) => (notice === null ? [] : [notice]));
    if (notices.length > 0) await run(this.#options.notices.store(notices));
    await run(notify(wrapped.map(({ payload }) => ({ channel: this.#options.name, payload }))));
  }

  async subscribe(channel: string, listener: SubListener): Promise<Subscription> {
    const inner = await this.#channel.subscribe(channel, listener, this.#options.notifications);
    return this.#kept(inner);
  }

  onGap(listener: () => void): Subscription {
    return this.#kept(this.#channel.onGap(listener));
  }

  async close(): Promise<void> {
    for (const subscription of [...this.#open]) await subscription.close();
  }

  #kept(inner: Subscription): Subscription {
    const outer: Subscription = {
      close: async () => {
        this.#open.delete(outer);
        await inner.close();
      },
    };
    this.#open.add(outer);
    return outer;
  }

  /** What other processes have to be told. */
  #tell(publications: readonly Publication[]): readonly Publication[] {
    const remote: Publication[] = [];
    for (const publication of publications) {
      const { channel, body, local, exclusive } = publication;
      const isHeard = this.#channel.has(channel);
      if (isHeard) this.#channel.tell(channel, local ?? body, true);
      if (this.#options.notifications && !(exclusive === true && isHeard)) remote.push(publication);
    }
    return remote;
  }

  #addressed(publication: Publication): Addressed {
    const isPatient = publication.patient === true;
    return { ...this.#wrap(publication, this.#options.hub.processId), isPatient };
  }

  async #send(wrapped: readonly Addressed[]): Promise<void> {
    const { hub, name, notices: kept } = this.#options;
    const notices = wrapped.flatMap(({ notice }) => (notice === null ? [] : [notice]));
    if (notices.length > 0) await hub.run(kept.store(notices));
    for (const { payload, isPatient } of wrapped) hub.notifier.add(name, payload, isPatient);
  }

  #wrap({ channel, body, vouched = false }: Publication, from: string): Wrapped {
    // Hints of work say the same when they are merged. News that are alike are several all the same, and Postgres would
    // deliver equal payloads of one transaction once.
    const number = body === null ? undefined : this.#options.hub.newNumber();
    const payload = JSON.stringify({ from, c: channel, b: body, n: number });
    if (Buffer.byteLength(payload) <= inlineBytesMax && !vouched) return { payload, notice: null };
    const id = noticeId(vouched);
    return { payload: JSON.stringify({ from, c: channel, r: id }), notice: { id, body: documentText(body) } };
  }
}
