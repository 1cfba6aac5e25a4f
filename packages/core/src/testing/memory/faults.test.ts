import { expect, test } from "vitest";
import { jobId } from "../../brand.js";
import { HotMeshError } from "../../errors.js";
import { act, leases, message, note, opened, opening, work } from "../laws/builders.js";
import { ledger } from "../laws/ledger.js";
import { listen } from "../laws/listening.js";
import { TestClock } from "../test-clock.js";
import { memoryBackend } from "./backend.js";
import { MemoryDatabase } from "./database.js";
import type { Faults } from "./faults.js";

const crash = (): never => {
  throw new Error("the process died");
};

/** A backend whose faults can be switched on once the scene is set. */
function faulty(): {
  backend: ReturnType<typeof memoryBackend>;
  clock: TestClock;
  faults: { -readonly [F in keyof Faults]: Faults[F] };
} {
  const [clock, faults] = [new TestClock(), {}];
  return { backend: memoryBackend({ clock, faults }), clock, faults };
}

test("a process that dies before its commit has done nothing", async () => {
  const { backend, faults } = faulty();
  faults.beforeCommit = crash;

  const step = backend.store.step({ limit: 0, events: [opening("a")] }, ledger());

  await expect(step).rejects.toThrow("the process died");
  expect(await backend.store.readJob(jobId("a"))).toBeNull();
});

test("a process that dies after its commit has done everything, and told nobody", async () => {
  const { backend, faults } = faulty();
  const ear = await listen(backend, "lane");
  faults.afterCommit = crash;
  const program = ledger({ open: () => ({ sends: [message("m")] }) });

  const step = backend.store.step({ limit: 0, events: [opening("a")] }, program);

  await expect(step).rejects.toThrow("the process died");
  expect(await backend.store.readJob(jobId("a"))).not.toBeNull();
  expect(await backend.store.depth(null)).toBe(1);
  expect(ear.bodies).toEqual([]);
});

test("a lost publication reaches nobody it is lost to", async () => {
  const [database, clock] = [new MemoryDatabase(), new TestClock()];
  const losesPublication: Faults["losesPublication"] = ({ channel }, local) => (channel === "local") === local;
  const backend = memoryBackend({ database, clock, faults: { losesPublication } });
  const other = memoryBackend({ database, clock });
  const ears = await Promise.all([backend, other].flatMap((one) => [listen(one, "local"), listen(one, "remote")]));

  await backend.sub.publish([
    { channel: "local", body: 1 },
    { channel: "remote", body: 2 },
  ]);

  expect(ears.map((ear) => ear.bodies)).toEqual([[], [2], [1], []]);
});

test("a delayed message is visible too late, and never lost", async () => {
  const { backend, clock, faults } = faulty();
  faults.delayMs = ({ key }) => (key === "slow" ? 50 : 0);
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "slow"), work(job, "quick")]);

  const before = await leases(backend);
  clock.advance(50);

  expect(before.map((lease) => lease.key)).toEqual(["quick"]);
  expect((await leases(backend)).map((lease) => lease.key)).toEqual(["slow"]);
});

test("of two transactions that wait for each other one is refused, and may be tried again", async () => {
  const { backend } = faulty();
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  const [one, two] = [backend.begin(), backend.begin()];
  const touch = (within: typeof one, job: typeof a, key: string) =>
    backend.store.step({ limit: 0, events: [note(job, key)], within }, ledger());
  await touch(one, a, "1");
  await touch(two, b, "2");

  const waits = touch(one, b, "3");
  const refused = await touch(two, a, "4").catch((thrown: unknown) => thrown);
  await two.rollback();
  await waits;
  await one.commit();

  expect(HotMeshError.is(refused) && [refused.kind, refused.retryable]).toEqual(["storage-busy", true]);
  expect((await backend.store.readJob(b.id))?.control).toEqual({ seen: ["note 3"] });
});

test("a transaction that has ended takes no more steps, and ends once", async () => {
  const { backend } = faulty();
  const tx = backend.begin();
  await tx.commit();

  await expect(backend.store.step({ limit: 0, within: tx }, ledger())).rejects.toThrow("has ended");
  await expect(tx.rollback()).rejects.toThrow("has ended");
});

test("a commit that names a job, a pass or a key twice is our own bug", async () => {
  const { backend } = faulty();
  const job = await opened(backend, "a");

  await expect(act(backend, job, { sends: [message("m"), message("m")] })).rejects.toThrow("names the message m twice");
});

test("counters add up, also those of transactions that ran side by side", async () => {
  const { backend } = faulty();
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  const counting = ledger({ count: () => ({ counters: [{ name: "n", slice: "s", field: "count", add: 2 }] }) });
  const [one, two, three] = [backend.begin(), backend.begin(), backend.begin()];

  await backend.store.step({ limit: 0, events: [note(a, "1", { kind: "count" })], within: one }, counting);
  await backend.store.step({ limit: 0, events: [note(b, "2", { kind: "count" })], within: two }, counting);
  await one.commit();
  await two.commit();
  await backend.store.step({ limit: 0, events: [note(a, "3", { kind: "count" })], within: three }, counting);
  await three.rollback();

  expect(backend.database.contents().counters).toEqual([{ name: "n", slice: "s", field: "count", add: 4 }]);
});

test("the contents show what is there, and every failed attempt", async () => {
  const { backend, clock } = faulty();
  const job = await opened(backend, "a");
  const request = work(job, "w");
  await backend.stream.send([request]);
  const [lease] = await leases(backend);
  const failure = { message: "no clay", code: 503 };

  await backend.stream.settle(lease === undefined ? [] : [{ lease, outcome: { kind: "retry", delayMs: 10, failure } }]);

  const { jobs, messages, attempts } = backend.database.contents();
  expect(jobs).toEqual([job]);
  expect(messages.map(({ message: { attempt }, state }) => ({ attempt, state }))).toEqual([
    { attempt: 1, state: "ready" },
  ]);
  expect(attempts).toEqual([{ request, failure, startedAt: clock.now(), failedAt: clock.now() }]);
});

test("a dead letter stays for people to see", async () => {
  const { backend } = faulty();
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const outcome = {
    kind: "answer",
    answer: { status: "error", code: 999, data: { message: "delivered too often" } },
    deadLetter: true,
  } as const;

  await backend.stream.settle((await leases(backend)).map((lease) => ({ lease, outcome })));
  await act(backend, job, { cancels: [{ by: "job", job: job.id }] });

  const { messages, attempts } = backend.database.contents();
  expect(messages.map((row) => [row.message.key, row.state, row.lease])).toEqual([["w", "dead", null]]);
  expect(attempts.map((attempt) => attempt.failure)).toEqual([{ message: "delivered too often" }]);
});

test("a backend that was closed hears nothing more", async () => {
  const [database, clock] = [new MemoryDatabase(), new TestClock()];
  const [backend, other] = [memoryBackend({ database, clock }), memoryBackend({ database, clock })];
  const ear = await listen(other, "news");

  await other.close();
  await backend.sub.publish([{ channel: "news", body: 1 }]);

  expect(ear.bodies).toEqual([]);
});
