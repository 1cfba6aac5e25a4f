import { expect } from "vitest";
import { after, leaseToken, pathText } from "../../brand.js";
import { keyAfter } from "../../job/keys.js";
import type { AnswerBody, Settlement } from "../../ports/message.js";
import { act, answer, leases, message, onlyLease, opened, success, topic, work } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger } from "./ledger.js";

const failure = { message: "no clay", code: 503 };

const settles = law("settling consumes the request and stores its answer at once", async ({ backend }) => {
  const job = await opened(backend, "a");
  const request = work(job, "w");
  await backend.stream.send([request]);
  const lease = await onlyLease(backend);
  const body: AnswerBody = { status: "pending", code: 202, data: { half: [1] } };

  const settled = await backend.stream.settle([answer(lease, body)]);

  expect(settled).toEqual(["settled"]);
  expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([0, 1]);
  const program = ledger();
  await backend.store.step({ limit: 10 }, program);
  expect(program.batches).toHaveLength(1);
  expect(program.batches[0]).toMatchObject([
    {
      key: keyAfter(request.key, "answer"),
      topic: null,
      kind: "complete",
      job: job.id,
      generation: job.generation,
      path: request.path,
      body,
      source: "stored",
      plan: job.plan,
      request: "w",
    },
  ]);
});

const takenOver = law("an answer by who lost the lease changes nothing", async ({ backend, another, clock }) => {
  const other = await another();
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const late = await onlyLease(backend);
  clock.advance(10_000);
  const held = await onlyLease(other);
  const outcomes: readonly Settlement["outcome"][] = [
    { kind: "answer", answer: success("late") },
    { kind: "retry", delayMs: 0, failure },
    { kind: "release", delayMs: 0 },
    { kind: "hold" },
  ];

  for (const outcome of outcomes) {
    expect(await backend.stream.settle([{ lease: late, outcome }])).toEqual(["lease-lost"]);
  }

  expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([1, 0]);
  expect(await leases(backend)).toEqual([]);
  expect(await other.stream.settle([answer(held)])).toEqual(["settled"]);
});

const forged = law("a made-up token answers nothing", async ({ backend }) => {
  await backend.stream.send([message("w", { topic })]);
  const lease = await onlyLease(backend);
  const token = leaseToken("00000000-0000-0000-0000-000000000000");

  expect(await backend.stream.settle([answer({ ...lease, token })])).toEqual(["lease-lost"]);
  expect(await backend.store.depth(null)).toBe(0);
});

const twice = law("an answer that is given twice counts once", async ({ backend }) => {
  await backend.stream.send([message("w", { topic })]);
  const lease = await onlyLease(backend);

  const settled = [
    ...(await backend.stream.settle([answer(lease)])),
    ...(await backend.stream.settle([answer(lease)])),
  ];

  expect(settled).toEqual(["settled", "lease-lost"]);
  expect(await backend.store.depth(null)).toBe(1);
});

const contradiction = law(
  "of two settlements of one lease in one call the first counts",
  async ({ backend, clock }) => {
    await backend.stream.send([message("w", { topic })]);
    const lease = await onlyLease(backend);

    const settled = await backend.stream.settle([
      answer(lease),
      { lease, outcome: { kind: "retry", delayMs: 0, failure } },
      { lease, outcome: { kind: "release", delayMs: 0 } },
    ]);

    clock.advance(60_000);
    expect(settled).toEqual(["settled", "lease-lost", "lease-lost"]);
    expect(await leases(backend)).toEqual([]);
    expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([0, 1]);
  },
);

const each = law("the settlements of one call are settled each by itself", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "lost")]);
  const lost = await onlyLease(backend);
  clock.advance(10_000);
  await leases(backend);
  await backend.stream.send(["w1", "w2", "w3"].map((key) => work(job, key)));
  const [w1, w2, w3] = await leases(backend);
  if (w1 === undefined || w2 === undefined || w3 === undefined) throw new Error("expected three leases");

  const settled = await backend.stream.settle([
    answer(w1),
    answer(lost),
    { lease: w2, outcome: { kind: "release", delayMs: 0 } },
    answer(w3, { status: "error", code: 500, data: { message: "broke" } }),
  ]);

  expect(settled).toEqual(["settled", "lease-lost", "settled", "settled"]);
  expect(await backend.store.depth(null)).toBe(2);
  expect((await leases(backend)).map((lease) => lease.key)).toEqual(["w2"]);
  expect(await backend.stream.settle([])).toEqual([]);
});

const retry = law(
  "a retry is a new message with one more attempt, visible after the delay",
  async ({ backend, clock }) => {
    const job = await opened(backend, "a");
    const policy = { maximumAttempts: 3, backoffCoefficient: 10, maximumIntervalSeconds: 9, initialIntervalSeconds: 1 };
    const request = work(job, "w", { policy, codeRetries: [{ code: "503", retries: 2 }], workflow: "f", attempt: 1 });
    await backend.stream.send([request]);
    const lease = await onlyLease(backend);

    const settled = await backend.stream.settle([{ lease, outcome: { kind: "retry", delayMs: 3_000, failure } }]);

    const visibleAt = after(clock.now(), 3_000);
    clock.advance(2_999);
    expect(settled).toEqual(["settled"]);
    expect(await leases(backend)).toEqual([]);
    clock.advance(1);
    const next = await onlyLease(backend);
    const expected = { ...request, key: keyAfter(lease.key, "retry", 2), attempt: 2, visibleAt, deliveries: 1 };
    expect(next).toMatchObject(expected);
    expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([1, 0]);
  },
);

const release = law("a released message is as if it had not been handed out", async ({ backend, another, clock }) => {
  const other = await another();
  await backend.stream.send([message("w", { topic })]);
  const lease = await onlyLease(backend);

  await backend.stream.settle([{ lease, outcome: { kind: "release", delayMs: 0 } }]);
  const again = await onlyLease(other);
  await other.stream.settle([{ lease: again, outcome: { kind: "release", delayMs: 2_000 } }]);
  const early = await leases(other);
  clock.advance(2_000);

  expect(again).toMatchObject({ key: "w", attempt: 0, deliveries: 1 });
  expect(early).toEqual([]);
  expect(await onlyLease(backend)).toMatchObject({ key: "w", attempt: 0, deliveries: 1 });
  expect(await backend.stream.settle([answer(lease)])).toEqual(["lease-lost"]);
});

const hold = law("a held request is handed out to nobody", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const lease = await onlyLease(backend);

  const settled = await backend.stream.settle([{ lease, outcome: { kind: "hold" } }]);

  clock.advance(86_400_000);
  const report = await backend.stream.claim({ topic, limit: 10, leaseMs: 1_000, holder: "a worker" });
  expect(settled).toEqual(["settled"]);
  expect(report).toEqual({ leases: [], nextDueInMs: null });
  expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([0, 0]);
  expect(await backend.stream.settle([answer(lease)])).toEqual(["lease-lost"]);
});

const held = law("a held request is gone when its pass closes", async ({ backend }) => {
  const job = await opened(backend, "a");
  const request = work(job, "w");
  await backend.stream.send([request]);
  await backend.stream.settle([{ lease: await onlyLease(backend), outcome: { kind: "hold" } }]);

  await act(backend, job, { cancels: [{ by: "path", job: job.id, path: request.path ?? pathText("") }] });
  await backend.stream.send([request]);

  // Its key is free again: nothing of it is left.
  expect(await onlyLease(backend)).toMatchObject({ key: "w", deliveries: 1 });
});

const dead = law("a dead letter is answered, and handed out to nobody", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const lease = await onlyLease(backend);
  const body: AnswerBody = { status: "error", code: 999, data: { message: "delivered too often" } };

  const settled = await backend.stream.settle([{ lease, outcome: { kind: "answer", answer: body, deadLetter: true } }]);

  clock.advance(86_400_000);
  expect(settled).toEqual(["settled"]);
  expect(await leases(backend)).toEqual([]);
  expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([0, 1]);
  expect(await backend.stream.settle([answer(lease)])).toEqual(["lease-lost"]);
});

export const settleLaws: readonly Law[] = [
  settles,
  takenOver,
  forged,
  twice,
  contradiction,
  each,
  retry,
  release,
  hold,
  held,
  dead,
];
