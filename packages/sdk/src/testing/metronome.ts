import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

/** Never goes back, and the same for all processes of the machine. */
export const now = (): number => performance.timeOrigin + performance.now();

/**
 * Does without a rate what a member does at its rate: waits so long, asks the database one thing, and says when it has
 * the answer. How much longer that takes than the wait is how busy the machine is. Resolves when `signal` ends it.
 */
export async function beat(
  connection: string,
  options: { readonly everyMs: number; readonly on: (at: number) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { everyMs, on, signal } = options;
  const client = new Client(connection);
  await client.connect();
  while (!signal.aborted) {
    await client.query("select 1");
    on(now());
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
  await client.end();
}
