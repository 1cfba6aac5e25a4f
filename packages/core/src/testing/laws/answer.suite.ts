import { expect } from "vitest";
import { keyAfter } from "../../job/keys.js";
import { answer, leases, message, note, onlyLease, opened, pass, readJob, success, topic, work } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger, seenBy } from "./ledger.js";

const consumed = law(
  "an answer that is brought to a step consumes its request and stores nothing",
  async ({ backend }) => {
    const job = await opened(backend, "a");
    const request = work(job, "w");
    await backend.stream.send([request]);
    const lease = await onlyLease(backend);
    const program = ledger();

    const report = await backend.store.step({ limit: 0, answers: [answer(lease, success("done"))] }, program);

    expect(report).toMatchObject({ answers: ["settled"], verdicts: [], claimed: 0 });
    expect(program.batches).toHaveLength(1);
    expect(program.batches[0]).toMatchObject([
      {
        key: keyAfter(request.key, "answer"),
        kind: "complete",
        job: job.id,
        generation: job.generation,
        path: request.path,
        body: success("done"),
        source: "answer",
        plan: job.plan,
        request: "w",
      },
    ]);
    expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([0, 0]);
    expect(await backend.stream.settle([answer(lease)])).toEqual(["lease-lost"]);
  },
);

const lost = law("an answer without its lease is not decided", async ({ backend, another, clock }) => {
  const other = await another();
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "lost")]);
  const late = await onlyLease(backend);
  clock.advance(10_000);
  const held = await onlyLease(other);
  await backend.stream.send([work(job, "w")]);
  const lease = await onlyLease(backend);
  const program = ledger();

  const report = await backend.store.step(
    { limit: 0, answers: [answer(late), answer(lease)], events: [note(job, "event")] },
    program,
  );

  expect(report.answers).toEqual(["lease-lost", "settled"]);
  expect(report.verdicts).toHaveLength(1);
  expect(program.batches.at(-1)?.map((inbound) => inbound.request)).toEqual(["w", null]);
  expect(await other.stream.settle([answer(held)])).toEqual(["settled"]);
});

const onlyLost = law("a step with lost answers only changes nothing", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const lease = await onlyLease(backend);
  await backend.stream.settle([answer(lease)]);

  const report = await backend.store.step({ limit: 0, answers: [answer(lease)] }, ledger());

  expect(report).toMatchObject({ answers: ["lease-lost"], verdicts: [] });
  expect(await readJob(backend, job)).toEqual(job);
});

const repeated = law("an answer that is brought twice to one step counts once", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const lease = await onlyLease(backend);

  const report = await backend.store.step({ limit: 0, answers: [answer(lease), answer(lease)] }, ledger());

  expect(report.answers).toEqual(["settled", "lease-lost"]);
  expect(seenBy(await readJob(backend, job))).toHaveLength(1);
});

const samePass = law("a program sees one answer whichever way it comes", async ({ backend }) => {
  const job = await opened(backend, "a");
  const program = ledger();
  await backend.stream.send([work(job, "w")]);
  await backend.stream.settle([answer(await onlyLease(backend), success("same"))]);
  await backend.store.step({ limit: 10 }, program);

  await backend.stream.send([work(job, "w")]);
  await backend.store.step({ limit: 0, answers: [answer(await onlyLease(backend), success("same"))] }, program);

  const [stored, brought] = program.batches.flat();
  expect({ ...brought, source: "stored" }).toEqual(stored);
});

const inputBrought = law(
  "a pass gets its input from the request that a brought answer consumes",
  async ({ backend }) => {
    const job = await opened(backend, "a");
    const request = work(job, "w", { body: { temp: 900, deep: [{}] } });
    await backend.stream.send([request]);
    const program = ledger({ complete: () => ({ passes: [pass(job, { inputOf: request.key, input: "ignored" })] }) });

    await backend.store.step({ limit: 0, answers: [answer(await onlyLease(backend))] }, program);

    const passes = await backend.store.readPasses(job.id, job.generation);
    expect(passes.map((written) => written.input)).toEqual([request.body]);
  },
);

const inputStored = law("a pass gets its input from the request that a stored answer consumed", async ({ backend }) => {
  const job = await opened(backend, "a");
  const request = work(job, "w", { body: { temp: 900, deep: [{}] } });
  await backend.stream.send([request]);
  const program = ledger({ complete: () => ({ passes: [pass(job, { inputOf: request.key, input: "ignored" })] }) });

  await backend.stream.settle([answer(await onlyLease(backend))]);
  await backend.store.step({ limit: 10 }, program);

  const passes = await backend.store.readPasses(job.id, job.generation);
  expect(passes.map((written) => written.input)).toEqual([request.body]);
});

const inputDead = law("a pass gets its input from a request that became a dead letter", async ({ backend }) => {
  const job = await opened(backend, "a");
  const request = work(job, "w");
  await backend.stream.send([request]);
  const lease = await onlyLease(backend);
  const program = ledger({ complete: () => ({ passes: [pass(job, { inputOf: request.key })] }) });
  const body = { status: "error", code: 999, data: null } as const;

  const outcome = { kind: "answer", answer: body, deadLetter: true } as const;
  const report = await backend.store.step({ limit: 0, answers: [{ lease, outcome }] }, program);

  const passes = await backend.store.readPasses(job.id, job.generation);
  expect(report.answers).toEqual(["settled"]);
  expect(passes.map((written) => written.input)).toEqual([request.body]);
  expect(await leases(backend)).toEqual([]);
  expect(await backend.store.depth(topic)).toBe(0);
});

const many = law("the answers of one step are decided in the order given", async ({ backend }) => {
  const [a, b] = [await opened(backend, "a"), await opened(backend, "b")];
  const keys = ["w1", "w2", "w3"];
  await backend.stream.send([work(a, "w1"), work(b, "w2"), work(a, "w3")]);
  const claimed = await leases(backend);
  const backwards = [...claimed].reverse();

  const report = await backend.store.step({ limit: 0, answers: backwards.map((lease) => answer(lease)) }, ledger());

  expect(claimed.map((lease) => lease.key)).toEqual(keys);
  expect(report.answers).toEqual(["settled", "settled", "settled"]);
  const [w1, w3] = [work(a, "w1"), work(a, "w3")].map(({ key }) => `complete ${keyAfter(key, "answer")}`);
  expect(seenBy(await readJob(backend, a))).toEqual([w3, w1]);
});

const jobless = law("an answer to work about no job reaches the program", async ({ backend }) => {
  await backend.stream.send([message("w", { topic })]);
  const program = ledger();

  await backend.store.step({ limit: 0, answers: [answer(await onlyLease(backend))] }, program);

  expect(program.batches[0]).toMatchObject([{ kind: "complete", job: null, request: "w" }]);
  expect(await backend.store.depth(topic)).toBe(0);
});

export const answerLaws: readonly Law[] = [
  consumed,
  lost,
  onlyLost,
  repeated,
  samePass,
  inputBrought,
  inputStored,
  inputDead,
  many,
  jobless,
];
