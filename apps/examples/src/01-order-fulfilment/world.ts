import type { Pool } from "pg";
import type { Article, OrderLine } from "./order.js";

/**
 * The world outside of the workflows: a warehouse, the books of a bank and of a carrier, in tables of their own. A
 * message may be delivered twice, for example when its worker is killed before it could answer. So every effect is
 * keyed by the order, and happens once however often it is asked for; `executions` counts how often it was asked for.
 */
const tables = `
create schema if not exists order_fulfilment_world;
create table if not exists order_fulfilment_world.stock (
  sku text primary key,
  on_hand integer not null check (on_hand >= 0)
);
create table if not exists order_fulfilment_world.reservations (
  order_id text primary key,
  lines jsonb not null,
  held boolean not null
);
create table if not exists order_fulfilment_world.charges (
  order_id text primary key,
  amount numeric not null
);
create table if not exists order_fulfilment_world.shipments (
  order_id text primary key,
  tracking text not null
);
create table if not exists order_fulfilment_world.invoices (
  number integer generated always as identity,
  order_id text primary key,
  total numeric not null
);
create table if not exists order_fulfilment_world.executions (
  order_id text not null,
  step text not null,
  times integer not null,
  primary key (order_id, step)
);`;

export async function createWorld(pool: Pool, articles: readonly Article[]): Promise<void> {
  await pool.query(tables);
  await pool.query(
    `insert into order_fulfilment_world.stock (sku, on_hand)
     select sku, "onHand" from json_to_recordset($1) as article (sku text, "onHand" integer)
     on conflict do nothing`,
    [JSON.stringify(articles)],
  );
}

export async function countExecution(pool: Pool, order: string, step: string): Promise<void> {
  await pool.query(
    `insert into order_fulfilment_world.executions as e (order_id, step, times) values ($1, $2, 1)
     on conflict (order_id, step) do update set times = e.times + 1`,
    [order, step],
  );
}

/** Takes the goods off the shelf: all lines, or none. True when they are, or were already, reserved. */
export async function reserve(pool: Pool, order: string, lines: readonly OrderLine[]): Promise<boolean> {
  const { rows } = await pool.query<{ held: boolean }>(
    `with wanted as (
       select sku, sum(quantity)::integer as quantity
       from json_to_recordset($2) as line (sku text, quantity integer) group by sku
     ), locked as (
       select s.sku from order_fulfilment_world.stock as s join wanted using (sku)
       where s.on_hand >= wanted.quantity order by s.sku for update of s
     ), reserved as (
       insert into order_fulfilment_world.reservations (order_id, lines, held)
       select $1, (select json_agg(wanted) from wanted), true
       where (select count(*) from locked) = (select count(*) from wanted)
       on conflict do nothing returning order_id
     ), taken as (
       update order_fulfilment_world.stock as s set on_hand = s.on_hand - wanted.quantity
       from wanted where wanted.sku = s.sku and exists (select from reserved)
     )
     select exists (select from reserved)
       or exists (select from order_fulfilment_world.reservations where order_id = $1 and held) as held`,
    [order, JSON.stringify(lines)],
  );
  return rows[0]?.held === true;
}

/** Puts the goods back on the shelf. */
export async function release(pool: Pool, order: string): Promise<void> {
  await pool.query(
    `with released as (
       update order_fulfilment_world.reservations set held = false where order_id = $1 and held returning lines
     )
     update order_fulfilment_world.stock as s set on_hand = s.on_hand + line.quantity
     from released, jsonb_to_recordset(released.lines) as line (sku text, quantity integer)
     where s.sku = line.sku`,
    [order],
  );
}

export async function recordCharge(pool: Pool, order: string, amount: number): Promise<void> {
  await pool.query("insert into order_fulfilment_world.charges values ($1, $2) on conflict do nothing", [
    order,
    amount,
  ]);
}

/** The tracking code of the order's one parcel. */
export async function recordShipment(pool: Pool, order: string): Promise<string> {
  const { rows } = await pool.query<{ tracking: string }>(
    `insert into order_fulfilment_world.shipments as s values ($1, 'TRK-' || upper(left(md5($1 || random()), 10)))
     on conflict (order_id) do update set tracking = s.tracking returning tracking`,
    [order],
  );
  return rows[0]?.tracking ?? "";
}

/** The number of the order's one invoice. */
export async function recordInvoice(pool: Pool, order: string, total: number): Promise<number> {
  const { rows } = await pool.query<{ number: number }>(
    `insert into order_fulfilment_world.invoices as i (order_id, total) values ($1, $2)
     on conflict (order_id) do update set total = i.total returning number`,
    [order, total],
  );
  return rows[0]?.number ?? 0;
}
