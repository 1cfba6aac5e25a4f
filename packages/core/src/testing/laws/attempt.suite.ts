import { expect } from "vitest";
import { address, after, generationId, jobId, pathText } from "../../brand.js";
import type { Backend } from "../../ports/backend.js";
import type { JobRecord } from "../../ports/records.js";
import { answer, closing, leases, onlyLease, opened, pass, success, work, workPath } from "./builders.js";
import { type Law, law } from "./law.js";
import { type Ledger, ledger } from "./ledger.js";

const failure = { message: "no clay", code: 503 };

function attemptsOf<Tx>({ store }: Backend<Tx>, job: JobRecord) {
  return store.readAttempts(job.id, job.generation);
}

/** A program that writes the pass of a request when its answer comes. */
function answering(at = address(",0,0")): Ledger {
  return ledger({
    complete: ({ job, message, snapshot }) => {
      if (job === null) return {};
      const { now } = snapshot;
      return { passes: [pass(job, { address: at, inputOf: message.request, completedAt: now })] };
    },
  });
}

const whole = law("every attempt is read: who failed, who answered, who is at it", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  const other = pathText("other,0,0");
  await backend.stream.send([work(job, "w", { body: { clay: "red" } })]);
  const first = await onlyLease(backend);
  clock.advance(7);
  await backend.stream.settle([{ lease: first, outcome: { kind: "retry", delayMs: 20, failure } }]);
  const waiting = await attemptsOf(backend, job);
  clock.advance(25);
  const second = await onlyLease(backend);
  const trying = await attemptsOf(backend, job);
  clock.advance(3);
  await backend.store.step({ limit: 0, answers: [answer(second)] }, answering());
  await backend.stream.send([work(job, "x", { path: other, body: "clay" })]);
  await leases(backend);

  const start = job.createdAt;
  const input = { clay: "red" };
  const failed = {
    ...{ path: workPath, attempt: 0, outcome: "failed", input, failure },
    ...{ startedAt: start, endedAt: after(start, 7) },
  };
  const again = { path: workPath, attempt: 1, input, failure: null, startedAt: after(start, 32) };
  expect(waiting).toEqual([failed]);
  expect(trying).toEqual([failed, { ...again, outcome: "open", endedAt: null }]);
  expect(await attemptsOf(backend, job)).toEqual([
    failed,
    { ...again, outcome: "answered", endedAt: after(start, 35) },
    {
      ...{ path: other, attempt: 0, outcome: "open", input: "clay", failure: null },
      ...{ startedAt: after(start, 35), endedAt: null },
    },
  ]);
});

const storedAnswer = law("an attempt is the same whichever way its answer took", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w", { attempt: 2, body: [1] })]);
  const lease = await onlyLease(backend);
  clock.advance(4);
  await backend.stream.settle([answer(lease)]);
  clock.advance(6);

  await backend.store.step({ limit: 10 }, answering());

  const { createdAt: startedAt } = job;
  expect(await attemptsOf(backend, job)).toEqual([
    {
      ...{ path: workPath, attempt: 2, outcome: "answered", input: [1], failure: null },
      ...{ startedAt, endedAt: after(startedAt, 10) },
    },
  ]);
});

const handedOver = law("work that is handed over has begun at once", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  const program = ledger({ act: () => ({ sends: [work(job, "w")] }) });
  const handoff = { slots: new Map([["work.done", 1]]), leaseMs: 10_000 };
  const event = { ...work(job, "act"), topic: null, kind: "act" };
  const { handed } = await backend.store.step({ limit: 0, events: [event], handoff }, program);
  clock.advance(5);

  await backend.store.step({ limit: 0, answers: handed.map((lease) => answer(lease)) }, answering());

  const { createdAt: startedAt } = job;
  expect(await attemptsOf(backend, job)).toMatchObject([
    { path: workPath, outcome: "answered", input: { input: "w" }, startedAt, endedAt: after(startedAt, 5) },
  ]);
});

const failedAnswer = law("an answer with an error is one failed attempt", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w"), work(job, "x", { path: pathText("other,0,1") })]);
  const [one, other] = await leases(backend);
  if (one === undefined || other === undefined) throw new Error("two leases were expected");
  const error = { status: "error", code: 422, data: failure } as const;

  await backend.store.step({ limit: 0, answers: [answer(one, error)] }, answering());
  await backend.stream.settle([{ lease: other, outcome: { kind: "answer", answer: error, deadLetter: true } }]);

  const attempts = await attemptsOf(backend, job);
  expect(attempts.map(({ path, outcome, failure: why }) => [path, outcome, why])).toEqual([
    ["other,0,1", "failed", failure],
    [workPath, "failed", failure],
  ]);
});

const untouched = law("what is given back or whose lease has ended is no attempt", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const lease = await onlyLease(backend);
  await backend.stream.settle([{ lease, outcome: { kind: "release", delayMs: 0 } }]);
  const released = await attemptsOf(backend, job);
  await onlyLease(backend);
  clock.advance(10_000);
  const ended = await attemptsOf(backend, job);

  const again = await onlyLease(backend);
  await backend.stream.settle([{ lease: again, outcome: { kind: "hold" } }]);
  clock.advance(60_000);

  expect([released, ended]).toEqual([[], []]);
  expect(await attemptsOf(backend, job)).toMatchObject([
    { path: workPath, outcome: "open", startedAt: after(job.createdAt, 10_000), endedAt: null },
  ]);
});

const kept = law("a pass that is written again keeps the attempt that it was answered by", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const lease = await onlyLease(backend);
  await backend.store.step({ limit: 0, answers: [answer(lease, success({ n: 1 }))] }, answering());
  const before = await attemptsOf(backend, job);

  const rewrite = ledger({ act: () => ({ passes: [pass(job, { output: 2, input: { input: "w" } })] }) });
  await backend.store.step({ limit: 0, events: [{ ...work(job, "act"), topic: null, kind: "act" }] }, rewrite);

  expect(before).toMatchObject([{ outcome: "answered" }]);
  expect(await attemptsOf(backend, job)).toEqual(before);
});

const others = law("attempts of other jobs, of other incarnations and of expired jobs are not read", async (bench) => {
  const { backend, clock } = bench;
  const [job, other] = [await opened(backend, "a"), await opened(backend, "b")];
  await backend.stream.send([work(other, "w")]);
  await leases(backend);

  expect(await attemptsOf(backend, job)).toEqual([]);
  expect(await backend.store.readAttempts(other.id, generationId("another"))).toEqual([]);
  expect(await backend.store.readAttempts(jobId("nobody"), other.generation)).toEqual([]);
  expect(await attemptsOf(backend, other)).toHaveLength(1);
  const expireAt = after(clock.now(), 10);
  await backend.store.step({ limit: 0, events: [closing(other, { expireAt })] }, ledger());
  clock.advance(10);
  expect(await attemptsOf(backend, other)).toEqual([]);
});

export const attemptLaws: readonly Law[] = [whole, storedAnswer, handedOver, failedAnswer, untouched, kept, others];
