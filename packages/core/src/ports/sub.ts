import type { Json } from "../json.js";
import type { Publication } from "./records.js";

/**
 * Hints between processes: best effort, at most once. Losing every one of them costs latency only.
 * Besides what programs publish, a backend announces new work on the channels {@link laneChannel}.
 */
export interface Sub {
  /** Resolves once sent; listeners of this process have been called by then. */
  publish(publications: readonly Publication[]): Promise<void>;
  /** Resolves once every later publication on the channel will be heard. A listener that throws harms nobody. */
  subscribe(channel: string, listener: SubListener): Promise<Subscription>;
  /** Called when hints may have been lost (a connection was re-established): look for everything that may be due. */
  onGap(listener: () => void): Subscription;
}

/**
 * `isTrusted`: this process has said so itself, or it is `vouched`. Anything else may come from anybody who reaches the
 * storage, and is a reason to look, nothing more.
 */
export type SubListener = (body: Json, isTrusted: boolean) => void;

/** A listener that can be taken back. */
export interface Subscription {
  /** Nothing is heard any more once it resolves. Doing it again does nothing. */
  close(): Promise<void>;
}

/** Where a backend says that messages for a worker topic, or for the engine stream (null), have become due. */
export function laneChannel(topic: string | null): string {
  return topic === null ? "lane" : `lane/${topic}`;
}

/** Where the members of a mesh talk to each other. */
export const quorumChannel = "quorum";
