import { setTimeout as pause } from "node:timers/promises";
import type { Pool } from "pg";

export interface Progress {
  readonly finished: number;
  readonly total: number;
}

const count = `
select count(*)::integer as finished
from "order-fulfilment".jobs
where topic = 'order.place' and state not in ('running', 'pending')`;

/** Watches the rows until all jobs have ended, or `stop`; true: all have. */
export async function watchProgress(pool: Pool, total: number, stop: AbortSignal): Promise<boolean> {
  const startedAt = performance.now();
  let toldAt = 0;
  for (;;) {
    const { rows } = await pool.query<{ finished: number }>(count);
    const progress = { finished: rows[0]?.finished ?? 0, total };
    const elapsedMs = performance.now() - startedAt;
    const isOver = progress.finished >= total;
    if (process.stdout.isTTY) process.stdout.write(`\r${bar(progress)} ${seconds(elapsedMs)}${isOver ? "\n" : ""}`);
    else if (isOver || elapsedMs - toldAt >= 1_000) {
      process.stdout.write(`${progress.finished} of ${total} orders have their outcome after ${seconds(elapsedMs)}\n`);
      toldAt = elapsedMs;
    }
    if (isOver || stop.aborted) return isOver;
    await pause(100, undefined, { signal: stop }).catch(() => undefined);
  }
}

function bar({ finished, total }: Progress): string {
  const width = 40;
  const full = total === 0 ? width : Math.round((width * finished) / total);
  return `[${"█".repeat(full)}${"·".repeat(width - full)}] ${finished}/${total}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
