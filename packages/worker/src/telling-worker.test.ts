import { HotMeshError } from "@hotmesh/core";
import { expect, test, vi } from "vitest";
import { LeaseExpiredError } from "./lease-expired-error.js";
import { lease, message, policy } from "./testing/builders.js";
import { gate, settle, setup } from "./testing/setup.js";
import type { WorkerCallback } from "./worker-callback.js";
import type { WorkerOptions } from "./worker-options.js";

test("a lease that is lost is logged with what that means for the answer", async () => {
  const gated = gate();
  const warn = vi.fn();
  const logger = { debug: () => {}, info: () => {}, warn, error: () => {} };
  const { clock, backend, worker } = setup(gated.callback, { logger });
  await backend.stream.send([message("a")]);
  await worker.tick();

  clock.advance(31_000);
  await backend.stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 30_000, holder: "other" });
  await worker.tick();
  gated.open();
  await settle();

  expect(warn.mock.calls).toEqual([
    ["worker-lease-lost", { topic: "kiln.fire", job: null, message: "a", error: LeaseExpiredError.lost(30_000) }],
    ["worker-answer-discarded", { topic: "kiln.fire", job: null, message: "a" }],
  ]);
  const [, lost] = warn.mock.calls[0] ?? [];
  expect(lost.error).toBeInstanceOf(LeaseExpiredError);
  expect(lost.error).toMatchObject({ kind: "lease-expired", deadlineMs: 30_000, reservationTimeoutS: 30 });
});

test("each callback runs inside of what is around it, with its message and its trace", async () => {
  const seen: unknown[] = [];
  const callback: WorkerCallback = async ({ data }) => {
    seen.push(["callback", data]);
    return { data: { fired: true } };
  };
  const around: WorkerOptions["around"] = async ({ message: { data }, trace }, run) => {
    seen.push(["before", data, trace]);
    const value = await run();
    seen.push(["after", value]);
    return value;
  };
  const { backend, worker } = setup(callback, { around, concurrency: 1 });
  await backend.stream.send([message("a", { trace: "T1" }), message("b", { body: { temp: 700 } })]);

  for (let round = 0; round < 3; round += 1) {
    await worker.tick();
    await settle();
  }

  expect(seen).toEqual([
    ["before", { temp: 900 }, "T1"],
    ["callback", { temp: 900 }],
    ["after", { data: { fired: true } }],
    ["before", { temp: 700 }, null],
    ["callback", { temp: 700 }],
    ["after", { data: { fired: true } }],
  ]);
  expect(worker.activity.counts).toEqual({ "200": 2 });
});

test("a callback that throws throws through what is around it, and is answered", async () => {
  const cracked = new Error("cracked");
  const seen: unknown[] = [];
  const around: WorkerOptions["around"] = (_, run) =>
    run().catch((error: unknown) => {
      seen.push(error);
      throw error;
    });
  const throwing: WorkerCallback = () => {
    throw cracked;
  };
  const { backend, worker } = setup(throwing, { around });
  await backend.stream.send([message("a")]);

  await worker.tick();
  await settle();
  await worker.tick();

  expect(seen).toEqual([cracked]);
  expect(worker.activity.counts).toEqual({ "500": 1 });
});

test("messages that a claim had to postpone are logged, and the others run", async () => {
  const error = vi.fn();
  const seen = vi.fn(async () => ({ data: {} }));
  const cause = new HotMeshError("codec-missing", "no codec");
  const { worker } = setup(seen, {
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error },
    stream: {
      claim: async () => ({ leases: [lease()], nextDueInMs: null, postponed: { count: 2, error: cause } }),
      extend: async () => [],
      settle: async () => ["settled"],
    },
  });

  await worker.tick();
  await settle();

  expect(error.mock.calls).toEqual([["worker-messages-postponed", { topic: "kiln.fire", count: 2, error: cause }]]);
  expect(seen).toHaveBeenCalledOnce();
});

test("a callback whose lease is lost learns that its answer does not count", async () => {
  const reasons: unknown[] = [];
  const callback: WorkerCallback = async (_, { signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    reasons.push(signal.reason);
  };
  const { clock, backend, worker } = setup(callback);
  await backend.stream.send([message("a")]);
  await worker.tick();

  clock.advance(31_000);
  await backend.stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 30_000, holder: "other" });
  await worker.tick();
  await settle();

  expect(reasons).toEqual([LeaseExpiredError.lost(30_000)]);
});

test("an entry's own policy counts for what fails in it, and the worker's for the rest", async () => {
  const fails = async () => {
    throw new Error("cracked");
  };
  const entries = [
    { name: "pot.throw", callback: fails, policy: policy({ maximumAttempts: 1 }) },
    { name: "pot.glaze", callback: fails },
  ];
  const { backend, worker } = setup(fails, { entries, policy: policy({ maximumAttempts: 2 }) });
  await backend.stream.send([message("a"), message("b", { workflow: "pot.glaze" })]);

  for (let round = 0; round < 2; round += 1) {
    await worker.tick();
    await settle();
  }

  expect(worker.activity.counts).toEqual({ "500": 2 });
  expect(await backend.store.depth("kiln.fire")).toBe(1);
});
