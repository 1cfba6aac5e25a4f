import { expect } from "vitest";
import { after, generationId, jobId, leaseToken } from "../../brand.js";
import { closing, leases, message, note, onlyLease, opened, topic, work, workPath } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger } from "./ledger.js";

const terms = { topic, leaseMs: 10_000, holder: "a worker" };

const whole = law("a lease carries the message as it was sent", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  const sent = work(job, "w", {
    body: { input: ["é", null, {}] },
    attempt: 1,
    policy: { maximumAttempts: 3, backoffCoefficient: 2.5, maximumIntervalSeconds: 120, initialIntervalSeconds: 0.5 },
    codeRetries: [{ code: "503", retries: 2 }],
    workflow: "pot.throw",
    trace: "00-trace-01",
  });
  await backend.stream.send([sent]);
  const createdAt = clock.now();
  clock.advance(5);

  const lease = await onlyLease(backend);

  const until = after(clock.now(), 10_000);
  expect(lease).toEqual({ ...sent, token: lease.token, until, deliveries: 1, plan: job.plan, createdAt });
});

const others = law("a lease keeps others out until it ends", async ({ backend, another, clock }) => {
  const other = await another();
  await backend.stream.send([message("w", { topic })]);
  const first = await onlyLease(backend);

  clock.advance(9_999);
  const early = await leases(other);
  clock.advance(1);
  const second = await onlyLease(other);

  expect(early).toEqual([]);
  expect(second).toMatchObject({ key: "w", deliveries: 2 });
  expect(second.token).not.toBe(first.token);
});

const earliest = law(
  "a claim takes the messages that are due longest, and no more than asked",
  async ({ backend, clock }) => {
    const sent = [30, 10, 20, 40].map((ms) => message(`due ${ms}`, { topic, visibleAt: after(clock.now(), ms) }));
    await backend.stream.send(sent);
    clock.advance(100);

    expect((await leases(backend, 2)).map((lease) => lease.key)).toEqual(["due 10", "due 20"]);
    expect((await leases(backend, 1)).map((lease) => lease.key)).toEqual(["due 30"]);
    expect((await leases(backend, 5)).map((lease) => lease.key)).toEqual(["due 40"]);
  },
);

const visible = law("no work is handed out before it is visible", async ({ backend, clock }) => {
  await backend.stream.send([message("w", { topic, visibleAt: after(clock.now(), 1_000) })]);

  clock.advance(999);
  const early = await leases(backend);
  clock.advance(1);

  expect(early).toEqual([]);
  expect(await leases(backend)).toHaveLength(1);
});

const topics = law("a claim takes work of its topic only", async ({ backend }) => {
  await backend.stream.send([message("w1", { topic }), message("w2", { topic: `${topic}.too` }), message("engine")]);

  expect((await leases(backend)).map((lease) => lease.key)).toEqual(["w1"]);
});

const nextDue = law("a claim says when to look again", async ({ backend, clock }) => {
  const claim = (limit: number) => backend.stream.claim({ ...terms, limit });
  const waits = [(await claim(1)).nextDueInMs];

  await backend.stream.send([message("w1", { topic }), message("w2", { topic })]);
  await backend.stream.send([message("w3", { topic, visibleAt: after(clock.now(), 4_000) })]);
  waits.push((await claim(1)).nextDueInMs);
  waits.push((await claim(1)).nextDueInMs);
  clock.advance(4_000);
  waits.push((await claim(1)).nextDueInMs);

  expect(waits).toEqual([null, 0, 4_000, 6_000]);
});

const closed = law("work of a job that is not open is not handed out", async ({ backend }) => {
  const [done, interrupted] = [await opened(backend, "done"), await opened(backend, "interrupted")];
  const gone = { ...done, id: jobId("gone"), generation: generationId("gone") };
  await backend.stream.send([work(done, "w1"), work(interrupted, "w2"), work(gone, "w3")]);
  const events = [closing(done), closing(interrupted, { phase: "interrupted", status: -999_999_999 })];
  await backend.store.step({ limit: 0, events }, ledger());

  const report = await backend.stream.claim({ ...terms, limit: 10 });

  expect(report).toEqual({ leases: [], nextDueInMs: null });
});

const failed = law("work of a failed job is handed out while other branches are open", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  await backend.store.step({ limit: 0, events: [closing(job, { phase: "failed", status: 1 })] }, ledger());

  expect(await leases(backend)).toHaveLength(1);
});

const incarnation = law("work of an earlier incarnation is not handed out", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([{ ...work(job, "old"), generation: generationId("an earlier one") }, work(job, "new")]);

  expect((await leases(backend)).map((lease) => lease.key)).toEqual(["new"]);
});

const jobless = law("work that is about no job is handed out", async ({ backend }) => {
  await backend.stream.send([message("w", { topic, path: workPath })]);

  expect(await onlyLease(backend)).toMatchObject({ key: "w", job: null, plan: null });
});

const extended = law("an extended lease keeps others out for longer", async ({ backend, another, clock }) => {
  const other = await another();
  await backend.stream.send([message("w", { topic })]);
  const lease = await onlyLease(backend);
  clock.advance(5_000);

  const held = await backend.stream.extend([lease.token], 10_000);

  clock.advance(9_999);
  expect(held).toEqual([lease.token]);
  expect(await leases(other)).toEqual([]);
  clock.advance(1);
  expect(await leases(other)).toHaveLength(1);
});

const extendsHeld = law(
  "an extension prolongs what is still held, and says what that is",
  async ({ backend, clock }) => {
    await backend.stream.send([message("lost", { topic })]);
    const lost = await onlyLease(backend);
    clock.advance(10_000);
    await backend.stream.send([message("held", { topic })]);
    const [again, held] = await leases(backend);
    const asked = [lost.token, held?.token ?? lost.token, leaseToken("00000000-0000-0000-0000-000000000000")];

    expect(again?.key).toBe("lost");
    expect(await backend.stream.extend(asked, 10_000)).toEqual([held?.token]);
    expect(await backend.stream.extend([], 10_000)).toEqual([]);
  },
);

const notEngine = law("leased work is not seen by steps, and engine messages not by workers", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w"), note(job, "m")]);

  expect((await leases(backend)).map((lease) => lease.key)).toEqual(["w"]);
  expect((await backend.store.step({ limit: 10 }, ledger())).claimed).toBe(1);
});

export const leaseLaws: readonly Law[] = [
  whole,
  others,
  earliest,
  visible,
  topics,
  nextDue,
  closed,
  failed,
  incarnation,
  jobless,
  extended,
  extendsHeld,
  notEngine,
];
