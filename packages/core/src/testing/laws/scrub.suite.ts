import { expect } from "vitest";
import { after, generationId, jobId } from "../../brand.js";
import {
  act,
  answer,
  closing,
  hook,
  item,
  leases,
  message,
  note,
  onlyLease,
  opened,
  opening,
  pass,
  readJob,
  signal,
  topic,
  work,
} from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger, seenBy } from "./ledger.js";

const belongings = law("scrubbing removes a job with all that belongs to it", async ({ backend, clock }) => {
  const [job, other] = [await opened(backend, "a"), await opened(backend, "b")];
  const later = after(clock.now(), 60_000);
  for (const owner of [job, other]) {
    await act(backend, owner, {
      passes: [pass(owner)],
      hooksOpened: [hook(owner, `k${owner.id}`)],
      sends: [work(owner, `w${owner.id}`), note(owner, `timer ${owner.id}`, { visibleAt: later })],
      escalationsOpened: [item(owner, `wait ${owner.id}`, { key: owner.id })],
    });
  }
  const failure = { message: "no clay", code: 503 };
  for (const lease of await leases(backend)) {
    await backend.stream.settle([{ lease, outcome: { kind: "retry", delayMs: 0, failure } }]);
  }

  await backend.store.scrub(job.id);

  expect(await backend.store.readJob(job.id)).toBeNull();
  expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([1, 1]);
  const items = [...(await backend.store.readEscalations("a")), ...(await backend.store.readEscalations("b"))];
  expect(items.map(({ status }) => status)).toEqual(["cancelled", "pending"]);
  expect(await readJob(backend, other)).toMatchObject({ id: "b" });
  expect(await backend.store.readAttempts(other.id, other.generation)).toHaveLength(1);
  await act(backend, other, { signals: [signal("s", other, { keys: ["ka", "kb"] })] });
  const program = ledger();
  await backend.store.step({ limit: 10 }, program);
  expect(program.batches.flat().map(({ kind, job: to }) => [kind, to])).toEqual([["signal", "b"]]);
});

const again = law("the id of a scrubbed job is free, and the next one inherits nothing", async ({ backend }) => {
  const old = await opened(backend, "a", { data: { old: true } });
  const failure = { message: "no clay", code: 503 };
  await act(backend, old, { passes: [pass(old)], sends: [work(old, "w")], hooksOpened: [hook(old, "k")] });
  const lease = await onlyLease(backend);
  await backend.stream.settle([{ lease, outcome: { kind: "retry", delayMs: 0, failure } }]);
  await backend.store.scrub(old.id);

  const report = await backend.store.step({ limit: 0, events: [opening("a")] }, ledger());

  expect(report.verdicts[0]?.outcome).toBe("applied");
  const job = await readJob(backend, old);
  expect(job).toMatchObject({ revision: 1, data: null });
  expect(await backend.store.readPasses(job.id, job.generation)).toEqual([]);
  expect(await backend.store.readAttempts(job.id, job.generation)).toEqual([]);
  expect(await leases(backend)).toEqual([]);
});

const anyState = law("a job is scrubbed in any state, and an unknown one is no error", async ({ backend, clock }) => {
  const phases = ["pending", "running", "completed", "failed", "interrupted"] as const;
  for (const phase of phases) await opened(backend, phase, { phase, status: phase === "running" ? 1 : 0 });
  const expired = await opened(backend, "expired");
  await backend.store.step({ limit: 0, events: [closing(expired, { expireAt: after(clock.now(), 5) })] }, ledger());
  clock.advance(5);

  for (const id of [...phases, "expired", "nobody"]) await backend.store.scrub(jobId(id));

  for (const id of phases) expect(await backend.store.readJob(jobId(id))).toBeNull();
  expect(await backend.store.sweep(10)).toBe(0);
});

const anyIncarnation = law(
  "messages for whichever job has the id go with it, those for its next incarnation stay",
  async ({ backend }) => {
    const old = await opened(backend, "a");
    const second = generationId("second");
    const next = { ...opening("a"), generation: second };
    await backend.stream.send([
      { ...note(old, "any"), generation: null },
      { ...next, visibleAt: null },
    ]);

    await backend.store.scrub(old.id);
    await backend.store.step({ limit: 10 }, ledger());

    expect(await readJob(backend, old)).toMatchObject({ generation: "second", revision: 1, control: { seen: [] } });
  },
);

const oneIncarnation = law("who scrubs one incarnation of a job leaves the others", async ({ backend }) => {
  const old = await opened(backend, "a");
  await backend.stream.send([work(old, "w")]);

  await backend.store.scrub(old.id, generationId("second"));
  expect(await readJob(backend, old)).toMatchObject({ generation: old.generation });
  expect(await backend.store.depth(topic)).toBe(1);

  await backend.store.scrub(old.id, old.generation);
  expect(await backend.store.readJob(old.id)).toBeNull();
  expect(await backend.store.depth(topic)).toBe(0);
});

const lostLease = law("who works on a scrubbed job has lost the lease", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const lease = await onlyLease(other);

  await backend.store.scrub(job.id);

  expect(await other.stream.extend([lease.token], 10_000)).toEqual([]);
  expect(await other.stream.settle([answer(lease)])).toEqual(["lease-lost"]);
  expect(await backend.store.depth(null)).toBe(0);
});

const remembered = law("nobody decides on a scrubbed job that he remembers", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");
  await opened(other, "b");

  await other.store.scrub(job.id);
  await other.store.scrub(jobId("b"));

  const seen = await backend.store.step({ limit: 0, events: [note(job, "m")] }, ledger());
  expect(seen.verdicts).toEqual([{ outcome: "stale", reason: "not-found" }]);
  for (const id of ["a", "b"]) {
    const report = await other.store.step({ limit: 0, events: [opening(id)] }, ledger());
    expect(report.verdicts[0]?.outcome).toBe("applied");
  }
});

const race = law("a step beside a scrub is done before it, or finds no job", async ({ backend, another }) => {
  const other = await another();
  const rounds = Array.from({ length: 12 }, (_, n) => `j${n}`);

  for (const id of rounds) {
    const job = await opened(backend, id);
    await backend.stream.send([note(job, `stored ${id}`)]);
    const reaction = { passes: [pass(job)], sends: [work(job, `w ${id}`)], hooksOpened: [hook(job, id)] };
    const event = message(`act ${id}`, { kind: "act", job: job.id });
    await Promise.all([
      other.store.scrub(job.id),
      backend.store.step({ limit: 0, events: [event] }, ledger({ act: (turn) => (turn.job === null ? {} : reaction) })),
      other.store.step({ limit: 5 }, ledger()),
    ]);
    expect(await backend.store.readJob(job.id)).toBeNull();
  }

  await backend.store.step({ limit: 100 }, ledger());
  expect(await leases(backend, 100)).toEqual([]);
  expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([0, 0]);
});

const waits = law(
  "a scrub waits for a caller's transaction that works on the job",
  async ({ backend, another, transact }) => {
    const other = await another();
    const job = await opened(backend, "a");
    const order: string[] = [];
    let scrubbed: Promise<unknown> = Promise.resolve();

    await transact("commit", async (within) => {
      await backend.store.step({ limit: 0, events: [note(job, "m")], within }, ledger());
      scrubbed = other.store.scrub(job.id).then(() => order.push("scrubbed"));
      expect(seenBy(await readJob(backend, job))).toEqual([]);
      order.push("worked");
    });
    await scrubbed;

    expect(order).toEqual(["worked", "scrubbed"]);
    expect(await backend.store.readJob(job.id)).toBeNull();
  },
  ["transact"],
);

export const scrubLaws: readonly Law[] = [
  belongings,
  again,
  anyState,
  anyIncarnation,
  oneIncarnation,
  lostLease,
  remembered,
  race,
  waits,
];
