import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
  readonly price: number;
}

/** What a customer sends. It may be wrong: finding that out is the first step of the graph. */
export interface Order {
  readonly id: string;
  readonly customer: { readonly email: string; readonly country: string };
  readonly card: string;
  readonly lines: readonly OrderLine[];
}

/** How an order can end. */
export const outcomes = ["shipped", "invalid", "sold-out", "declined", "unpaid", "not-approved"] as const;
export type OrderOutcome = (typeof outcomes)[number];

/** An order of the file beside this one, with the outcome that it has to have in the end. */
export interface ExpectedOrder {
  readonly order: Order;
  readonly expected: OrderOutcome;
}

/** Articles with what is on the shelf before the first order. */
export interface Article {
  readonly sku: string;
  readonly price: number;
  readonly onHand: number;
}

export async function readOrders(limit: number): Promise<readonly ExpectedOrder[]> {
  const text = await readFile(join(import.meta.dirname, "orders.ndjson"), "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.slice(0, limit).map((line): ExpectedOrder => JSON.parse(line));
}

export async function readArticles(): Promise<readonly Article[]> {
  return JSON.parse(await readFile(join(import.meta.dirname, "articles.json"), "utf8"));
}
