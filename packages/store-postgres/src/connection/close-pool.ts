import type { Pool } from "pg";

/** How long a server may take to end connections after the farewell. */
const farewellMs = 1_000;

/**
 * Closes a pool that we opened, when it is called, and resolves when its connections have ended. `pool.end()` does not
 * wait for that: who stops an instance would still have sockets, and a server would still count them.
 */
export function closing(pool: Pool): () => Promise<void> {
  const open = new Set<object>();
  let onEmpty = (): void => {};
  pool.on("connect", (client) => {
    open.add(client);
    client.once("end", () => {
      open.delete(client);
      if (open.size === 0) onEmpty();
    });
  });
  return async () => {
    await pool.end();
    if (open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, farewellMs);
      onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  };
}
