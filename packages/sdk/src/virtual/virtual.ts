import { connect, disconnectAll } from "./connect.js";
import { getContext } from "./context.js";
import { cron, interrupt } from "./cron.js";
import { stopEngines } from "./engines.js";
import { exec, flush } from "./exec.js";

/**
 * Functions that are called over the mesh, from any process: calls whose answers can be kept, and schedules.
 *
 * @example
 * ```ts
 * const connection = { class: Client, options: { connectionString: "postgresql://localhost/parcels" } };
 * await Virtual.connect({ topic: "parcel.weigh", connection, callback: async ({ id }) => weigh(id) });
 * const grams = await Virtual.exec({ topic: "parcel.weigh", args: [{ id: "P1" }], connection });
 * ```
 */
export const Virtual = {
  /** Makes a function callable by a topic. */
  connect,
  /** Calls a function, or gives the answer that is kept. */
  exec,
  /** Forgets an answer that is kept. */
  flush,
  /** Starts a schedule. */
  cron,
  /** Ends a schedule. */
  interrupt,
  /** What a callback is executed for. */
  getContext,

  /** Stops what this module has opened in this process. It is opened again when it is used. */
  async shutdown(): Promise<void> {
    await Promise.all([disconnectAll(), stopEngines()]);
  },
} as const;
