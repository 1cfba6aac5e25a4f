import { setTimeout as pause } from "node:timers/promises";
import type { HotMeshWorker, StreamData, StreamDataResponse } from "@hotmesh/sdk";
import type { Pool } from "pg";
import { askBank } from "./bank.js";
import type { Article, Order, OrderLine } from "./order.js";
import { countExecution, recordCharge, recordInvoice, recordShipment, release, reserve } from "./world.js";

export interface WorkersOptions {
  /** Where the engine and the workers meet. */
  readonly url: string;
  /** The tables of the outside world. */
  readonly pool: Pool;
  readonly articles: readonly Article[];
  /** How long every call to the outside takes. */
  readonly latencyMs: number;
}

/** The address of the answer is taken from the request. */
type Answer = Partial<StreamDataResponse>;

type Step = (message: StreamData, order: string) => Promise<Answer>;

/** One worker a topic. Each could as well live in a process of its own. */
export function workers(options: WorkersOptions): HotMeshWorker[] {
  const { url, pool, articles, latencyMs } = options;
  const prices = new Map(articles.map(({ sku, price }) => [sku, price]));
  const serve = (topic: string, step: Step): HotMeshWorker => ({
    topic,
    connection: url,
    callback: async (message) => {
      const order = text(message.data["order"] ?? message.data["id"]);
      await countExecution(pool, order, topic);
      await pause(latencyMs);
      return step(message, order);
    },
  });
  return [
    serve("order.validate", async ({ data }) => validate(data as unknown as Order, prices)),
    serve("stock.reserve", async ({ data }, order) => {
      const reserved = await reserve(pool, order, data["lines"] as readonly OrderLine[]);
      return { code: reserved ? 200 : 409, data: { reserved } };
    }),
    serve("stock.release", async (_, order) => {
      await release(pool, order);
      return { data: {} };
    }),
    serve("fraud.screen", async ({ data }) => ({
      data: { score: text(data["email"]).endsWith(".invalid") ? 90 : 10 },
    })),
    serve("payment.charge", (message, order) => charge(pool, order, message)),
    // The carrier of remote countries fails now and then. Any error is tried again: after 20 ms, and after 40 ms.
    {
      ...serve("parcel.ship", (message, order) => ship(pool, order, message)),
      retryPolicy: { maximumAttempts: 3, backoffCoefficient: 0.2, maximumInterval: 0.04 },
    },
    serve("invoice.write", async ({ data }, order) => {
      const number = await recordInvoice(pool, order, Number(data["total"]));
      return { data: { invoice: `INV-${number}` } };
    }),
  ];
}

/** An order that cannot be right is an answer with a code of its own, not an error. */
function validate(order: Order, prices: ReadonlyMap<string, number>): Answer {
  const reason = defectOf(order, prices);
  if (reason !== null) return { code: 422, data: { reason } };
  return { code: 200, data: { total: order.lines.reduce((sum, line) => sum + line.quantity * line.price, 0) } };
}

function defectOf({ customer, lines }: Order, prices: ReadonlyMap<string, number>): string | null {
  if (customer.country === "") return "the country is missing";
  if (lines.length === 0) return "there is nothing in it";
  for (const { sku, quantity, price } of lines) {
    const known = prices.get(sku);
    if (known === undefined) return `there is no article ${sku}`;
    if (quantity < 1) return `the quantity of ${sku} is ${quantity}`;
    if (price !== known) return `the price of ${sku} is ${known}, not ${price}`;
  }
  return null;
}

/** An error that the graph knows by its code: 402 is refused, 503 is tried again. */
async function charge(pool: Pool, order: string, { data, _retryAttempt }: StreamData): Promise<Answer> {
  const reply = askBank(text(data["card"]), _retryAttempt ?? 0);
  if (reply.kind === "silent") return { status: "error", code: 503, data: { message: "the bank does not answer" } };
  if (reply.kind === "declined") return { status: "error", code: 402, data: { message: "the card was declined" } };
  await recordCharge(pool, order, Number(data["amount"]));
  return { data: { payment: `PAY-${order}` } };
}

async function ship(pool: Pool, order: string, { data, _retryAttempt }: StreamData): Promise<Answer> {
  if (data["country"] === "IS" && (_retryAttempt ?? 0) < 2) throw new Error("the carrier's service is down");
  return { data: { tracking: await recordShipment(pool, order) } };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
