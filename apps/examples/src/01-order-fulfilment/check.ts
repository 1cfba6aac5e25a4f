import type { Pool } from "pg";
import { type Article, type ExpectedOrder, outcomes } from "./order.js";

interface Ended {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly ms: number;
}

export interface OutcomeRow {
  readonly outcome: string;
  readonly expected: number;
  readonly actual: number;
  readonly "p50 ms": number | null;
  readonly "p95 ms": number | null;
}

const ended = `
select id, state, context ->> 'outcome' as outcome, extract(epoch from updated_at - created_at)::float8 * 1000 as ms
from "order-fulfilment".jobs
where topic = 'order.place'`;

/** What must hold when every order has ended; each query yields the exceptions. */
const laws: readonly { readonly law: string; readonly exceptions: string }[] = [
  {
    law: "every shipped order was charged, shipped and invoiced once, and no other order was",
    exceptions: `
      select j.id
      from "order-fulfilment".jobs as j
      left join order_fulfilment_world.charges as c on c.order_id = j.id
      left join order_fulfilment_world.shipments as s on s.order_id = j.id
      left join order_fulfilment_world.invoices as i on i.order_id = j.id
      where j.topic = 'order.place'
        and (j.context ->> 'outcome' is not distinct from 'shipped')
          is distinct from (c.order_id is not null and s.order_id is not null and i.order_id is not null)
        or (j.context ->> 'outcome' is distinct from 'shipped')
          and j.topic = 'order.place' and coalesce(c.order_id, s.order_id, i.order_id) is not null`,
  },
  {
    law: "every charge is the total of its order",
    exceptions: `
      select c.order_id as id
      from order_fulfilment_world.charges as c
      left join "order-fulfilment".jobs as j on j.id = c.order_id
      where (j.context ->> 'total')::numeric is distinct from c.amount`,
  },
  {
    law: "the parcels and invoices are those that the jobs tell of",
    exceptions: `
      select j.id
      from "order-fulfilment".jobs as j
      join order_fulfilment_world.shipments as s on s.order_id = j.id
      join order_fulfilment_world.invoices as i on i.order_id = j.id
      where s.tracking is distinct from j.context ->> 'tracking'
        or 'INV-' || i.number is distinct from j.context ->> 'invoice'`,
  },
  {
    law: "goods are held for shipped orders and for no others",
    exceptions: `
      select r.order_id as id
      from order_fulfilment_world.reservations as r
      join "order-fulfilment".jobs as j on j.id = r.order_id
      where r.held is distinct from (j.context ->> 'outcome' = 'shipped')`,
  },
  {
    law: "no job passed through an activity twice",
    exceptions: `
      select job_id as id
      from "order-fulfilment".activities
      group by job_id, activity_id
      having count(*) > 1`,
  },
  {
    law: "nothing is left to be done",
    exceptions: `
      select jid as id from "order-fulfilment".worker_streams where expired_at is null
      union all select jid from "order-fulfilment".engine_streams where expired_at is null
      union all select job_id from "order-fulfilment".hooks`,
  },
];

const shelf = `
select s.sku, s.on_hand + coalesce(sum(line.quantity), 0)::integer as accounted
from order_fulfilment_world.stock as s
left join order_fulfilment_world.reservations as r on r.held
left join jsonb_to_recordset(r.lines) as line (sku text, quantity integer) on line.sku = s.sku
group by s.sku, s.on_hand`;

/** Compares every order with what was expected of it; sentences about what is wrong, none when all is well. */
export async function check(
  pool: Pool,
  orders: readonly ExpectedOrder[],
  articles: readonly Article[],
): Promise<{ readonly rows: readonly OutcomeRow[]; readonly problems: readonly string[] }> {
  const jobs = (await pool.query<Ended>(ended)).rows;
  const problems = [
    ...wrongOutcomes(orders, jobs),
    ...(await brokenLaws(pool)),
    ...(await missingGoods(pool, articles)),
  ];
  return { rows: outcomes.map((outcome) => outcomeRow(outcome, orders, jobs)), problems };
}

export const lawsChecked: readonly string[] = [...laws.map(({ law }) => law), "no article is missing on the shelf"];

function wrongOutcomes(orders: readonly ExpectedOrder[], jobs: readonly Ended[]): readonly string[] {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  return orders.flatMap(({ order, expected }) => {
    const job = byId.get(order.id);
    if (job?.outcome === expected && job.state === "completed") return [];
    const found = job === undefined ? "it does not exist" : `it is ${job.state} with outcome ${job.outcome}`;
    return [`${order.id}: expected ${expected}, but ${found}`];
  });
}

async function brokenLaws(pool: Pool): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { law, exceptions } of laws) {
    const { rows } = await pool.query<{ id: string }>(exceptions);
    if (rows.length > 0)
      problems.push(
        `${law}, except ${rows
          .slice(0, 5)
          .map(({ id }) => id)
          .join(", ")} (${rows.length})`,
      );
  }
  return problems;
}

async function missingGoods(pool: Pool, articles: readonly Article[]): Promise<readonly string[]> {
  const { rows } = await pool.query<{ sku: string; accounted: number }>(shelf);
  const accounted = new Map(rows.map((row) => [row.sku, row.accounted]));
  return articles
    .filter(({ sku, onHand }) => accounted.get(sku) !== onHand)
    .map(({ sku, onHand }) => `${sku}: ${onHand} in the beginning, ${accounted.get(sku)} accounted for`);
}

function outcomeRow(outcome: string, orders: readonly ExpectedOrder[], jobs: readonly Ended[]): OutcomeRow {
  const times = jobs.filter((job) => job.outcome === outcome).map((job) => job.ms);
  return {
    outcome,
    expected: orders.filter((order) => order.expected === outcome).length,
    actual: times.length,
    "p50 ms": percentile(times, 0.5),
    "p95 ms": percentile(times, 0.95),
  };
}

function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? null : Math.round(value);
}
