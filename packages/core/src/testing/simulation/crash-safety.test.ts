import { expect, test } from "vitest";
import { CrashUnsafeError } from "./counter-example.js";
import { assertCrashSafe, type CrashSafetyRun } from "./crash-safety.js";
import type { SimulatedWorker } from "./simulation.js";

const orders = `
app:
  id: orders
  version: '1'
  graphs:
    - subscribes: order.placed
      activities:
        placed: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        charge:
          type: worker
          topic: card.charge
          input: { maps: { order: '{placed.output.data.id}' } }
          job: { maps: { receipt: '{$self.output.data.receipt}' } }
        cool: { type: hook, sleep: 3600 }
        ship:
          type: worker
          topic: parcel.send
          input: { maps: { order: '{placed.output.data.id}' } }
          job: { maps: { parcel: '{$self.output.data.parcel}' } }
      transitions:
        placed: [{ to: charge }]
        charge: [{ to: cool }]
        cool: [{ to: ship }]`;

/** A shop whose callbacks may be written badly. */
function shop(over: (charged: string[]) => Record<string, SimulatedWorker>, ids = ["o1"]): () => CrashSafetyRun {
  return () => {
    const charged: string[] = [];
    return {
      document: orders,
      workers: {
        "card.charge": async ({ data }) => {
          const order = String(data["order"]);
          if (!charged.includes(order)) charged.push(order);
          return { data: { receipt: `r-${order}` } };
        },
        "parcel.send": async ({ data }) => ({ data: { parcel: `p-${String(data["order"])}` } }),
        ...over(charged),
      },
      start: ids.map((id) => ({ topic: "order.placed", data: { id } })),
      effects: () => charged.toSorted(),
    };
  };
}

const forgetful = (charged: string[]) => ({
  "card.charge": async ({ data }: { readonly data: Record<string, unknown> }) => {
    charged.push(String(data["order"]));
    return { data: { receipt: `r-${String(data["order"])}` } };
  },
});

test("callbacks that can be repeated are crash-safe, at every step and call", async () => {
  const tried = await assertCrashSafe(
    shop(() => ({})),
    { seeds: 3 },
  );

  // Each seed: two calls with four faults each, and four steps with two: the start, two answers, the timer.
  expect(tried).toEqual({ runs: 3 * (2 + 8 + 8), crashes: 3 * (8 + 8) });
});

test("an effect that a repeated call has twice is found, and told with the least that it takes", async () => {
  const error = await failed(shop(forgetful, ["o1", "o2", "o3"]));

  expect(error.crash).toBe("worker-dies-after-effect");
  expect(error.message.split("\n")).toEqual([
    "It matters that a worker died after its callback had run, before it could answer.",
    "",
    "effects:",
    '  without it  ["o1"]',
    '  with it     ["o1","o1"]',
    "",
    "What happened:",
    "",
    '           0 s  a client starts order.placed {"id":"o1"}: job o1',
    '           0 s  a worker of card.charge takes the message of charge of o1: {"order":"o1"}',
    '           0 s  the callback of card.charge gives {"data":{"receipt":"r-o1"}}',
    "             !  it dies: the callback has run, and its answer is lost",
    '          30 s  a worker of card.charge takes the message of charge of o1 once more: {"order":"o1"}',
    '          30 s  the callback of card.charge gives {"data":{"receipt":"r-o1"}}',
    "          30 s  the engine decides the answer to charge of o1",
    "      01:00:30  the engine decides the timer of cool of o1",
    '      01:00:30  a worker of parcel.send takes the message of ship of o1: {"order":"o1"}',
    '      01:00:30  the callback of parcel.send gives {"data":{"parcel":"p-o1"}}',
    "      01:00:30  the engine decides the answer to ship of o1",
    "",
    expect.stringMatching(/^The callback of card.charge ran twice for one message, .* notice: metadata.jid,$/),
    "metadata.dad and metadata.aid together are the same each time, and make a good idempotency key.",
  ]);
});

test("a callback that answers otherwise when it is repeated is found by what its job holds", async () => {
  const counting = () => {
    let receipts = 0;
    return {
      "card.charge": async () => {
        receipts += 1;
        return { data: { receipt: receipts } };
      },
    };
  };
  const { message } = await failed(shop(counting));

  expect(message).toContain('job o1:\n  without it  {"data":{"parcel":"p-o1","receipt":1}');
  expect(message).toContain('  with it     {"data":{"parcel":"p-o1","receipt":2}');
});

test("what of a job counts can be said", async () => {
  const counting = shop(() => {
    let receipts = 0;
    return {
      "card.charge": async () => {
        receipts += 1;
        return { data: { receipt: receipts } };
      },
    };
  });

  await expect(assertCrashSafe(() => ({ ...counting(), outcome: ({ state }) => state }))).resolves.toBeDefined();
});

test("a callback that refuses what it has done before is found", async () => {
  const strict = (charged: string[]) => ({
    "card.charge": async ({ data }: { readonly data: Record<string, unknown> }) => {
      const order = String(data["order"]);
      if (charged.includes(order)) throw new Error(`${order} is charged`);
      charged.push(order);
      return { data: { receipt: "r" } };
    },
  });

  expect((await failed(shop(strict))).message).toContain("o1 is charged");
});

test("a setup whose world is not new each time is refused", async () => {
  const charged: string[] = [];
  const shared = () => ({ ...shop(() => forgetful(charged))(), effects: () => charged });

  await expect(assertCrashSafe(shared)).rejects.toThrow("two runs without a crash differ");
});

test("what has no order is compared without one", async () => {
  const run = shop(() => ({}), ["o1", "o2"]);
  const asMap = () => {
    const seen = new Map<string, Set<string>>();
    const add = (topic: string, order: unknown) => {
      seen.set(topic, (seen.get(topic) ?? new Set()).add(String(order)));
    };
    const { workers, ...rest } = run();
    return {
      ...rest,
      workers: {
        "card.charge": async ({ data }: { readonly data: Record<string, unknown> }) => add("charge", data["order"]),
        ...workers,
        "parcel.send": async ({ data }: { readonly data: Record<string, unknown> }) => {
          add("send", data["order"]);
          return { data: { parcel: "p" } };
        },
      },
      effects: () => seen,
    };
  };

  await expect(assertCrashSafe(asMap)).resolves.toBeDefined();
});

async function failed(setup: () => CrashSafetyRun): Promise<CrashUnsafeError> {
  const error: unknown = await assertCrashSafe(setup).catch((thrown: unknown) => thrown);
  if (error instanceof CrashUnsafeError) return error;
  throw new Error(`expected a counter-example, got ${String(error)}`);
}
