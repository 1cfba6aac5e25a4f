import type { Lease, Settlement } from "@hotmesh/core";
import { memoryBackend, TestClock } from "@hotmesh/core/testing";
import { expect, test } from "vitest";
import { message } from "./testing/builders.js";
import { Worker } from "./worker.js";
import type { WorkerOptions } from "./worker-options.js";

function setup(over: Partial<WorkerOptions> = {}) {
  const clock = new TestClock();
  const backend = memoryBackend({ clock });
  const startedAt: number[] = [];
  const begin = clock.now();
  const callback = async () => {
    startedAt.push(clock.now() - begin);
    return { data: {} };
  };
  const worker = new Worker({
    topic: "kiln.fire",
    entries: [{ name: null, callback }],
    stream: backend.stream,
    sub: backend.sub,
    clock,
    guid: "Hw",
    random: () => 0.5,
    ...over,
  });
  /** Lets the worker do what it can do at this moment. */
  const settle = async (): Promise<void> => {
    // Callbacks end and answers are stored between ticks, so that one idle tick says nothing yet.
    for (let idle = 0; idle < 5; ) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      idle = (await worker.tick()).worked ? 0 : idle + 1;
    }
  };
  return {
    clock,
    backend,
    worker,
    startedAt,
    settle,
    pass: async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 10) {
        await settle();
        clock.advance(10);
      }
    },
  };
}

const many = (count: number) => Array.from({ length: count }, (_, index) => message(`m${index}`));

test("S94 S103 at a rate of 500 a worker starts one message every 500 ms, however many slots are free", async () => {
  const { backend, worker, startedAt, pass } = setup();
  await backend.stream.send(many(30));
  worker.throttle(500);

  await pass(10_000);

  expect(startedAt).toEqual(Array.from({ length: 20 }, (_, index) => index * 500));
});

test("F20 S118 at a rate of 1,000 at most 6 of 30 queued messages start within 5 s", async () => {
  const { backend, worker, startedAt, pass } = setup();
  worker.throttle(1_000);
  await backend.stream.send(many(30));
  await worker.listen();

  await pass(5_000);

  expect(startedAt).toHaveLength(5);
});

test("S96 S102 S116 S117 a pause holds no message and loses none: when it is lifted all run, each once", async () => {
  const { backend, worker, startedAt, pass, settle } = setup();
  worker.throttle(-1);
  await backend.stream.send(many(30));
  await pass(10_000);
  const elsewhere = await backend.stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 1_000, holder: "another" });
  expect([startedAt.length, elsewhere.leases.length]).toEqual([0, 1]);

  worker.throttle(0);
  await settle();

  expect(startedAt).toHaveLength(29);
  expect(worker.activity.counts).toEqual({ "200": 29 });
});

test("what runs when a pause begins ends, and its answer is stored", async () => {
  let end = (): void => {};
  const callback = async () => {
    await new Promise<void>((resolve) => (end = resolve));
    return { data: {} };
  };
  const { backend, worker, settle } = setup({ entries: [{ name: null, callback }] });
  await backend.stream.send(many(1));
  await settle();

  worker.throttle(-1);
  end();
  await settle();

  expect([await backend.store.depth("kiln.fire"), await backend.store.depth(null)]).toEqual([0, 1]);
});

test("a paused worker is due for its leases alone", async () => {
  const { worker, backend, settle } = setup();
  worker.throttle(-1);
  await backend.stream.send(many(1));
  await worker.listen();
  worker.wake();

  expect(await worker.tick()).toEqual({ worked: false, nextAt: null });
  await settle();
});

test("a lower rate ends a wait at once", async () => {
  const { backend, worker, startedAt, pass, settle } = setup();
  worker.throttle(60_000);
  await backend.stream.send(many(3));
  await pass(500);

  worker.throttle(200);
  await settle();

  expect(startedAt).toEqual([0, 500]);
});

test("a throttled worker is handed no more than it may claim, and what it is handed counts as a claim", async () => {
  const { backend, worker, clock, settle } = setup();
  await settle();
  worker.throttle(500);
  await settle();

  const [first, second] = [worker.reserve(), worker.reserve()];
  worker.accept(await leased(backend), first);
  await settle();
  const soon = worker.reserve();
  clock.advance(500);
  await settle();

  expect([first, second, soon, worker.reserve()]).toEqual([1, 0, 0, 1]);
});

test("a slot that was offered in vain does not count as a claim", async () => {
  const { worker, settle } = setup();
  await settle();
  worker.throttle(500);
  await settle();

  worker.accept([], worker.reserve());
  await settle();

  expect(worker.reserve()).toBe(1);
});

test("a paused worker offers no slots to its engine", async () => {
  const { worker, settle } = setup();
  await settle();

  worker.throttle(-1);
  await settle();

  expect(worker.reserve()).toBe(0);
});

test("an answer that the engine does not take is stored", async () => {
  const refused: Settlement[] = [];
  const settle = (settlement: Settlement) => {
    refused.push(settlement);
    return null;
  };
  const world = setup({ settle });
  await world.backend.stream.send(many(1));

  await world.settle();

  expect(refused).toHaveLength(1);
  expect([await world.backend.store.depth("kiln.fire"), await world.backend.store.depth(null)]).toEqual([0, 1]);
});

async function leased({ stream }: ReturnType<typeof memoryBackend>): Promise<readonly Lease[]> {
  await stream.send(many(1));
  return (await stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 60_000, holder: "Hw" })).leases;
}
