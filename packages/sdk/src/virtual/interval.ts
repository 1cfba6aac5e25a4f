import { HotMeshError, nextTick, parseSeconds } from "@hotmesh/core";
import type { CronInterval, Turn } from "./messages.js";

/** The shortest time between two runs, in seconds. */
const shortest = 1;

/** A duration of at least one second, or a cron expression. Throws `invalid-argument` (400) for anything else. */
export function cronInterval(text: string): CronInterval {
  const seconds = parseSeconds(text);
  if (seconds !== undefined) return { every: "seconds", seconds: Math.max(shortest, seconds) };
  try {
    nextTick(text, 0);
    return { every: "tick", expression: text };
  } catch (cause) {
    throw new HotMeshError("invalid-argument", `Invalid cron/interval expression: ${text}`, { cause });
  }
}

/** The first run: at once or after `delay` seconds, or at the next tick. */
export function firstTurn(
  interval: CronInterval,
  { now, delay }: { readonly now: number; readonly delay: number },
): Turn {
  return interval.every === "seconds"
    ? { delay, count: 0, tick: 0 }
    : tickAfter(interval.expression, { now, last: now, count: 0 });
}

/** The run after one that has just ended. Ticks that passed meanwhile are skipped, and none comes twice. */
export function nextTurn(interval: CronInterval, turn: Turn, now: number): Turn {
  const count = turn.count + 1;
  if (interval.every === "seconds") return { delay: interval.seconds, count, tick: 0 };
  return tickAfter(interval.expression, { now, last: Math.max(now, turn.tick), count });
}

interface After {
  readonly now: number;
  /** The next tick comes after this moment. */
  readonly last: number;
  readonly count: number;
}

function tickAfter(expression: string, { now, last, count }: After): Turn {
  const tick = nextTick(expression, last);
  return { delay: Math.max(0, (tick - now) / 1_000), count, tick };
}
