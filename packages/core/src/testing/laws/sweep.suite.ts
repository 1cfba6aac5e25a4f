import { expect } from "vitest";
import { after } from "../../brand.js";
import type { JobRecord } from "../../ports/records.js";
import { act, closing, hook, leases, note, opened, pass, readJob, signal, topic, work } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger } from "./ledger.js";

const belongings = law("sweeping removes an expired job with all that belongs to it", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await act(backend, job, {
    passes: [pass(job)],
    hooksOpened: [hook(job, "k")],
    sends: [work(job, "w"), note(job, "timer", { visibleAt: after(clock.now(), 60_000) })],
  });
  await backend.store.step({ limit: 0, events: [closing(job, { expireAt: after(clock.now(), 10) })] }, ledger());
  clock.advance(10);

  const swept = await backend.store.sweep(10);

  expect(swept).toBe(1);
  expect([await backend.store.depth(topic), await backend.store.depth(null)]).toEqual([0, 0]);
  expect(await backend.store.sweep(10)).toBe(0);
});

const bounded = law("sweeping removes no more than its limit", async ({ backend, clock }) => {
  const expireAt = after(clock.now(), 10);
  const jobs: JobRecord[] = [];
  for (const id of ["a", "b", "c"]) jobs.push(await opened(backend, id));
  await backend.store.step({ limit: 0, events: jobs.map((job) => closing(job, { expireAt })) }, ledger());
  clock.advance(10);

  const swept = [await backend.store.sweep(2), await backend.store.sweep(2), await backend.store.sweep(2)];

  expect(swept).toEqual([2, 1, 0]);
});

const spares = law("sweeping leaves open, kept and not yet expired jobs alone", async ({ backend, clock }) => {
  const [open, kept, soon] = [
    await opened(backend, "open"),
    await opened(backend, "kept"),
    await opened(backend, "soon"),
  ];
  await act(backend, open, { hooksOpened: [hook(open, "k")], sends: [work(open, "w")], passes: [pass(open)] });
  const events = [closing(kept), closing(soon, { expireAt: after(clock.now(), 365 * 86_400_000) })];
  await backend.store.step({ limit: 0, events }, ledger());
  clock.advance(30 * 86_400_000);

  expect(await backend.store.sweep(10)).toBe(0);

  for (const job of [open, kept, soon]) expect(await readJob(backend, job)).toMatchObject({ id: job.id });
  expect(await leases(backend)).toHaveLength(1);
  expect(await backend.store.readPasses(open.id, open.generation)).toHaveLength(1);
  await act(backend, open, { signals: [signal("s", open)] });
  expect(await backend.store.depth(null)).toBe(1);
});

const signals = law("sweeping removes signals that were kept in vain", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await act(backend, job, {
    signals: [
      signal("s1", job, { keys: ["k1"], keepUntil: after(clock.now(), 10) }),
      signal("s2", job, { keys: ["k2"], keepUntil: after(clock.now(), 20) }),
    ],
  });
  clock.advance(10);

  const swept = await backend.store.sweep(10);
  await act(backend, job, { hooksOpened: [hook(job, "k1"), hook(job, "k2")] });

  expect(swept).toBe(1);
  expect(await backend.store.depth(null)).toBe(1);
});

export const sweepLaws: readonly Law[] = [belongings, bounded, spares, signals];
