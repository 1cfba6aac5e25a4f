// Writes orders.ndjson and articles.json. The files are part of the example; this is how they came about, and running
// it again writes the same: `npx tsx apps/examples/src/01-order-fulfilment/generate-orders.ts`.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { prng } from "@hotmesh/core/testing";
import { bankCards } from "./bank.js";
import type { Article, ExpectedOrder, Order, OrderOutcome } from "./order.js";

const count = 600;
const random = prng(20_260_701);

const names = ["mug", "lamp", "chair", "rug", "clock", "shelf", "vase", "desk"];
const finishes = ["oak", "steel", "linen"];
const articles: readonly Article[] = names.flatMap((name, index) =>
  finishes.map((finish, place) => {
    const isGone = finish === "linen" && index % 3 === 0;
    return { sku: `${name}-${finish}`, price: 15 + 35 * index + 5 * place, onHand: isGone ? 0 : 10_000 };
  }),
);
const inStock = articles.filter(({ onHand }) => onHand > 0);
const gone = articles.filter(({ onHand }) => onHand === 0);

/** Kinds of orders; the weight says how many of a hundred. */
const kinds: readonly { readonly weight: number; readonly make: (id: string) => ExpectedOrder }[] = [
  { weight: 50, make: (id) => expect("shipped", plain(id)) },
  { weight: 10, make: (id) => expect("shipped", { ...plain(id), card: bankCards.slow }) },
  { weight: 6, make: (id) => expect("shipped", from(plain(id), "IS")) },
  { weight: 8, make: (id) => expect("invalid", spoilt(plain(id))) },
  { weight: 8, make: (id) => expect("sold-out", soldOut(plain(id))) },
  { weight: 8, make: (id) => expect("declined", { ...plain(id), card: bankCards.declined }) },
  { weight: 2, make: (id) => expect("unpaid", { ...plain(id), card: bankCards.unreachable }) },
  { weight: 5, make: (id) => expect("shipped", large(plain(id))) },
  { weight: 3, make: (id) => expect("not-approved", suspicious(large(plain(id)))) },
];
const deck = kinds.flatMap(({ weight, make }) => Array.from({ length: weight }, () => make));

const orders = Array.from({ length: count }, (_, index) =>
  random.pick(deck)(`ORD-${String(index + 1).padStart(4, "0")}`),
);
await write("orders.ndjson", orders.map((order) => JSON.stringify(order)).join("\n"));
await write("articles.json", `[\n${articles.map((article) => `  ${JSON.stringify(article)}`).join(",\n")}\n]`);

function expect(expected: OrderOutcome, order: Order): ExpectedOrder {
  return { order, expected };
}

/** Below the amount that somebody has to look at. */
function plain(id: string): Order {
  const cheap = inStock.filter(({ price }) => price < 200);
  const lines = Array.from({ length: 1 + random.below(3) }, () => {
    const { sku, price } = random.pick(cheap);
    return { sku, quantity: 1 + random.below(3), price };
  });
  const email = `customer-${1 + random.below(400)}@example.com`;
  return {
    id,
    customer: { email, country: random.pick(["DE", "FR", "IT", "PL", "SE", "US"]) },
    card: bankCards.good,
    lines,
  };
}

function from(order: Order, country: string): Order {
  return { ...order, customer: { ...order.customer, country } };
}

function spoilt(order: Order): Order {
  const [line] = order.lines;
  return random.pick<Order>([
    { ...order, lines: [] },
    { ...order, lines: [{ sku: "unicorn-oak", quantity: 1, price: 1 }] },
    from(order, ""),
    { ...order, lines: line === undefined ? [] : [{ ...line, quantity: 0 }] },
    { ...order, lines: line === undefined ? [] : [{ ...line, price: line.price / 2 }] },
  ]);
}

function soldOut(order: Order): Order {
  const { sku, price } = random.pick(gone);
  return { ...order, lines: [...order.lines, { sku, quantity: 1, price }] };
}

function large(order: Order): Order {
  const { sku, price } = random.pick(inStock.filter((article) => article.price >= 200));
  return { ...order, lines: [...order.lines, { sku, quantity: 10 + random.below(20), price }] };
}

function suspicious(order: Order): Order {
  return { ...order, customer: { ...order.customer, email: `x${random.below(100)}@throwaway.invalid` } };
}

async function write(name: string, text: string): Promise<void> {
  await writeFile(join(import.meta.dirname, name), `${text}\n`);
}
