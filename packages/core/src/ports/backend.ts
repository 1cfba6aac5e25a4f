import type { Registry } from "./registry.js";
import type { Store } from "./store.js";
import type { Stream } from "./stream.js";
import type { Sub } from "./sub.js";

/** Everything an app needs from a storage. Store and stream share their transactions. */
export interface Backend<Tx = never> {
  readonly store: Store<Tx>;
  readonly stream: Stream<Tx>;
  readonly sub: Sub;
  readonly registry: Registry;
  /** Releases what the backend opened, and only that. */
  close(): Promise<void>;
}
