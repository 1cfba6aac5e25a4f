import { expect } from "vitest";
import type { Backend } from "../../ports/backend.js";
import type { JobRecord } from "../../ports/records.js";
import { answer, leases, note, onlyLease, opened, opening, readJob, topic, work } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger, seenBy } from "./ledger.js";

/** Steps from several processes at once until a round finds nothing left. */
async function drain<Tx>(backends: readonly Backend<Tx>[], limit: number): Promise<number> {
  let total = 0;
  for (let round = 0; round < 20; round += 1) {
    const reports = await Promise.all(backends.map(({ store }) => store.step({ limit }, ledger())));
    const claimed = reports.reduce((sum, report) => sum + report.claimed, 0);
    total += claimed;
    if (claimed === 0) return total;
  }
  throw new Error("the stream did not run dry");
}

function numbered(job: JobRecord, count: number, prefix = "m"): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}${job.id}${String(n).padStart(2, "0")}`);
}

const once = law("concurrent steps consume every message once", async ({ backend, another }) => {
  const backends = [backend, await another(), backend];
  const jobs = [await opened(backend, "a"), await opened(backend, "b"), await opened(backend, "c")];
  await backend.stream.send(jobs.flatMap((job) => numbered(job, 4).map((key) => note(job, key))));

  const claimed = await drain(backends, 1);

  expect(claimed).toBe(12);
  for (const job of jobs) {
    expect(seenBy(await readJob(backend, job))).toEqual(numbered(job, 4).map((key) => `note ${key}`));
  }
});

const chain = law("no two concurrent steps see messages of one job", async ({ backend, another }) => {
  const backends = [backend, await another(), backend];
  const job = await opened(backend, "a");

  // Each step leaves one more message behind, while others look for what is free.
  await backend.stream.send([note(job, "0")]);
  const program = ledger({
    note: ({ message }) => (Number(message.key) < 7 ? { sends: [note(job, `${Number(message.key) + 1}`)] } : {}),
  });
  for (let round = 0; round < 8; round += 1) {
    await Promise.all(backends.map(({ store }) => store.step({ limit: 5 }, program)));
  }
  await backend.store.step({ limit: 5 }, program);

  const seen = seenBy(await readJob(backend, job));
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((n) => `note ${n}`));
});

const lost = law("a step sees every earlier commit to the jobs it claims", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");

  // Senders and claimers race on one job: whoever read it before it had the lock would lose a write.
  await Promise.all(
    numbered(job, 8).map(async (key, n) => {
      const { store, stream } = n % 2 === 0 ? backend : other;
      await stream.send([note(job, key)]);
      await store.step({ limit: 10 }, ledger());
    }),
  );
  await backend.store.step({ limit: 10 }, ledger());

  const after = await readJob(backend, job);
  expect([...seenBy(after)].sort()).toEqual(numbered(job, 8).map((key) => `note ${key}`));
});

const events = law("concurrent events of one job are all counted", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");

  const reports = await Promise.all(
    numbered(job, 10).map((key, n) =>
      (n % 2 === 0 ? backend : other).store.step({ limit: 0, events: [note(job, key)] }, ledger()),
    ),
  );

  expect(reports.map((report) => report.verdicts[0]?.outcome)).toEqual(Array(10).fill("applied"));
  const after = await readJob(backend, job);
  expect([...seenBy(after)].sort()).toEqual(numbered(job, 10).map((key) => `note ${key}`));
  expect(after.revision).toBe(11);
});

const mixed = law("events and claims of one job lose nothing to each other", async ({ backend, another }) => {
  const other = await another();
  const jobs = [await opened(backend, "a"), await opened(backend, "b")];
  await backend.stream.send(jobs.flatMap((job) => numbered(job, 3).map((key) => note(job, key))));

  await Promise.all([
    backend.store.step({ limit: 1 }, ledger()),
    other.store.step({ limit: 1 }, ledger()),
    ...jobs.map((job) => other.store.step({ limit: 0, events: [note(job, `event ${job.id}`)] }, ledger())),
    ...jobs.map((job) => backend.store.step({ limit: 1, events: [note(job, `second ${job.id}`)] }, ledger())),
  ]);
  await backend.store.step({ limit: 10 }, ledger());

  for (const job of jobs) {
    const expected = [`event ${job.id}`, `second ${job.id}`, ...numbered(job, 3)].map((key) => `note ${key}`);
    expect([...seenBy(await readJob(backend, job))].sort()).toEqual(expected.sort());
  }
});

const crossed = law("steps that name the same jobs in another order all commit", async ({ backend, another }) => {
  const other = await another();
  const jobs = [await opened(backend, "a"), await opened(backend, "b"), await opened(backend, "c")];
  const there = jobs.map((job) => note(job, "there"));
  const back = [...jobs].reverse().map((job) => note(job, "back"));

  await Promise.all([
    backend.store.step({ limit: 0, events: there }, ledger()),
    other.store.step({ limit: 0, events: back }, ledger()),
  ]);

  for (const job of jobs) {
    expect([...seenBy(await readJob(backend, job))].sort()).toEqual(["note back", "note there"]);
  }
});

const starts = law("of concurrent starts of one id one wins", async ({ backend, another }) => {
  const other = await another();

  const reports = await Promise.all(
    [backend, other, backend, other].map(({ store }) => store.step({ limit: 0, events: [opening("a")] }, ledger())),
  );

  const outcomes = reports.map((report) => report.verdicts[0]?.outcome);
  expect(outcomes.sort()).toEqual(["applied", "duplicate", "duplicate", "duplicate"]);
});

const claims = law("concurrent claims never get one message twice", async ({ backend, another }) => {
  const backends = [backend, await another(), backend, await another()];
  const job = await opened(backend, "a");
  await backend.stream.send(numbered(job, 12).map((key) => work(job, key)));

  const claimed = (await Promise.all(backends.map((one) => leases(one, 4)))).flat();
  const rest = await leases(backend, 12);

  expect([...claimed, ...rest].map((lease) => lease.key).sort()).toEqual(numbered(job, 12));
});

const answers = law("one lease that two processes answer at once counts once", async ({ backend, another }) => {
  const other = await another();
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w")]);
  const lease = await onlyLease(backend);

  const [first, second, settled] = await Promise.all([
    backend.store.step({ limit: 0, answers: [answer(lease)] }, ledger()),
    other.store.step({ limit: 0, answers: [answer(lease)] }, ledger()),
    other.stream.settle([answer(lease)]),
  ]);
  await backend.store.step({ limit: 10 }, ledger());

  const outcomes = [...first.answers, ...second.answers, ...settled];
  expect(outcomes.sort()).toEqual(["lease-lost", "lease-lost", "settled"]);
  expect(seenBy(await readJob(backend, job))).toHaveLength(1);
  expect(await backend.store.depth(topic)).toBe(0);
});

export const concurrencyLaws: readonly Law[] = [once, chain, lost, events, mixed, crossed, starts, claims, answers];
