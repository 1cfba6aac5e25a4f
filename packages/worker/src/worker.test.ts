import { Canceller, HotMeshError, laneChannel, type Settlement } from "@hotmesh/core";
import { expect, test, vi } from "vitest";
import { LeaseExpiredError } from "./lease-expired-error.js";
import { message, policy } from "./testing/builders.js";
import { gate, settle, setup } from "./testing/setup.js";
import type { WorkerCallback } from "./worker-callback.js";

const five = ["a", "b", "c", "d", "e"].map((key) => message(key));

test("F31 no more messages are claimed than there are free slots", async () => {
  const gated = gate();
  const { backend, worker } = setup(gated.callback, { concurrency: 2 });
  await backend.stream.send(five);

  await worker.tick();
  await worker.tick();

  expect([gated.started(), worker.freeSlots(), worker.activity.inFlight]).toEqual([2, 0, 2]);
  gated.open();
  await settle();
  await worker.tick();
  expect(gated.started()).toBe(2);
});

test("an answer consumes its message", async () => {
  const { backend, worker } = setup(async () => ({ data: { fired: true } }));
  await backend.stream.send([message("a")]);

  await worker.tick();
  await settle();
  await worker.tick();

  expect(await backend.store.depth("kiln.fire")).toBe(0);
  expect(await backend.store.depth(null)).toBe(1);
  expect(worker.activity.counts).toEqual({ "200": 1 });
});

test("S33 a failed attempt is followed by a new message, taken up when the wait of its policy is over", async () => {
  const seen: (number | undefined)[] = [];
  const failing: WorkerCallback = async ({ metadata }) => {
    seen.push(metadata.try);
    throw new Error("cracked");
  };
  const { clock, backend, worker } = setup(failing, { policy: policy({ backoffCoefficient: 2 }) });
  await backend.stream.send([message("a")]);
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let round = 0; round < 3; round += 1) {
      await worker.tick();
      await settle();
    }
  };

  await pass(0);
  await pass(1_999);
  expect(seen).toEqual([undefined]);
  await pass(1);
  expect(seen).toEqual([undefined, 1]);
  await pass(4_000);
  await pass(120_000);

  expect(seen).toEqual([undefined, 1, 2]);
});

test("an answer whose lease was lost is discarded", async () => {
  const gated = gate();
  const settlements: Settlement[] = [];
  const settleLocally = async (settlement: Settlement) => {
    settlements.push(settlement);
    return "settled" as const;
  };
  const { clock, backend, worker } = setup(gated.callback, { settle: settleLocally });
  await backend.stream.send([message("a")]);
  await worker.tick();

  clock.advance(31_000);
  await backend.stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 30_000, holder: "other" });
  await worker.tick();
  gated.open();
  await settle();

  expect(settlements).toEqual([]);
});

test("a callback that outlives the cap frees its slot, and its answer does not count", async () => {
  const gated = gate();
  const error = vi.fn();
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error };
  const { clock, backend, worker } = setup(gated.callback, { capMs: 20_000, concurrency: 1, logger });
  await backend.stream.send([message("a")]);
  await worker.tick();
  clock.advance(15_000);
  await worker.tick();
  clock.advance(5_000);
  await worker.tick();

  expect(worker.freeSlots()).toBe(1);
  expect(error.mock.calls).toEqual([
    [
      "worker-lease-expired",
      { topic: "kiln.fire", job: null, message: "a", error: LeaseExpiredError.capped(20_000, 30_000) },
    ],
  ]);
  expect(error.mock.calls[0]?.[1].error).toMatchObject({ kind: "lease-expired", deadlineMs: 20_000 });
});

test("a slot that is reserved is not claimed for, and every reservation ends", async () => {
  const { backend, worker } = setup(async () => ({ data: {} }), { concurrency: 3 });
  await worker.tick();

  expect(worker.reserve()).toBe(3);
  await backend.stream.send(five);
  worker.wake();
  await worker.tick();
  expect(worker.activity.inFlight).toBe(0);
  worker.accept([], 3);

  expect(worker.freeSlots()).toBe(3);
});

test("a worker that suspects stored work offers no slots for other work", () => {
  const { worker } = setup(async () => ({ data: {} }));

  expect(worker.reserve()).toBe(0);
});

test("a slot whose answer an engine is deciding is free for what the same step hands over", async () => {
  const undecided = () => new Promise<never>(() => {});
  const { backend, worker } = setup(async () => ({ data: {} }), { concurrency: 2, settle: undecided });
  await backend.stream.send([message("a")]);
  await worker.tick();
  await settle();

  expect([worker.freeSlots(), worker.reserve()]).toEqual([1, 2]);
});

test("a hint that comes while a claim is under way is not lost", async () => {
  const { worker } = setup(async () => ({ data: {} }), {
    stream: {
      claim: async () => {
        worker.wake();
        return { leases: [], nextDueInMs: null };
      },
      extend: async () => [],
      settle: async () => [],
    },
  });

  expect((await worker.tick()).worked).toBe(true);
});

test("a claim that fails is tried again after a while, longer each time", async () => {
  const { clock, worker } = setup(async () => ({ data: {} }), {
    stream: {
      claim: async () => {
        throw new HotMeshError("connection-failed", "gone");
      },
      extend: async () => [],
      settle: async () => [],
    },
  });
  const waits: number[] = [];
  for (let failure = 0; failure < 4; failure += 1) {
    const { nextAt } = await worker.tick();
    waits.push((nextAt ?? clock.now()) - clock.now());
    clock.set(nextAt ?? clock.now());
  }

  expect(waits).toEqual([75, 150, 300, 600]);
  expect(worker.activity.errorCount).toBe(4);
});

test("an answer that can never be stored becomes an error answer", async () => {
  const settlements: Settlement[] = [];
  const refusing = async (settlement: Settlement) => {
    settlements.push(settlement);
    const { outcome } = settlement;
    if (outcome.kind === "answer" && outcome.answer.status === "success") throw new Error("invalid text");
    return "settled" as const;
  };
  const { backend, worker } = setup(async () => ({ data: {} }), { settle: refusing });
  await backend.stream.send([message("a")]);

  await worker.tick();
  await settle();

  expect(settlements.at(-1)?.outcome).toEqual({
    kind: "answer",
    answer: {
      status: "error",
      code: 500,
      data: { message: "the answer could not be stored: invalid text", code: 500 },
    },
  });
});

test("F33 a worker that stops gives back what its callbacks did not finish in time", async () => {
  const gated = gate();
  const { clock, backend, worker } = setup(gated.callback, { drainMs: 5_000 });
  await backend.stream.send([message("a")]);
  const cancel = new Canceller();
  const run = worker.run(cancel);
  await vi.waitFor(() => expect(gated.started()).toBe(1));

  cancel.cancel();
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  clock.advance(5_000);
  await run;

  const again = await backend.stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 1_000, holder: "other" });
  expect(again.leases.map(({ key }) => key)).toEqual(["a"]);
});

test("a worker that stops lets running callbacks end and stores their answers", async () => {
  const gated = gate();
  const { backend, worker } = setup(gated.callback);
  await backend.stream.send([message("a")]);
  const cancel = new Canceller();
  const run = worker.run(cancel);
  await vi.waitFor(() => expect(gated.started()).toBe(1));

  cancel.cancel();
  gated.open();
  await run;

  expect(await backend.store.depth("kiln.fire")).toBe(0);
});

test("a hint wakes a worker that sleeps", async () => {
  const seen: unknown[] = [];
  const { clock, backend, worker } = setup(async ({ data }) => {
    seen.push(data);
  });
  const cancel = new Canceller();
  const run = worker.run(cancel);
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));

  await backend.stream.send([message("a")]);
  await backend.sub.publish([{ channel: laneChannel("kiln.fire"), body: null }]);
  await vi.waitFor(() => expect(seen).toEqual([{ temp: 900 }]));

  cancel.cancel();
  await run;
});

test("a readonly worker claims nothing", async () => {
  const seen = vi.fn(async () => ({ data: {} }));
  const { backend, worker } = setup(seen, { readonly: true });
  await backend.stream.send(five);

  await worker.tick();

  expect(seen).not.toHaveBeenCalled();
});

test("a message for a name that nobody here has is put back for a while without counting as a delivery", async () => {
  const { clock, backend, worker } = setup(async () => ({ data: {} }), {
    entries: [{ name: "pot.glaze", callback: async () => ({ data: {} }) }],
  });
  await backend.stream.send([message("a")]);
  await worker.tick();
  await settle();
  await worker.tick();

  clock.advance(500);
  const { leases } = await backend.stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 1_000, holder: "other" });

  expect(leases.map(({ deliveries }) => deliveries)).toEqual([1]);
});
