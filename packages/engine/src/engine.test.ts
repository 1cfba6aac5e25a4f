import { Canceller, HotMeshError, InactiveJobError, jobId, type Lease, laneChannel, messageKey } from "@hotmesh/core";
import { expect, test, vi } from "vitest";
import { studio } from "./testing/mesh.js";

const gone = (): HotMeshError => new HotMeshError("connection-failed", "gone");
const answer = (lease: Lease, data = {}) => ({
  lease,
  outcome: { kind: "answer" as const, answer: { status: "success" as const, code: 200, data } },
});

test("events of one moment share one step", async () => {
  const { engine, steps, deploy, start, settle } = studio();
  await deploy();
  await settle();
  steps.length = 0;

  const started = ["P1", "P2", "P3"].map((id) => start("pot.throw", { id }));
  await settle();

  expect((await Promise.all(started)).map((one) => one.jobId)).toEqual(["P1", "P2", "P3"]);
  expect(steps.map(({ events = [] }) => events.length)).toEqual([3]);
  expect(engine.activity.errorCount).toBe(0);
});

test("events that come while a step is under way wait for the next one", async () => {
  let release = (): void => {};
  const { engine, steps, deploy, start, settle, outcome } = studio({
    through: (step) => async (options, program) => {
      const report = await step(options, program);
      if (options.events?.length === 1) await new Promise<void>((resolve) => (release = resolve));
      return report;
    },
  });
  await deploy();
  await settle();
  steps.length = 0;
  const first = start("pot.throw", { id: "P1" });
  const second = vi
    .waitFor(() => expect(steps).toHaveLength(1))
    .then(() => ["P2", "P3"].map((id) => start("pot.throw", { id })));
  await vi.waitFor(async () => {
    void engine.tick();
    expect(steps).toHaveLength(1);
  });
  const others = await second;
  release();

  await outcome(Promise.all([first, ...others]));
  expect(steps.map(({ events = [] }) => events.length)).toEqual([1, 2]);
});

test("a job that needs nothing from outside is complete when its start resolves", async () => {
  const { deploy, start, settle } = studio();
  await deploy();

  const started = start("pot.note");
  await settle();

  const { record } = await started;
  expect(record).toMatchObject({ phase: "completed", status: 0, data: { seen: true } });
});

test("when a step fails, callers get the error and answers are tried again", async () => {
  let left = 0;
  const { engine, clock, backend, deploy, start, settle } = studio({
    through: (step) => async (options, program) => {
      if (left > 0) {
        left -= 1;
        throw gone();
      }
      return step(options, program);
    },
  });
  await deploy();
  const first = start("pot.throw", { id: "P1" });
  await settle();
  await first;
  const { leases } = await backend.stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 30_000, holder: "w" });
  const [lease] = leases;
  if (lease === undefined) throw new Error("no work");

  left = 1;
  const settled = engine.answer(answer(lease, { fired: true }));
  const second = start("pot.throw", { id: "P2" });
  const refused = expect(second).rejects.toMatchObject({ kind: "connection-failed", retryable: true });
  await settle();
  await refused;
  clock.advance(1_000);
  await settle();

  expect(await settled).toBe("settled");
  expect(await backend.store.readJob(jobId("P1"))).toMatchObject({ phase: "completed", data: { fired: true } });
  expect(await backend.store.readJob(jobId("P2"))).toBeNull();
});

test("an event that the storage refuses for good does not take its neighbours with it", async () => {
  const { deploy, start, settle } = studio({
    through: (step) => async (options, program) => {
      if ((options.events ?? []).some(({ job }) => job === "bad")) throw new Error("invalid text");
      return step(options, program);
    },
  });
  await deploy();

  const started = Promise.allSettled([start("pot.throw", { id: "P1" }), start("pot.throw", { id: "bad" })]);
  await settle();

  const [good, bad] = await started;
  expect(good).toMatchObject({ status: "fulfilled", value: { jobId: "P1" } });
  expect(bad).toMatchObject({ status: "rejected", reason: new Error("invalid text") });
});

test("a step that fails is followed by longer and longer pauses", async () => {
  const { engine, clock } = studio({
    through: () => async () => {
      throw gone();
    },
  });
  const waits: number[] = [];
  for (let failure = 0; failure < 4; failure += 1) {
    const { nextAt } = await engine.tick();
    waits.push((nextAt ?? clock.now()) - clock.now());
    clock.set(nextAt ?? clock.now());
  }

  expect(waits).toEqual([75, 150, 300, 600]);
});

test("plans that a step lacks are loaded, and the step is taken again", async () => {
  const { clock, backend, deploy, start, outcome } = studio();
  const plan = await deploy();
  await outcome(start("pot.dry", { id: "D1" }));
  const another = studio({ store: backend.store, clock });

  clock.advance(60_000);
  await another.settle();

  expect(another.engine.plans.get(plan.id)).toEqual(plan);
  expect(await backend.store.readJob(jobId("D1"))).toMatchObject({ phase: "completed" });
});

test("a timer fires when it is due, without a hint and without waiting for the poll", async () => {
  const { engine, clock, backend, deploy, start, settle } = studio({ pollMs: 600_000 });
  await deploy();
  const started = start("pot.dry", { id: "D1" });
  await settle();
  await started;

  const { nextAt } = await engine.tick();
  expect(nextAt).toBeLessThanOrEqual(clock.now() + 60_000);
  clock.advance(60_000);
  await settle();

  expect(await backend.store.readJob(jobId("D1"))).toMatchObject({ phase: "completed" });
});

test("a message that changes nothing is logged at debug, with its error", async () => {
  const debug = vi.fn();
  const quiet = (): void => {};
  const { engine, backend, deploy, start, outcome, settle } = studio({
    logger: { debug, info: quiet, warn: quiet, error: quiet },
  });
  await deploy();
  await outcome(start("pot.throw", { id: "P1" }));
  const { leases } = await backend.stream.claim({ topic: "kiln.fire", limit: 1, leaseMs: 30_000, holder: "w" });
  const [lease] = leases;
  if (lease === undefined) throw new Error("no work");
  await outcome(engine.answer(answer(lease, { fired: true })));
  expect(debug).not.toHaveBeenCalledWith("message-dropped", expect.anything());

  const { job, generation, path } = lease;
  const body = { status: "success", code: 200, data: {} };
  await backend.stream.send([
    { ...lease, key: messageKey("late"), topic: null, kind: "complete", job, generation, path, body, visibleAt: null },
  ]);
  engine.wake();
  await settle();

  const error = expect.any(InactiveJobError);
  expect(debug.mock.calls).toContainEqual(["message-dropped", { job: "P1", message: "late", error }]);
});

test("F19 a readonly engine starts jobs and claims nothing", async () => {
  const { engine, clock, steps, backend, deploy, start, settle } = studio({ readonly: true });
  await deploy();
  const started = start("pot.dry", { id: "D1" });
  await settle();
  await started;
  clock.advance(60_000);
  engine.wake();
  await settle();

  expect(steps.every(({ limit }) => limit === 0)).toBe(true);
  expect(await backend.store.readJob(jobId("D1"))).toMatchObject({ phase: "running" });
});

test("work that a step writes is handed to free slots of this process", async () => {
  const handed: Lease[] = [];
  const { deploy, start, settle } = studio({
    handoff: {
      offer: () => ({ slots: new Map([["kiln.fire", 1]]), leaseMs: 30_000 }),
      deliver: (leases) => void handed.push(...leases),
    },
  });
  await deploy();

  const started = [start("pot.throw", { id: "P1" }), start("pot.throw", { id: "P2" })];
  await settle();
  await Promise.all(started);

  expect(handed.map(({ job, topic, deliveries }) => ({ job, topic, deliveries }))).toEqual([
    { job: "P1", topic: "kiln.fire", deliveries: 1 },
  ]);
});

test("an offer of slots is taken back when the step fails", async () => {
  const deliver = vi.fn();
  const offered = { slots: new Map([["kiln.fire", 1]]), leaseMs: 30_000 };
  const { engine } = studio({
    handoff: { offer: () => offered, deliver },
    through: () => async () => {
      throw gone();
    },
  });

  await engine.tick();

  expect(deliver.mock.calls).toEqual([[[], offered]]);
});

test("F36 a start within the caller's transaction exists only when that commits", async () => {
  const { backend, deploy, start, settle } = studio();
  await deploy();

  const undone = backend.begin();
  await start("pot.throw", { id: "P1" }, undone);
  await undone.rollback();
  const kept = backend.begin();
  await start("pot.throw", { id: "P2" }, kept);
  await kept.commit();
  await settle();

  expect(await backend.store.readJob(jobId("P1"))).toBeNull();
  expect(await backend.store.readJob(jobId("P2"))).toMatchObject({ phase: "running" });
});

test("a hint wakes an engine that sleeps", async () => {
  const { engine, clock, steps, backend } = studio();
  const cancel = new Canceller();
  const run = engine.run(cancel);
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  steps.length = 0;

  await backend.sub.publish([{ channel: laneChannel(null), body: null }]);
  await vi.waitFor(() => expect(steps).toHaveLength(1));

  cancel.cancel();
  await run;
});

test("an engine that stops decides what is queued, and refuses what comes later", async () => {
  const { engine, clock, deploy, start } = studio();
  await deploy();
  const cancel = new Canceller();
  const run = engine.run(cancel);
  await start("pot.throw", { id: "P1" });
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));

  const queued = start("pot.throw", { id: "P2" });
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  cancel.cancel();
  await run;

  expect((await queued).jobId).toBe("P2");
  await expect(start("pot.throw", { id: "P3" })).rejects.toMatchObject({ kind: "stopped" });
});

test("expired jobs are swept away without being asked for", async () => {
  const sweep = vi.fn(async () => 0);
  const clocked = studio();
  const { engine } = studio({ clock: clocked.clock, store: { ...clocked.backend.store, sweep } });

  await engine.tick();
  expect(sweep).not.toHaveBeenCalled();
  clocked.clock.advance(60_000);
  await engine.tick();

  expect(sweep).toHaveBeenCalledOnce();
});
