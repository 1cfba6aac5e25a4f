import { type Instant, instant } from "../brand.js";
import type { Cancel, Clock } from "../ports/clock.js";

/** What a JavaScript host offers; `globalThis` of Node, Deno, Bun and browsers is one. */
export interface Timers<Handle> {
  readonly Date: { now(): number };
  /** Runs a function after so many milliseconds. */
  setTimeout(run: () => void, ms: number): Handle;
  /** Takes that back. */
  clearTimeout(handle: Handle): void;
}

/** Longest delay that hosts accept. */
const longestMs = 2 ** 31 - 1;

/**
 * The clock of a running process: `timerClock(globalThis)`. A cancelled sleep leaves no timer behind. It never goes
 * back: when the host's clock is set back by an hour, no pump sleeps for that hour.
 */
export function timerClock<Handle>(host: Timers<Handle>): Clock {
  const now = forwards(() => host.Date.now());
  const nap = (until: Instant, cancel?: Cancel): Promise<void> =>
    new Promise((resolve) => {
      const ms = Math.min(Math.max(0, until - now()), longestMs);
      const handle = host.setTimeout(() => {
        takeBack?.();
        resolve();
      }, ms);
      const takeBack = cancel?.onCancel(() => {
        host.clearTimeout(handle);
        resolve();
      });
    });
  return {
    now,
    sleep: async (until, cancel) => {
      while (now() < until && cancel?.cancelled !== true) await nap(until, cancel);
    },
  };
}

/** The same time, until the host's clock is set back: from then on the time that has passed, on top of the latest. */
function forwards(hostTime: () => number): () => Instant {
  let seen = hostTime();
  let lead = 0;
  return () => {
    const time = hostTime();
    if (time < seen) lead += seen - time;
    seen = time;
    return instant(time + lead);
  };
}
