import {
  type JobOutput,
  type Json,
  jobChannel,
  jobOutput,
  type Logger,
  type Store,
  type Sub,
  type Subscription,
} from "@hotmesh/core";
import { type Announcement, announcementOf } from "./announcement.js";

/** Hears of jobs: gets the topic that the graph publishes, and the job's output. What it throws is logged. */
export type JobCallback = (topic: string, message: JobOutput) => unknown;

export interface SubscriptionsOptions {
  readonly store: Pick<Store, "readJob">;
  readonly sub: Pick<Sub, "subscribe">;
  readonly logger: Logger;
  /** Hears every announcement, whatever its topic; asked first whether it wants any. */
  readonly everything: { wants(): boolean; hear(topic: string, job: JobOutput): void };
}

/** The callbacks of `sub` and `psub`. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #exact = new Map<string, JobCallback[]>();
  readonly #globs = new Map<string, JobCallback[]>();
  #subscription: Promise<Subscription> | null = null;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  async sub(topic: string, callback: JobCallback): Promise<void> {
    append(this.#exact, topic, callback);
    await this.listen();
  }

  async psub(pattern: string, callback: JobCallback): Promise<void> {
    append(this.#globs, pattern, callback);
    await this.listen();
  }

  unsub(topic: string): void {
    this.#exact.delete(topic);
  }

  punsub(pattern: string): void {
    this.#globs.delete(pattern);
  }

  /** Resolves once every later announcement is heard. */
  async listen(): Promise<void> {
    this.#subscription ??= this.#options.sub.subscribe(jobChannel, (...heard) => void this.#hear(...heard));
    await this.#subscription;
  }

  async close(): Promise<void> {
    this.#exact.clear();
    this.#globs.clear();
    const subscription = await this.#subscription;
    this.#subscription = null;
    await subscription?.close();
  }

  /** Never rejects. */
  async #hear(body: Json, isTrusted: boolean): Promise<void> {
    const { everything, logger } = this.#options;
    const announcement = announcementOf(body, isTrusted);
    if (announcement === null) {
      logger.warn("announcement-malformed", { channel: jobChannel });
      return;
    }
    const { topic, job } = announcement;
    // Without a topic nobody subscribes to it: it is heard only because somebody waits for the job.
    const callbacks = topic === null ? [] : this.#matching(topic, `${topic}.${job}`);
    if (callbacks.length === 0 && !everything.wants()) return;
    try {
      const output = announcement.output ?? (await this.#read(announcement));
      if (output === null) return;
      everything.hear(topic ?? String(output.metadata["tpc"] ?? ""), output);
      for (const callback of callbacks) void this.#call(callback, topic ?? "", output);
    } catch (error) {
      logger.warn("announcement-read-failed", { topic, job, error });
    }
  }

  #matching(topic: string, withJob: string): readonly JobCallback[] {
    const exact = [topic, withJob].flatMap((name) => this.#exact.get(name) ?? []);
    const globs = [...this.#globs].flatMap(([pattern, callbacks]) =>
      matchesGlob(pattern, topic) || matchesGlob(pattern, withJob) ? callbacks : [],
    );
    return [...exact, ...globs];
  }

  async #read(announcement: Announcement): Promise<JobOutput | null> {
    const record = await this.#options.store.readJob(announcement.job);
    return record !== null && record.generation === announcement.generation ? jobOutput(record) : null;
  }

  async #call(callback: JobCallback, topic: string, output: JobOutput): Promise<void> {
    try {
      await callback(topic, output);
    } catch (error) {
      this.#options.logger.error("subscription-callback-failed", { topic, error });
    }
  }
}

/** `*` stands for any run of characters, dots included; nothing else is special. */
export function matchesGlob(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === text;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function append(lists: Map<string, JobCallback[]>, key: string, callback: JobCallback): void {
  lists.set(key, [...(lists.get(key) ?? []), callback]);
}
