import { setTimeout as pause } from "node:timers/promises";
import type { HotMesh } from "@hotmesh/sdk";
import type { Pool } from "pg";

interface Waiting {
  readonly order: string;
  readonly score: number;
}

/** Orders that wait for somebody's approval, straight from the rows. */
const waiting = `
select h.job_id as order, (j.context ->> 'score')::integer as score
from "order-fulfilment".hooks as h
join "order-fulfilment".jobs as j on j.id = h.job_id
where h.topic = 'order.approved'`;

/** Plays the person who looks at large and at odd orders, until `done`. Here it is a loop; mostly it is a web page. */
export async function clerk(mesh: HotMesh, pool: Pool, done: AbortSignal): Promise<void> {
  while (!done.aborted) {
    const { rows } = await pool.query<Waiting>(waiting);
    for (const { order, score } of rows) {
      await mesh.signal("order.approved", { order, approved: score < 80, by: "Ada" });
    }
    await pause(100, undefined, { signal: done }).catch(() => undefined);
  }
}
