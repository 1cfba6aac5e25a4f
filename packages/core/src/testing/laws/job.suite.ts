import { expect } from "vitest";
import { after, generationId, jobId, pathText, planId } from "../../brand.js";
import type { JobRecord } from "../../ports/records.js";
import { act, closing, hook, leases, note, opened, opening, pass, readJob, signal, topic, work } from "./builders.js";
import { type Law, law } from "./law.js";
import { ledger, seenBy } from "./ledger.js";

const whole = law("a job is read as it was written", async ({ backend, clock }) => {
  const record: Partial<JobRecord> = {
    plan: planId("p".repeat(43)),
    topic: "order:placed *",
    version: "1.2.3-beta",
    phase: "failed",
    status: 2,
    control: { nested: [[], {}, [{ "": null }]], text: 'quotes " and \\ and\nlines', number: -1.5e-7, no: false },
    data: { done: true, list: [], nothing: null, text: "" },
    fields: { _x: "1", "-m": "" },
    failure: { message: "glaze ran", code: 422 },
    key: "k",
    entity: "pot",
    parent: { job: jobId("parent"), generation: generationId("g"), path: pathText("call,0,0"), awaits: false },
    origin: "root",
    waiter: "Hguid",
    trace: "trace",
    createdAt: after(clock.now(), -7),
    updatedAt: after(clock.now(), -3),
    expireAt: after(clock.now(), 60_000),
  };
  const body = JSON.parse(JSON.stringify(record));

  await opened(backend, "the job / with 'any' id", body);

  const start = opening("the job / with 'any' id");
  expect(await backend.store.readJob(jobId("the job / with 'any' id"))).toEqual({
    ...record,
    id: start.job,
    generation: start.generation,
    revision: 1,
  });
});

const unknown = law("a job that never was is not found", async ({ backend }) => {
  expect(await backend.store.readJob(jobId("nobody"))).toBeNull();
  expect(await backend.store.readPasses(jobId("nobody"), generationId("g"))).toEqual([]);
});

const aliased = law("nobody can change the database through what was handed in or out", async ({ backend }) => {
  const list = ["kept"];
  const job = await opened(backend, "a", { data: { list } });
  const sent = note(job, "m", { body: { list } });
  await backend.stream.send([sent]);
  const program = ledger();

  list.push("smuggled in");
  const found = await readJob(backend, job);
  tamper(found.data?.["list"]);
  await backend.store.step({ limit: 10 }, program);

  expect((await readJob(backend, job)).data).toEqual({ list: ["kept"] });
  expect(program.batches[0]?.[0]?.body).toEqual({ list: ["kept"] });
});

/** What is handed out may be frozen, or a copy. */
function tamper(list: unknown): void {
  try {
    if (Array.isArray(list)) list.push("smuggled in");
  } catch {
    return;
  }
}

const expired = law("an expired job is not found from that instant on", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await act(backend, job, { passes: [pass(job)] });
  await backend.store.step({ limit: 0, events: [closing(job, { expireAt: after(clock.now(), 1_000) })] }, ledger());
  const program = ledger();

  clock.advance(999);
  const before = await backend.store.readJob(job.id);
  clock.advance(1);

  expect(before).not.toBeNull();
  expect(await backend.store.readJob(job.id)).toBeNull();
  expect(await backend.store.readPasses(job.id, job.generation)).toEqual([]);
  await backend.store.step({ limit: 0, events: [note(job, "m")] }, program);
  expect(program.snapshots[0]?.jobs.size).toBe(0);
});

const taken = law("the id of a live job is taken, finished or not", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await backend.store.step({ limit: 0, events: [closing(job, { expireAt: after(clock.now(), 1_000) })] }, ledger());
  clock.advance(999);

  const report = await backend.store.step({ limit: 0, events: [opening("a")] }, ledger());

  expect(report.verdicts).toEqual([{ outcome: "duplicate" }]);
  expect((await readJob(backend, job)).phase).toBe("completed");
});

const reborn = law("a job over an expired one inherits nothing from it", async ({ backend, clock }) => {
  const old = await opened(backend, "a");
  await act(backend, old, { passes: [pass(old)], hooksOpened: [hook(old, "k")] });
  await backend.stream.send([work(old, "old work"), note(old, "old timer", { visibleAt: after(clock.now(), 5_000) })]);
  await backend.store.step({ limit: 0, events: [closing(old, { expireAt: after(clock.now(), 10) })] }, ledger());
  clock.advance(10);

  const start = { ...opening("a"), generation: generationId("second") };
  const report = await backend.store.step({ limit: 0, events: [start] }, ledger());
  const job = await readJob(backend, old);
  await act(backend, job, { signals: [signal("s", job)] });

  expect(report.verdicts[0]?.outcome).toBe("applied");
  expect(job).toMatchObject({ generation: "second", revision: 1 });
  expect(await backend.store.readPasses(job.id, job.generation)).toEqual([]);
  expect(await backend.store.depth(topic)).toBe(0);
  expect(await backend.store.depth(null)).toBe(0);
});

const forNext = law(
  "a message for the new incarnation survives the removal of the old one",
  async ({ backend, clock }) => {
    const old = await opened(backend, "a");
    await backend.store.step({ limit: 0, events: [closing(old, { expireAt: after(clock.now(), 10) })] }, ledger());
    clock.advance(10);
    const second = generationId("second");
    const start = { ...opening("a"), generation: second };

    await backend.stream.send([start, { ...note(old, "m"), generation: second, visibleAt: after(clock.now(), 5) }]);
    await backend.store.step({ limit: 10 }, ledger());
    clock.advance(5);
    await backend.store.step({ limit: 10 }, ledger());

    expect(seenBy(await readJob(backend, old))).toEqual(["note m"]);
  },
);

const earlier = law("the generation tells a program which incarnation a message means", async ({ backend }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([{ ...note(job, "m"), generation: generationId("an earlier one") }]);
  const program = ledger();

  await backend.store.step({ limit: 10 }, program);

  expect(program.batches[0]?.[0]?.generation).toBe("an earlier one");
  expect(await readJob(backend, job)).toEqual(job);
});

const depth = law("the depth counts what is scheduled, due or leased", async ({ backend, clock }) => {
  const job = await opened(backend, "a");
  await backend.stream.send([work(job, "w1"), work(job, "w2")]);
  await backend.stream.send([work(job, "later", { visibleAt: after(clock.now(), 60_000) })]);
  await backend.stream.send([work(job, "elsewhere", { topic: "another topic" }), note(job, "engine")]);

  await leases(backend, 1);

  expect(await backend.store.depth(topic)).toBe(3);
  expect(await backend.store.depth("another topic")).toBe(1);
  expect(await backend.store.depth("no topic")).toBe(0);
  expect(await backend.store.depth(null)).toBe(1);
});

export const jobLaws: readonly Law[] = [whole, unknown, aliased, expired, taken, reborn, forNext, earlier, depth];
