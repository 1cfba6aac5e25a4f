import {
  Canceller,
  interruptMessage,
  jobId,
  type Lease,
  laneChannel,
  messageKey,
  type OutgoingMessage,
  type StepOptions,
  signalRequestKind,
} from "@hotmesh/core";
import type { MemoryTransaction } from "@hotmesh/core/testing";
import { expect, test } from "vitest";
import { studio } from "./testing/mesh.js";

type Studio = ReturnType<typeof studio>;

const answer = (lease: Lease) => ({
  lease,
  outcome: { kind: "answer" as const, answer: { status: "success" as const, code: 200, data: {} } },
});

const interruption = { reason: null, code: 410, throws: true, stack: "", expireSeconds: null, descend: false };

const signalled = `
app:
  id: studio
  version: '1'
  graphs:
    - subscribes: pot.ask
      activities:
        t1: { type: trigger, stats: { id: '{$self.input.data.id}' } }
        h1: { type: hook, job: { maps: { answered: '{$self.hook.data.ok}' } } }
      transitions:
        t1: [ { to: h1 } ]
      hooks:
        pot.answer:
          - to: h1
            conditions:
              match: [ { expected: '{t1.output.data.id}', actual: '{$self.hook.data.id}' } ]
`;

function signal(id: string): OutgoingMessage {
  return {
    key: messageKey(`signal-${id}`),
    topic: null,
    kind: signalRequestKind,
    job: null,
    generation: null,
    path: null,
    body: { topic: "pot.answer", data: { id, ok: true }, status: "success", code: 200, plans: [] },
    visibleAt: null,
    attempt: 0,
    policy: null,
    codeRetries: [],
    workflow: null,
    trace: null,
  };
}

/** This many jobs whose workers have answered: a message each for the engine. */
async function answered({ deploy, start, settle, backend, engine }: Studio, count: number): Promise<void> {
  await deploy();
  await settle();
  const started = Array.from({ length: count }, (_, index) => start("pot.throw", { id: `P${index}` }));
  await settle();
  await Promise.all(started);
  const { leases } = await backend.stream.claim({ topic: "kiln.fire", limit: count, leaseMs: 600_000, holder: "test" });
  await backend.stream.settle(leases.map(answer));
  engine.wake();
}

const claims = (steps: readonly StepOptions<MemoryTransaction>[]): number =>
  steps.filter(({ limit }) => limit > 0).length;

/** When the engine consumed messages, in ms from now on, within `ms`. */
async function consumption({ engine, clock, settle }: Studio, ms: number): Promise<readonly number[]> {
  const begin = clock.now();
  const consumedAt: number[] = [];
  while (clock.now() - begin < ms) {
    const before = engine.activity.claimed;
    await settle();
    for (let count = before; count < engine.activity.claimed; count += 1) consumedAt.push(clock.now() - begin);
    clock.advance(10);
  }
  return consumedAt;
}

test("S103 at a rate of 500 an engine takes one message every 500 ms", async () => {
  const world = studio();
  await answered(world, 21);
  world.engine.throttle(500);

  const [first, ...others] = await consumption(world, 11_000);

  expect(others.map((at) => at - Number(first))).toEqual(Array.from({ length: 20 }, (_, index) => (index + 1) * 500));
});

test("S102 S116 S117 a paused engine takes nothing, and nothing is lost when it goes on", async () => {
  const world = studio();
  await answered(world, 5);
  world.engine.throttle(-1);

  expect(await consumption(world, 60_000)).toEqual([]);
  world.engine.throttle(0);
  expect(await consumption(world, 1_000)).toEqual([0, 0, 0, 0, 0]);
});

test("a paused engine does not look at the storage for work, and is not due before something happens", async () => {
  const { engine, steps, deploy, settle, clock } = studio();
  await deploy();
  await settle();
  engine.throttle(-1);
  steps.length = 0;

  for (let second = 0; second < 20; second += 1) {
    engine.wake();
    await settle();
    clock.advance(1_000);
  }

  expect(claims(steps)).toBe(0);
});

test("a lower rate ends a wait at once, and a higher one extends it", async () => {
  const world = studio();
  await answered(world, 4);
  world.engine.throttle(10_000);
  await consumption(world, 10_100);
  const { claimed } = world.engine.activity;

  world.engine.throttle(100);
  await world.settle();
  expect(world.engine.activity.claimed).toBe(claimed + 1);
  world.engine.throttle(5_000);
  expect(await consumption(world, 5_000)).toEqual([]);
  expect(await consumption(world, 100)).toHaveLength(1);
});

test("while engines are paused a start stores the job and runs its trigger, and what follows waits", async () => {
  const { engine, deploy, start, settle, backend, clock } = studio();
  await deploy();
  await settle();
  engine.throttle(-1);

  const started = start("pot.throw", { id: "P1" });
  await settle();
  const { record } = await started;
  clock.advance(60_000);
  await settle();

  expect(record).toMatchObject({ phase: "running", status: 1 });
  expect(await backend.store.depth("kiln.fire")).toBe(0);
  engine.throttle(0);
  await settle();
  expect(await backend.store.depth("kiln.fire")).toBe(1);
});

test("while engines are paused a graph that is a trigger alone completes: nothing comes after it", async () => {
  const { engine, deploy, start, settle } = studio();
  await deploy();
  await settle();
  engine.throttle(-1);

  const started = start("pot.note");
  await settle();

  expect((await started).record).toMatchObject({ phase: "completed", data: { seen: true } });
});

test("while engines are paused a signal is accepted, and interruption interrupts", async () => {
  const { engine, deploy, start, settle, backend, outcome } = studio();
  await deploy(signalled);
  await settle();
  const started = start("pot.ask", { id: "P1" });
  await settle();
  await started;
  engine.throttle(-1);

  const verdict = await outcome(engine.submit(signal("P1")));
  expect(verdict).toMatchObject({ outcome: "applied" });
  expect((await backend.store.readJob(jobId("P1")))?.phase).toBe("running");
  engine.throttle(0);
  await settle();
  expect(await backend.store.readJob(jobId("P1"))).toMatchObject({ phase: "completed", data: { answered: true } });

  const another = start("pot.ask", { id: "P2" });
  await settle();
  await another;
  engine.throttle(-1);
  await outcome(engine.submit(interruptMessage(messageKey("i1"), jobId("P2"), interruption)));
  expect((await backend.store.readJob(jobId("P2")))?.phase).toBe("interrupted");
});

test("a throttled engine leaves the answers of local workers to the storage", () => {
  const { engine } = studio();
  const takes = [0, 500, -1, 0].map((ms) => {
    engine.throttle(ms);
    return engine.takesAnswers;
  });

  expect(takes).toEqual([true, false, false, true]);
});

test("a start within a caller's transaction goes no further than its trigger while engines are paused", async () => {
  const { engine, deploy, start, backend } = studio();
  await deploy();
  engine.throttle(-1);
  const transaction = backend.begin();

  await start("pot.throw", { id: "P1" }, transaction);
  await transaction.commit();

  expect([await backend.store.depth("kiln.fire"), await backend.store.depth(null)]).toEqual([0, 1]);
});

test("an engine counts what it has decided, by code", async () => {
  const world = studio();
  await answered(world, 3);
  await world.settle();

  expect(world.engine.activity.counts).toEqual({ "200": 3 });
});

test("an engine whose steps take long slows down its own claims, and says so once", async () => {
  const reports: unknown[] = [];
  const world: Studio = studio({
    onDuress: (report) => reports.push(report),
    batch: 1,
    through: (step) => async (options, program) => {
      const report = await step(options, program);
      if (report.claimed > 0) world.clock.advance(600);
      return report;
    },
  });
  await answered(world, 12);
  await world.settle();

  expect(world.engine.activity.duress).toEqual({ level: "mild", scoreMs: 600, floorMs: 300 });
  expect(world.engine.activity.averages).toMatchObject({ response: 600 });
  expect([world.engine.rate, world.engine.takesAnswers]).toEqual([300, true]);
  expect(reports).toEqual([{ level: "mild", scoreMs: 600, floorMs: 300 }]);
  world.engine.throttle(-1);
  expect(world.engine.rate).toBe(-1);
});

test("a throttled engine leaves hints to others, looks by itself, and listens again when it is free", async () => {
  const { backend, deploy, settle, clock, engine, steps } = studio();
  await deploy();
  await engine.listen();
  const hint = () => backend.sub.publish([{ channel: laneChannel(null), body: null }]);
  const looks = async (ms: number): Promise<number> => {
    clock.advance(ms);
    steps.length = 0;
    await hint();
    await settle();
    return claims(steps);
  };
  await settle();
  const free = await looks(1);
  engine.throttle(50);
  await settle();

  const throttled = [await looks(100), await looks(400)];
  engine.throttle(0);
  await settle();

  expect([free, throttled, await looks(1)]).toEqual([1, [0, 1], 1]);
});

test("an engine that has ended listens to nothing", async () => {
  const open = new Set<string>();
  const { backend } = studio();
  const sub = {
    onGap: () => ({ close: async () => {} }),
    subscribe: async (channel: string) => {
      open.add(channel);
      return { close: async () => void open.delete(channel) };
    },
  };
  const { engine } = studio({ sub, store: backend.store });
  const cancel = new Canceller();
  const running = engine.run(cancel);
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  expect([...open]).toEqual([laneChannel(null)]);

  cancel.cancel();
  await running;

  expect([...open]).toEqual([]);
});
